// The dialog that opens a citation: the document's text around it, the cited words marked.
import { ApiError, getJson, type Source } from "./api";

const contextBytes = 4000;
const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

export interface Place { begin: number; end: number; }

export function closeOnBackdrop(dialog: HTMLDialogElement): void {
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}

export function setUpSourceDialog(): void {
  const dialog = element<HTMLDialogElement>("source");
  element("source-close").addEventListener("click", () => dialog.close());
  closeOnBackdrop(dialog);
}

function showPlace(source: Source): void {
  const place = element("source-place");
  place.replaceChildren(source.heading);
  if (source.heading && source.source) place.append(" · ");
  if (!/^https?:\/\//.test(source.source)) {
    place.append(source.source);
    return;
  }
  const link = document.createElement("a");
  link.href = source.source;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.textContent = source.source;
  place.append(link);
}

// `expected` is what stood at `place` when the answer was made.
export async function openSource(source: Source, place: Place, expected: string): Promise<void> {
  const dialog = element<HTMLDialogElement>("source");
  const text = element("source-text");
  element("source-title").textContent = source.title || "Untitled document";
  showPlace(source);
  text.replaceChildren("Loading…");
  dialog.showModal();
  try {
    const whole = await getJson<{ text: string }>(`/api/documents/${encodeURIComponent(source.document_id)}`);
    if (!showMarked(text, whole.text, place, expected)) showPassage(text, source, "The document has changed since.");
  } catch (error) {
    const gone = error instanceof ApiError && error.status === 404;
    showPassage(text, source, gone ? "The document has been removed since."
      : `The whole document cannot be shown: ${error instanceof ApiError ? error.message : "the server did not answer"}.`);
  }
}

// Offsets are bytes of the document's UTF-8 text, so the text is cut as bytes. False: something else stands there.
function showMarked(text: HTMLElement, whole: string, place: Place, expected: string): boolean {
  const bytes = new TextEncoder().encode(whole);
  const slice = (from: number, to: number): string => new TextDecoder().decode(bytes.slice(from, to));
  if (slice(place.begin, place.end) !== expected) return false;
  const from = startOfCharacter(bytes, Math.max(0, place.begin - contextBytes));
  const to = startOfCharacter(bytes, Math.min(bytes.length, place.end + contextBytes));
  const mark = document.createElement("mark");
  mark.textContent = expected;
  text.replaceChildren(from > 0 ? "… " : "", slice(from, place.begin), mark, slice(place.end, to),
    to < bytes.length ? " …" : "");
  mark.scrollIntoView({ block: "center" });
  return true;
}

// The passage as the answer was made from it.
function showPassage(text: HTMLElement, source: Source, note: string): void {
  const why = document.createElement("p");
  why.className = "note";
  why.textContent = `${note} This is the passage that the answer was made from:`;
  const mark = document.createElement("mark");
  mark.textContent = source.text;
  text.replaceChildren(why, mark);
}

function startOfCharacter(bytes: Uint8Array, at: number): number {
  while (at > 0 && at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) --at;
  return at;
}
