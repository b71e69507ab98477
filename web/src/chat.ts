// The chat page: asks, shows the answer while it grows, opens what it cites.
import { ApiError, ask, getJson, storedKey, storeKey, type DocumentPage, type Turn } from "./api";
import { setUpDocumentsDialog } from "./documents_dialog";
import { setUpSourceDialog } from "./source_dialog";
import { AnswerView, QuestionView } from "./turn_view";

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const log = element("log"), status = element("status"), form = element<HTMLFormElement>("ask");
const question = element<HTMLTextAreaElement>("question"), key = element<HTMLInputElement>("key");
const send = element<HTMLButtonElement>("send"), stop = element<HTMLButtonElement>("stop");
const newChat = element<HTMLButtonElement>("new-chat"), keyForm = element<HTMLFormElement>("key-form");
const welcome = element("welcome"), hint = element("hint");

const historyTurns = 20;     // the server keeps as many
const charactersMax = 10_000;  // code points, as the server counts
const nearBottomPixels = 120;
const usualHint = hint.textContent ?? "";
let history: Turn[] = [];
let running: AbortController | null = null;
let waitingForKey: (() => void) | null = null;

function setRunning(controller: AbortController | null): void {
  const focused = document.activeElement === stop || document.activeElement === send;
  running = controller;
  send.hidden = controller !== null;
  stop.hidden = controller === null;
  if (focused) (controller ? stop : question).focus();
}

// Follows the answer, unless the reader has scrolled away from its end.
let following = true;
function followEnd(): void { if (following) log.scrollTop = log.scrollHeight; }

function showKeyForm(): void {
  keyForm.hidden = false;
  element("key-open").hidden = false;
  element("key-forget").hidden = storedKey() === "";
  key.value = storedKey();
  key.focus();
}

// A button that asks again; where the server said when, not before.
function retryButton(again: () => void, afterSeconds = 0): HTMLButtonElement {
  const retry = document.createElement("button");
  retry.type = "button";
  const readyAt = Date.now() + afterSeconds * 1000;
  const left = (): number => Math.ceil((readyAt - Date.now()) / 1000);
  const show = (): void => {
    const seconds = left();
    retry.setAttribute("aria-disabled", String(seconds > 0));
    if (seconds > 90) retry.textContent = `Try again in ${Math.ceil(seconds / 60)} minutes`;
    else retry.textContent = seconds > 0 ? `Try again in ${seconds} s` : "Try again";
    if (seconds > 0 && (retry.isConnected || seconds === afterSeconds)) setTimeout(show, 1000);
  };
  show();
  retry.addEventListener("click", () => { if (left() <= 0) again(); });
  return retry;
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) || begun === "" ? begun : `${begun}.`;
}

function remember(message: string, answer: string): void {
  const turns: Turn[] = [{ role: "user", text: message }, { role: "assistant", text: answer }];
  if (answer.trim()) history = [...history, ...turns].slice(-historyTurns);
}

async function answer(message: string): Promise<void> {
  const controller = new AbortController();
  setRunning(controller);
  newChat.hidden = false;
  const view = new AnswerView(log, followEnd);
  following = true;
  followEnd();
  status.textContent = "Answering…";
  const again = (): void => { if (!running) { view.remove(); void answer(message); } };
  try {
    await ask(message, history, {
      sources: (sources) => view.setSources(sources),
      text: (delta) => view.addText(delta),
      citation: (citation) => view.addCitation(citation),
      done: (whole) => view.finish(whole),
    }, controller.signal);
    remember(message, view.plainText());
    status.textContent = `Answer: ${view.plainText()}`;
  } catch (error) {
    if (controller.signal.aborted) {
      view.stopped(retryButton(again));
      remember(message, view.plainText());
      status.textContent = "Stopped.";
    } else {
      status.textContent = explain(view, error, again);
    }
  } finally {
    if (running === controller) setRunning(null);
    followEnd();
  }
}

