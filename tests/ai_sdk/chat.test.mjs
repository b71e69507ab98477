// The AI SDK's own chat client, unmodified, against POST /api/chat: each major version that reads the UI
// message stream, with a model behind Weir, without one, and with one that fails. The SDK checks every
// chunk against its schema and ends the chat with an error for one that it does not know.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as ai6 from "ai";
import * as ai5 from "ai5";
import * as ai7 from "ai7";
import { launch } from "../launch.mjs";

const versions = { ai5, ai6, ai7 };
const text = "# Refunds\n\nThe refund is paid within 5 working days – “Größe” zählt nicht.\n";
const cited = "The refund is paid within 5 working days – “Größe” zählt nicht.";
let withModel, extractive, down, stored;

before(async () => {
  [withModel, extractive, down] = await Promise.all([
    launch({ upstreamArgs: ["--event-delay", "10ms"] }), launch({ env: { ANTHROPIC_API_KEY: "" } }),
    launch({ env: { ANTHROPIC_BASE_URL: "http://127.0.0.1:9", VALID_API_KEYS: "sk-for-the-ai-sdk" } })]);
  for (const server of [withModel, extractive, down]) {
    const answer = await fetch(`${server.url}/api/documents`, { method: "POST",
      headers: { "content-type": "application/json", "x-api-key": "sk-for-the-ai-sdk" },
      body: JSON.stringify({ title: "Refunds", source: "https://example.com/refunds", media_type: "text/markdown", text }) });
    assert.equal(answer.status, 201);
    stored = await answer.json();
  }
});
after(() => { for (const server of [withModel, extractive, down]) server?.stop(); });

// What @ai-sdk/react's useChat is made of, with a plain object in the place of React's state.
function chatWith(sdk, server, headers = {}) {
  class Chat extends sdk.AbstractChat {
    constructor(init) {
      super({ ...init, state: {
        status: "ready", error: undefined, messages: [],
        pushMessage(message) { this.messages = [...this.messages, message]; },
        popMessage() { this.messages = this.messages.slice(0, -1); },
        replaceMessage(index, message) { this.messages = this.messages.with(index, message); chat.grown?.(message); },
        snapshot: (value) => structuredClone(value),
      } });
    }
  }
  const chat = new Chat({
    transport: new sdk.DefaultChatTransport({ api: `${server.url}/api/chat`, headers,
      fetch: async (url, init) => { chat.requests.push(JSON.parse(init.body)); chat.response = await fetch(url, init); return chat.response; } }),
    onFinish: (finished) => { chat.finished = finished; },
    onError: () => {},
  });
  chat.requests = [];
  return chat;
}

const partsOf = (message, type) => message.parts.filter((part) => part.type === type);
const textOf = (message) => partsOf(message, "text").map((part) => part.text).join("");

