// The dialog of documents: what there is, adding files, removing one.
import { addFile, ApiError, getJson, removeDocument, type DocumentPage, type StoredDocument } from "./api";
import { closeOnBackdrop } from "./source_dialog";

const pageSize = 50;
const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const said = (text: string): void => { element("documents-said").textContent = text; };
const reason = (error: unknown): string => (error instanceof ApiError ? error.message : "something went wrong");

let cursor: string | null = null;

function itemOf(stored: StoredDocument, onChanged: () => void): HTMLLIElement {
  const item = document.createElement("li");
  const about = document.createElement("div");
  const title = document.createElement("strong");
  title.textContent = stored.title;
  const detail = document.createElement("p");
  detail.className = "hint";
  const passages = `${stored.chunk_count} ${stored.chunk_count === 1 ? "passage" : "passages"}`;
  const changed = new Date(stored.updated_at).toLocaleDateString(undefined, { dateStyle: "medium" });
  detail.textContent = [stored.source, passages, changed].filter(Boolean).join(" · ");
  about.append(title, detail);
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "quiet";
  remove.textContent = "Remove";
  remove.setAttribute("aria-label", `Remove ${stored.title}`);
  remove.addEventListener("click", () => {
    // The first click asks, the second one does it: nothing else on this page destroys anything.
    if (!remove.classList.contains("sure")) {
      remove.classList.add("sure");
      remove.textContent = "Really remove?";
      remove.setAttribute("aria-label", `Really remove ${stored.title}?`);
      return;
    }
    removeDocument(stored.id).then(() => {
      element("documents-title").focus();
      item.remove();
      said(`Removed “${stored.title}”.`);
      onChanged();
    }, (error) => said(`“${stored.title}” was not removed: ${reason(error)}.`));
  });
  item.append(about, remove);
  return item;
}

async function show(onChanged: () => void, more = false): Promise<void> {
  try {
    const after = more && cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const page = await getJson<DocumentPage>(`/api/documents?limit=${pageSize}${after}`);
    if (!more) element("documents-list").replaceChildren();
    element("documents-list").append(...page.documents.map((stored) => itemOf(stored, onChanged)));
    cursor = page.next_cursor;
    element("documents-more").hidden = cursor === null;
    if (!more && page.documents.length === 0) said("There are no documents yet.");
  } catch (error) {
    said(`The documents cannot be listed: ${reason(error)}.`);
  }
}

async function add(files: File[], onChanged: () => void): Promise<void> {
  const failed: string[] = [];
  let added = 0;
  for (const [index, file] of files.entries()) {
    said(`Adding ${index + 1} of ${files.length}: ${file.name}`);
    try {
      await addFile(file);
      added += 1;
    } catch (error) {
      const why = reason(error);  // the server names the file where it is to blame
      failed.push(why.startsWith(`${file.name}: `) ? why : `${file.name}: ${why}`);
    }
  }
  await show(onChanged);
  said([added > 0 ? `Added ${added} ${added === 1 ? "file" : "files"}.` : "", ...failed].filter(Boolean).join(" "));
  onChanged();
}

export function setUpDocumentsDialog(onChanged: () => void): { open(): void } {
  const dialog = element<HTMLDialogElement>("documents");
  const files = element<HTMLInputElement>("files");
  closeOnBackdrop(dialog);
  element("documents-close").addEventListener("click", () => dialog.close());
  element("documents-more").addEventListener("click", () => void show(onChanged, true));
  files.addEventListener("change", () => {
    const chosen = [...(files.files ?? [])];
    files.value = "";
    void add(chosen, onChanged);
  });
  const open = (): void => {
    said("");
    dialog.showModal();
    void show(onChanged);
  };
  element("documents-open").addEventListener("click", open);
  return { open };
}
