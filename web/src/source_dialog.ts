// The dialog that opens a citation: the document's text around it, the cited words marked.
import { ApiError, getJson, type Source } from "./api";

const contextBytes = 1200;
const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

export interface Place { begin: number; end: number; }

export function setUpSourceDialog(): void {
  const dialog = element<HTMLDialogElement>("source");
  element("source-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}

// Offsets are bytes of the document's UTF-8 text, so the text is cut as bytes.
export async function openSource(source: Source, place: Place): Promise<void> {
  const dialog = element<HTMLDialogElement>("source");
  const text = element("source-text");
  element("source-title").textContent = source.title || "Untitled document";
  element("source-place").textContent = [source.heading, source.source].filter(Boolean).join(" · ");
  text.replaceChildren("Loading…");
  dialog.showModal();
  try {
    const whole = await getJson<{ text: string }>(`/api/documents/${encodeURIComponent(source.document_id)}`);
    const bytes = new TextEncoder().encode(whole.text);
    const slice = (from: number, to: number): string => new TextDecoder().decode(bytes.slice(from, to));
    const from = startOfCharacter(bytes, Math.max(0, place.begin - contextBytes));
    const to = startOfCharacter(bytes, Math.min(bytes.length, place.end + contextBytes));
    const mark = document.createElement("mark");
    mark.textContent = slice(place.begin, place.end);
    text.replaceChildren(from > 0 ? "… " : "", slice(from, place.begin), mark, slice(place.end, to),
      to < bytes.length ? " …" : "");
    mark.scrollIntoView({ block: "center" });
  } catch (error) {
    text.replaceChildren(error instanceof ApiError ? `The document cannot be shown: ${error.message}`
      : "The document cannot be shown: the server did not answer.");
  }
}

function startOfCharacter(bytes: Uint8Array, at: number): number {
  while (at > 0 && at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) --at;
  return at;
}