for (const [name, sdk] of Object.entries(versions)) {
  test(`${name}: an answer of a model grows, with its sources and citations`, async () => {
    const chat = chatWith(sdk, withModel);
    const sizes = new Set();
    chat.grown = (message) => sizes.add(textOf(message).length);
    await chat.sendMessage({ text: "When is the refund paid?" });
    assert.equal(chat.error, undefined);
    assert.equal(chat.status, "ready");
    assert.equal(chat.response.headers.get("x-vercel-ai-ui-message-stream"), "v1");
    const answer = chat.lastMessage;
    assert.equal(answer.role, "assistant");
    assert.match(answer.id, /^req_/);
    assert.equal(textOf(answer), `The documents say: ${cited}`);
    assert.ok(sizes.size > 4, `${sizes.size} steps`);
    assert.equal(partsOf(answer, "text")[0].state, "done");
    const [source] = partsOf(answer, "source-url");
    assert.equal(source.url, "https://example.com/refunds");
    const [citation] = partsOf(answer, "data-weir-citation").map((part) => part.data);
    assert.equal(citation.cited_text, cited);
    assert.equal(Buffer.from(text).subarray(citation.begin, citation.end).toString(), cited);
    assert.equal(source.sourceId, `source-${citation.source_number}`);
    assert.equal(source.providerMetadata.weir.document_id, citation.document_id);
    assert.equal(answer.metadata.kind, "model");
    assert.ok(answer.metadata.usage.output_tokens > 0);
  });

  test(`${name}: a conversation goes on with its history`, async () => {
    const chat = chatWith(sdk, withModel);
    await chat.sendMessage({ text: "When is the refund paid?" });
    await chat.sendMessage({ text: "And how?" });
    assert.equal(chat.error, undefined);
    assert.equal(chat.messages.length, 4);
    assert.equal(chat.requests[1].messages.length, 3);
    assert.equal(textOf(chat.lastMessage), `The documents say: ${cited}`);  // found by the turn before
    await chat.regenerate();
    assert.equal(chat.error, undefined);
    assert.equal(chat.messages.length, 4);
  });

  test(`${name}: without a model the answer is quoted and says so`, async () => {
    const chat = chatWith(sdk, extractive);
    await chat.sendMessage({ text: "When is the refund paid?" });
    assert.equal(chat.error, undefined);
    assert.equal(textOf(chat.lastMessage), `“${cited}”`);
    assert.deepEqual([chat.lastMessage.metadata.kind, chat.lastMessage.metadata.fallback_reason], ["extractive", "no_api_key"]);
    assert.equal(partsOf(chat.lastMessage, "data-weir-citation").length, 1);
    await chat.sendMessage({ text: "Who won the chess tournament?" });
    assert.equal(chat.lastMessage.metadata.kind, "no_answer");
  });

  test(`${name}: Stop ends the stream where it is`, async () => {
    const chat = chatWith(sdk, withModel);
    const begun = new Promise((resolve) => { chat.grown = (message) => { if (textOf(message)) resolve(); }; });
    const sent = chat.sendMessage({ text: "When is the refund paid?" });
    await begun;
    await chat.stop();
    await sent;
    assert.equal(chat.status, "ready");
    const kept = textOf(chat.lastMessage);
    assert.ok(kept.length > 0 && kept.length < cited.length, kept);
  });

  test(`${name}: refusals are errors that name what is wrong`, async () => {
    const unauthorized = chatWith(sdk, down);
    await unauthorized.sendMessage({ text: "When is the refund paid?" });
    assert.equal(unauthorized.status, "error");
    assert.match(unauthorized.error.message, /API key/);
    const long = chatWith(sdk, extractive);
    await long.sendMessage({ text: "x".repeat(10_001) });
    assert.match(long.error.message, /10001 characters/);
  });

  test(`${name}: a provider that is down is replaced by quotes`, async () => {
    const chat = chatWith(sdk, down, { authorization: "Bearer sk-for-the-ai-sdk" });
    await chat.sendMessage({ text: "When is the refund paid?" });
    assert.equal(chat.error, undefined);
    assert.equal(textOf(chat.lastMessage), `“${cited}”`);
    assert.equal(chat.lastMessage.metadata.fallback_reason, "upstream_failed");
  });
}

test("an answer that breaks off in mid-stream is an error of the chat, and what came stays", async () => {
  // Paced, so that words have left before the error comes: until then Weir answers by quotes instead.
  const broken = await launch({ upstreamArgs: ["--faults", "error_midway", "--event-delay", "10ms"] });
  try {
    await fetch(`${broken.url}/api/documents`, { method: "POST", headers: { "content-type": "application/json" },
      body: JSON.stringify({ title: "Refunds", text }) });
    for (const sdk of Object.values(versions)) {
      const chat = chatWith(sdk, broken);
      await chat.sendMessage({ text: "When is the refund paid?" });
      assert.equal(chat.status, "error");
      assert.match(chat.error.message, /Claude ended the answer with an error/);
      assert.ok(textOf(chat.lastMessage).length > 0);
    }
  } finally {
    broken.stop();
  }
});
