// Anthropic's TypeScript SDK, unmodified, with baseURL at Weir.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { launch } from "../launch.mjs";

const key = "sk-weir-typescript-sdk-test";
const model = "claude-sonnet-5-5";
const messages = [{ role: "user", content: "Say hello" }];
const tools = [{ name: "get_weather", description: "The weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } } } }];
let running, client;

before(async () => {
  running = await launch({ env: { VALID_API_KEYS: key } });
  client = new Anthropic({ baseURL: running.url, apiKey: key, maxRetries: 0 });
});
after(() => running?.stop());

test("plain", async () => {
  const message = await client.messages.create({ model, max_tokens: 64, messages });
  assert.ok(message.content[0].text);
  assert.ok(message.usage.output_tokens > 0);
});

test("the key in x-api-key", async () => {
  const old = new Anthropic({ baseURL: running.url, apiKey: key, maxRetries: 0,
    defaultHeaders: { "x-api-key": key, authorization: null } });
  assert.ok((await old.messages.create({ model, max_tokens: 64, messages })).id);
});

test("streaming", async () => {
  const stream = client.messages.stream({ model, max_tokens: 64, messages });
  let pieces = 0, text = "";
  stream.on("text", (delta) => { pieces += 1; text += delta; });
  const final = await stream.finalMessage();
  assert.ok(pieces > 1);
  assert.equal(final.content[0].text, text);
});

test("tools", async () => {
  const message = await client.messages.create({ model, max_tokens: 64, messages, tools, tool_choice: { type: "any" } });
  assert.equal(message.stop_reason, "tool_use");
  assert.equal(message.content.find((block) => block.type === "tool_use").name, "get_weather");
});

test("thinking", async () => {
  const final = await client.messages.stream({ model, max_tokens: 2048, messages, thinking: { type: "adaptive" } }).finalMessage();
  assert.ok(final.content.find((block) => block.type === "thinking").signature);
});

test("errors keep their classes and bodies", async () => {
  const stranger = new Anthropic({ baseURL: running.url, apiKey: "sk-wrong", maxRetries: 0 });
  await assert.rejects(stranger.messages.create({ model, max_tokens: 8, messages }), Anthropic.AuthenticationError);
  await assert.rejects(client.messages.create({ model: "claude-no-such-model", max_tokens: 8, messages }),
    (error) => error instanceof Anthropic.NotFoundError && /claude-no-such-model/.test(error.message));
  await assert.rejects(client.messages.create({ model, max_tokens: 8, messages }, { headers: { "x-weir-fault": "429=61" } }),
    (error) => error instanceof Anthropic.RateLimitError && error.headers.get("retry-after") === "61");
});

test("an error in mid-stream is an error", async () => {
  for (const fault of ["error_midway", "cut"]) {
    const stream = client.messages.stream({ model, max_tokens: 64, messages }, { headers: { "x-weir-fault": fault } });
    await assert.rejects(stream.finalMessage(), fault);
  }
});

test("count_tokens and models", async () => {
  assert.ok((await client.messages.countTokens({ model, messages })).input_tokens > 0);
  const page = await client.models.list({ limit: 1000 });
  assert.ok(page.data.some(({ id }) => id.startsWith("claude")));
});
