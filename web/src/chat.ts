// The chat page: asks, shows the answer while it grows, opens what it cites.
import { ApiError, ask, getJson, storedKey, storeKey, type Turn } from "./api";
import { setUpSourceDialog } from "./source_dialog";
import { TurnView } from "./turn_view";

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const log = element("log"), status = element("status"), form = element<HTMLFormElement>("ask");
const question = element<HTMLTextAreaElement>("question"), key = element<HTMLInputElement>("key");
const send = element<HTMLButtonElement>("send"), stop = element<HTMLButtonElement>("stop");
const newChat = element<HTMLButtonElement>("new-chat");

const historyTurns = 20;  // the server keeps as many
let history: Turn[] = [];
let running: AbortController | null = null;

function setRunning(controller: AbortController | null): void {
  running = controller;
  send.disabled = controller !== null;
  stop.hidden = controller === null;
}

function explain(error: unknown): string {
  if (!(error instanceof ApiError)) return "The server did not answer. Is Weir running?";
  if (error.status === 401) {
    element("key-row").hidden = false;
    key.focus();
  }
  return [error.message, error.hint].filter(Boolean).join(". ");
}

async function submit(): Promise<void> {
  const message = question.value.trim();
  if (!message || running) return;
  if (key.value) storeKey(key.value);
  const controller = new AbortController();
  setRunning(controller);
  new TurnView(log, "you", message);
  const answer = new TurnView(log, "weir");
  question.value = "";
  status.textContent = "Answering…";
  let text = "";
  try {
    await ask(message, history, {
      sources: (sources) => answer.setSources(sources),
      text: (delta) => { text += delta; answer.addText(delta); log.scrollTop = log.scrollHeight; },
      citation: (citation) => answer.addCitation(citation),
      done: (whole) => answer.finish(whole),
    }, controller.signal);
    history = [...history, { role: "user" as const, text: message }, { role: "assistant" as const, text }].slice(-historyTurns);
    status.textContent = `Answer: ${text}`;
    newChat.hidden = false;
  } catch (error) {
    const stopped = controller.signal.aborted;
    const said = stopped ? "Stopped." : explain(error);
    answer.fail(said);
    if (!stopped && text === "") question.value = message;
    status.textContent = said;
  } finally {
    setRunning(null);
    log.scrollTop = log.scrollHeight;
  }
}

async function countDocuments(): Promise<void> {
  try {
    const page = await getJson<{ documents: unknown[] }>("/api/documents?limit=1");
    if (page.documents.length === 0) {
      element("documents-status").textContent = "No documents yet: add some with weir ingest PATH.";
    }
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) element("key-row").hidden = false;
  }
}

form.addEventListener("submit", (event) => { event.preventDefault(); void submit(); });
question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    void submit();
  }
});
stop.addEventListener("click", () => running?.abort());
newChat.addEventListener("click", () => {
  history = [];
  log.replaceChildren();
  newChat.hidden = true;
  question.focus();
});
setUpSourceDialog();
key.value = storedKey();
void countDocuments();
question.focus();