// Shows what went wrong; what a screen reader is to say of it.
function explain(view: AnswerView, error: unknown, again: () => void): string {
  const known = error instanceof ApiError ? error : new ApiError(0, "this page failed", "Load it again.");
  const message = sentence(known.message);
  if (known.status === 401) {
    view.fail(message, "Enter a key below; the question is then asked again.");
    waitingForKey = again;
    showKeyForm();
  } else {
    const final = known.status >= 400 && known.status < 500 && known.status !== 429 && known.status !== 408;
    // The button of a 429 tells when; its hint would say the same in seconds.
    view.fail(message, known.retryAfterSeconds > 0 ? "" : sentence(known.hint), final ? undefined : retryButton(again, known.retryAfterSeconds));
  }
  return `${message} ${sentence(known.hint)}`;
}

function submit(): void {
  const message = question.value.trim();
  if (!message || running || [...message].length > charactersMax) return;
  welcome.hidden = true;
  new QuestionView(log, message);
  question.value = "";
  void answer(message);
}

function checkLength(): void {
  const characters = [...question.value.trim()].length;
  const over = characters > charactersMax;
  hint.textContent = characters > charactersMax * 0.9 ? `${characters.toLocaleString()} of ${charactersMax.toLocaleString()} characters`
    : usualHint;
  hint.classList.toggle("counting", hint.textContent !== usualHint);
  hint.classList.toggle("over", over);
  question.setAttribute("aria-invalid", String(over));
}

function suggest(page: DocumentPage): void {
  const asked = page.documents.slice(0, 3).map((stored) => `What does “${stored.title}” say?`);
  element("suggestions").replaceChildren(...[...new Set(asked)].map((text) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.textContent = text;
    chip.addEventListener("click", () => { question.value = text; submit(); question.focus(); });
    return chip;
  }));
}

async function showDocuments(): Promise<void> {
  const about = element("documents-status");
  try {
    const page = await getJson<DocumentPage>("/api/documents?limit=50");
    const count = page.documents.length;
    element("documents-count").textContent = count > 0 ? ` (${count}${page.next_cursor ? "+" : ""})` : "";
    about.textContent = count > 0 ? "Answers come from your documents, with a link to every passage they rest on."
      : "There are no documents yet. Add some here, or with weir ingest PATH.";
    if (count > 0) return suggest(page);
    const add = document.createElement("button");
    add.type = "button";
    add.className = "primary";
    add.textContent = "Add documents";
    add.addEventListener("click", () => documents.open());
    element("suggestions").replaceChildren(add);
  } catch (error) {
    const refused = error instanceof ApiError && error.status === 401;
    if (refused) showKeyForm();
    else if (!(error instanceof ApiError && error.status === 403)) about.textContent = "The documents cannot be listed just now.";
  }
}

form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
question.addEventListener("input", checkLength);
question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && running && !document.querySelector("dialog[open]")) running.abort();
});
log.addEventListener("scroll", () => {
  following = log.scrollHeight - log.scrollTop - log.clientHeight < nearBottomPixels;
}, { passive: true });
stop.addEventListener("click", () => running?.abort());
newChat.addEventListener("click", () => {
  running?.abort();
  setRunning(null);
  history = [];
  log.replaceChildren(welcome);
  welcome.hidden = false;
  newChat.hidden = true;
  status.textContent = "A new conversation.";
  question.focus();
});
keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  storeKey(key.value.trim());
  keyForm.hidden = true;
  question.focus();
  void showDocuments();
  const again = waitingForKey;
  waitingForKey = null;
  again?.();
});
element("key-forget").addEventListener("click", () => { storeKey(""); showKeyForm(); });
element("key-open").addEventListener("click", () => { if (keyForm.hidden) showKeyForm(); else keyForm.hidden = true; });
element("key-open").hidden = storedKey() === "";
setUpSourceDialog();
const documents = setUpDocumentsDialog(() => void showDocuments());
question.focus();
void showDocuments();
