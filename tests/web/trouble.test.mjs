// The chat page when something is in the way: keys, limits, outages; and the documents that it manages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../launch.mjs";
import { addDocument, answered, ask, open, startBrowser } from "./browser.mjs";

const key = "sk-one-for-the-tests";
let locked, limited, free, browser;

before(async () => {
  const extractive = { ANTHROPIC_API_KEY: "" };
  [locked, limited, free, browser] = await Promise.all([
    launch({ env: { ...extractive, VALID_API_KEYS: key } }), launch({ env: { ...extractive, WEIR_RATE_LIMIT: "3/2s" } }),
    launch({ env: extractive }), startBrowser()]);
  await addDocument(free.url, { title: "Refunds", text: "The refund is paid within 5 working days." });
});
after(async () => { await browser?.close(); for (const server of [locked, limited, free]) server?.stop(); });

test("a server that wants a key gets it from a field, and the question is asked again with it", async () => {
  const { page } = await open(browser, locked.url);
  await page.getByLabel("API key", { exact: true }).waitFor();
  await ask(page, "Is anybody there?");
  await page.locator(".error").waitFor();
  await page.getByLabel("API key", { exact: true }).fill("wrong");
  await page.keyboard.press("Enter");
  await page.locator(".error").waitFor();
  await page.getByLabel("API key", { exact: true }).fill(key);
  await page.getByRole("button", { name: "Use this key" }).click();
  assert.match(await answered(page), /could not find/);
  assert.equal(await page.locator(".turn.you").count(), 1);
  assert.equal(await page.locator(".error").count(), 0);
  const kept = await page.evaluate(() => [sessionStorage.getItem("weir-api-key"), localStorage.length, document.cookie]);
  assert.deepEqual(kept, [key, 0, ""]);
  await page.reload();
  await page.getByRole("button", { name: "API key" }).click();
  await page.getByRole("button", { name: "Forget it" }).click();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
});

test("a limit says when to try again, and then lets one", async () => {
  const { page } = await open(browser, limited.url);
  for (let asked = 0; asked < 4 && !(await page.locator(".error").count()); ++asked) {
    await ask(page, `Question ${asked}?`);
    await page.locator(".turn.weir:last-child:not([aria-busy])").waitFor();
  }
  const retry = page.locator(".error button");
  assert.match(await retry.textContent(), /^Try again in \d s$/);
  assert.equal(await retry.getAttribute("aria-disabled"), "true");
  await page.getByRole("button", { name: "Try again", exact: true }).click();
  assert.match(await answered(page), /could not find/);
});

test("an outage is told and can be tried again; what the server will not take cannot", async () => {
  const { page } = await open(browser, free.url);
  let broken = true;
  await page.route("**/api/chat", (route) => (broken ? route.abort() : route.continue()));
  await ask(page, "When is the refund paid?");
  assert.match(await page.locator(".error").innerText(), /The server cannot be reached\./);
  broken = false;
  await page.getByRole("button", { name: "Try again" }).click();
  assert.match(await answered(page), /5 working days/);
  await page.unroute("**/api/chat");
  await page.route("**/api/chat", (route) => route.fulfill({ status: 400, json: { error: "message is odd", hint: "send another" } }));
  await ask(page, "Odd?");
  const refused = page.locator(".turn:last-child .error");
  assert.match(await refused.innerText(), /^Message is odd\.\s+Send another\.$/);
  assert.equal(await refused.getByRole("button").count(), 0);
});

test("a stream that breaks keeps what came and says that it is not whole", async () => {
  const { page } = await open(browser, free.url);
  for (const [end, words] of [["", "ended before the answer was whole"],
    ['event: error\ndata: {"error":"Claude left","hint":"ask again"}\n\n', "Claude left"]]) {
    await page.route("**/api/chat", (route) => route.fulfill({ contentType: "text/event-stream",
      body: `event: sources\ndata: {"sources":[]}\n\nevent: text\ndata: {"delta":"Half of"}\n\n${end}` }));
    await ask(page, "Whole?");
    assert.equal(await answered(page), "Half of");
    assert.ok((await page.locator(".turn:last-child .error").innerText()).includes(words));
    await page.unroute("**/api/chat");
  }
});

test("a question that is too long is held back and counted", async () => {
  const { page } = await open(browser, free.url);
  const field = page.getByLabel("Your question");
  await field.fill("😀".repeat(10_000));
  assert.equal(await page.locator("#hint").textContent(), "10,000 of 10,000 characters");
  assert.equal(await field.getAttribute("aria-invalid"), "false");
  await field.fill("😀".repeat(10_001));
  await page.keyboard.press("Enter");
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator(".turn").count(), 0);
});

test("documents are added, listed and removed", async () => {
  const { page, problems } = await open(browser, free.url);
  await page.getByRole("button", { name: "Documents (1)" }).click();
  await page.getByLabel("Add files…").setInputFiles([
    { name: "parking.md", mimeType: "text/markdown", buffer: Buffer.from("# Parking\n\nVisitors park on level 3.\n") },
    { name: "photo.png", mimeType: "image/png", buffer: Buffer.from([1, 2, 3]) }]);
  await page.getByText("Added 1 file. photo.png: 'image/png' cannot be read").waitFor();
  assert.equal(await page.locator("#documents-list li").count(), 2);
  await page.getByRole("button", { name: "Remove Parking" }).click();
  await page.getByRole("button", { name: "Really remove Parking?" }).click();
  await page.getByText("Removed “Parking”.").waitFor();
  assert.equal(await page.locator("#documents-list li").count(), 1);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Documents (1)" }).waitFor();
  assert.deepEqual(problems.filter((problem) => !problem.includes("415")), []);
});

test("the tab order is skip link, header, composer; nothing moves where motion is unwanted", async () => {
  const { page } = await open(browser, free.url, { reducedMotion: "reduce" });
  await page.locator("#suggestions button").first().waitFor();
  await page.locator(".skip").focus();
  const order = [];
  for (let i = 0; i < 5; ++i) {
    if (i > 0) await page.keyboard.press("Tab");
    order.push(await page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.id));
  }
  assert.deepEqual(order, ["Skip to the question", "Documents (1)", "What does “Refunds” say?", "question", "Ask"]);
  const moving = await page.evaluate(() => [...document.querySelectorAll("*")].filter((element) => {
    const { animationName, transitionDuration } = getComputedStyle(element);
    return animationName !== "none" || transitionDuration !== "0s";
  }).map((element) => element.outerHTML));
  assert.deepEqual(moving, []);
});
