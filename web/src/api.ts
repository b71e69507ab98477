// What the page says to the server: the shapes of /api/chat and /api/documents, and reading a stream.

export interface Source {
  number: number; document_id: string; title: string; source: string; heading: string;
  text: string; begin: number; end: number;
}
export interface Citation {
  source_number: number; document_id: string; cited_text: string; begin: number; end: number; answer_at: number;
}
export interface Answer {
  answer: string; kind: "model" | "extractive" | "no_answer"; sources: Source[]; citations: Citation[];
  stop_reason?: string; fallback_reason?: string;
}
export interface StoredDocument {
  id: string; title: string; source: string; media_type: string; chunk_count: number; updated_at: string;
}
export interface DocumentPage { documents: StoredDocument[]; next_cursor: string | null; }
export interface Turn { role: "user" | "assistant"; text: string; }
export interface StreamHandlers {
  sources(sources: Source[]): void;
  text(delta: string): void;
  citation(citation: Citation): void;
  done(answer: Answer): void;
}

// A refusal with what the server said about it. status 0: the server was not reached, or stopped halfway.
export class ApiError extends Error {
  constructor(readonly status: number, message: string, readonly hint: string, readonly retryAfterSeconds = 0) {
    super(message);
  }
}

const keyName = "weir-api-key";
export const storedKey = (): string => sessionStorage.getItem(keyName) ?? "";
export function storeKey(key: string): void {
  if (key) sessionStorage.setItem(keyName, key);
  else sessionStorage.removeItem(keyName);
}

function authorization(): Record<string, string> {
  const key = storedKey();
  return key ? { authorization: `Bearer ${key}` } : {};
}

async function refusal(response: Response): Promise<ApiError> {
  const body = await response.json().catch(() => ({}));
  return new ApiError(response.status, body.error ?? `the server answered ${response.status}`, body.hint ?? "",
    Number(response.headers.get("retry-after")) || 0);
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response;
  try {
    response = await fetch(path, { ...init, headers: { ...authorization(), ...init.headers } });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, "the server cannot be reached", "Check the connection, and that Weir is running.");
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function getJson<T>(path: string): Promise<T> {
  return (await send(path, {})).json() as Promise<T>;
}

export async function addFile(file: File): Promise<{ outcome: string }> {
  const form = new FormData();
  form.append("file", file);
  return (await send("/api/documents", { method: "POST", body: form })).json();
}

export async function removeDocument(id: string): Promise<void> {
  await send(`/api/documents/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export async function ask(message: string, history: Turn[], handlers: StreamHandlers, signal: AbortSignal): Promise<void> {
  const response = await send("/api/chat", {
    method: "POST", headers: { "content-type": "application/json", accept: "text/event-stream" }, signal,
    body: JSON.stringify({ message, history, stream: true }),
  });
  if (!response.body) throw new ApiError(0, "the answer is empty", "");
  let finished = false;
  try {
    for await (const { event, data } of serverSentEvents(response.body)) {
      const value = JSON.parse(data);
      if (event === "sources") handlers.sources(value.sources);
      else if (event === "text") handlers.text(value.delta);
      else if (event === "citation") handlers.citation(value);
      else if (event === "done") { finished = true; handlers.done(value); }
      else if (event === "error") throw new ApiError(200, value.error, value.hint ?? "");
    }
  } catch (error) {
    if (error instanceof ApiError || signal.aborted) throw error;  // else the connection broke
  }
  if (!finished) throw new ApiError(0, "the connection ended before the answer was whole", "");
}

// WHATWG HTML §9.2.6, for streams that use LF and one data line for each event, as Weir's do.
async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<{ event: string; data: string }> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let buffer = "";
  while (true) {
    const { value, done } = await reader.read();
    if (done) return;
    buffer += value;
    let end: number;
    while ((end = buffer.indexOf("\n\n")) >= 0) {
      let event = "message", data = "";
      for (const line of buffer.slice(0, end).split("\n")) {
        if (line.startsWith("event: ")) event = line.slice(7);
        else if (line.startsWith("data: ")) data += line.slice(6);
      }
      buffer = buffer.slice(end + 2);
      if (data) yield { event, data };
    }
  }
}
