// OpenAI's Node SDK, and Vercel's AI SDK with its Anthropic and OpenAI providers, unmodified, at Weir, with Claude behind it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, jsonSchema, streamText, tool } from "ai";
import OpenAI from "openai";
import { launch } from "../launch.mjs";

const key = "sk-weir-openai-node-test";
const model = "claude-sonnet-4-6";
const question = "What is Weir?";
const messages = [{ role: "system", content: "Be brief" }, { role: "user", content: question }];
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tools = [{ type: "function", function: { name: "get_weather", description: "The weather of a city", parameters } }];
const here = dirname(fileURLToPath(import.meta.url));
const recordings = join(process.env.WEIR_SHARED ?? join(here, "../../../shared"), "recordings/anthropic");
let running, client;

const recording = (name) => JSON.parse(readFileSync(join(recordings, `${name}.json`), "utf8"));
const replayed = (name) => ({ headers: { "x-weir-recording": name } });
function hasRecordings(context) {
  try { recording("llm-anthropic__test_tools__0_553133"); return true; } catch { /* reported below */ }
  context.skip("the recorded exchanges are not here (WEIR_SHARED)");
  return false;
}

before(async () => {
  let upstreamArgs = [];
  try { recording("llm-anthropic__test_tools__0_553133"); upstreamArgs = ["--recordings", recordings]; } catch { /* without */ }
  running = await launch({ env: { VALID_API_KEYS: key }, upstreamArgs });
  client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: key, maxRetries: 0 });
});
after(() => running?.stop());

describe("OpenAI's Node SDK", () => {
  test("plain and streamed with usage", async () => {
    const whole = await client.chat.completions.create({ model, messages });
    assert.ok(whole.choices[0].message.content.includes(question));
    const stream = await client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } });
    let text = "", usage;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? "";
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, whole.choices[0].message.content);
    assert.equal(usage.completion_tokens, whole.usage.completion_tokens);
  });

  test("a tool over a stream", async () => {
    const runner = client.chat.completions.stream({ model, messages, tools, tool_choice: "required" });
    const final = await runner.finalChatCompletion();
    assert.equal(final.choices[0].finish_reason, "tool_calls");
    const [call] = final.choices[0].message.tool_calls;
    assert.equal(call.function.name, "get_weather");
    assert.ok(JSON.parse(call.function.arguments).city);
  });

  test("parallel tools, whole", async (context) => {
    if (!hasRecordings(context)) return;
    const name = "pydantic-ai__test_multiple_parallel_tool_calls__0_b9d8d0";
    const blocks = recording(name).response.body.content.filter((block) => block.type === "tool_use");
    const answer = await client.chat.completions.create({ model, messages, tools }, replayed(name));
    const calls = answer.choices[0].message.tool_calls;
    assert.deepEqual(calls.map((call) => call.id), blocks.map((block) => block.id));
    assert.deepEqual(calls.map((call) => JSON.parse(call.function.arguments)), blocks.map((block) => block.input));
    assert.equal(calls.length, 4);
  });

  test("parallel tools over a stream", async (context) => {
    if (!hasRecordings(context)) return;
    const name = "llm-anthropic__test_tools__0_553133";
    const started = [...recording(name).response.sse_text.matchAll(/"content_block":(\{"type":"tool_use"[^}]*\})/g)];
    const stream = client.chat.completions.stream({ model, messages, tools }, replayed(name));
    const final = await stream.finalChatCompletion();
    const calls = final.choices[0].message.tool_calls;
    assert.equal(calls.length, 2);
    assert.equal(started.length, 2);
    for (const call of calls) {
      JSON.parse(call.function.arguments);
      assert.ok(started.some(([, block]) => block.includes(call.id) && block.includes(call.function.name)));
    }
  });

  test("responses, and errors of its own classes", async () => {
    const answer = await client.responses.create({ model, input: question });
    assert.ok(answer.output_text.includes(question));
    const stranger = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: "sk-wrong", maxRetries: 0 });
    await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
    await assert.rejects(client.chat.completions.create({ model, messages, n: 2 }), OpenAI.BadRequestError);
  });
});

const providers = {
  anthropic: () => createAnthropic({ baseURL: `${running.url}/v1`, apiKey: key })(model),
  "openai chat": () => createOpenAI({ baseURL: `${running.url}/v1`, apiKey: key }).chat(model),
  "openai responses": () => createOpenAI({ baseURL: `${running.url}/v1`, apiKey: key }).responses(model),
};

for (const [name, made] of Object.entries(providers)) {
  describe(`the AI SDK, ${name}`, () => {
    test("plain and streamed", async () => {
      const whole = await generateText({ model: made(), prompt: question, maxRetries: 0 });
      assert.ok(whole.text.includes(question));
      assert.ok(whole.usage.outputTokens > 5);
      const stream = streamText({ model: made(), prompt: question, maxRetries: 0 });
      let text = "", pieces = 0;
      for await (const piece of stream.textStream) { text += piece; pieces += 1; }
      assert.equal(text, whole.text);
      assert.ok(pieces > 3);
    });

    test("a tool over a stream", async () => {
      const weather = tool({ description: "The weather of a city", inputSchema: jsonSchema(parameters) });
      const stream = streamText({ model: made(), prompt: question, tools: { weather }, toolChoice: "required", maxRetries: 0 });
      const calls = await stream.toolCalls;
      assert.equal(calls[0].toolName, "weather");
      assert.ok(calls[0].input.city);
    });
  });
}
