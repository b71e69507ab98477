// The chat page in a real Chromium: the stream grows, a citation opens its source, axe finds nothing.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch } from "../launch.mjs";
import { addDocument, answered, answerWith, ask, open as openPage, startBrowser } from "./browser.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const refunds = {
  title: "Refunds", source: "refunds.md", media_type: "text/markdown",
  text: "# Rückgabe\n\nOrders can be returned within 30 days – “no questions”. The refund is paid within 5 working days.\n",
};
let running, extractive, browser;

before(async () => {
  [running, extractive, browser] = await Promise.all([
    launch({ upstreamArgs: ["--event-delay", "40ms"] }), launch({ env: { ANTHROPIC_API_KEY: "" } }), startBrowser()]);
  await addDocument(running.url, refunds);
  await addDocument(extractive.url, refunds);
});
after(async () => { await browser?.close(); running?.stop(); extractive?.stop(); });

const open = (options) => openPage(browser, running.url, options);
const answer = (page) => page.locator(".turn.weir .text");

test("an answer streams in and its citation opens the source, by keyboard", async () => {
  const { page, problems } = await open();
  await ask(page, "When is the refund paid?");
  const lengths = new Set();
  while (!(await page.locator(".turn.weir .sources").count())) {
    lengths.add((await answer(page).textContent()).length);
    assert.equal(await page.locator(".turn.weir .error").count(), 0);
  }
  assert.ok(lengths.size >= 5, `the text grew in ${lengths.size} steps`);
  assert.match(await answer(page).innerText(), /“no questions”\.\s*1$/);  // the citation stands behind the words
  await page.locator(".turn.weir .cite").first().focus();
  await page.keyboard.press("Enter");
  const dialog = page.locator("dialog[open]");
  await dialog.locator("mark").waitFor();
  assert.match(await dialog.locator("#source-title").textContent(), /Refunds/);
  assert.equal(await dialog.locator("mark").textContent(), "Orders can be returned within 30 days – “no questions”.");
  assert.ok((await dialog.locator("#source-text").textContent()).includes("5 working days"));
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  assert.ok(await page.evaluate(() => document.activeElement.matches(".cite")), "the focus is back on the citation");
  assert.deepEqual(problems, []);
});

test("a screen reader hears the answer once, when it is whole", async () => {
  const { page } = await open();
  await page.evaluate(() => {
    globalThis.heard = [];
    new MutationObserver(() => globalThis.heard.push(document.getElementById("status").textContent))
      .observe(document.getElementById("status"), { childList: true, characterData: true, subtree: true });
  });
  await ask(page, "When is the refund paid?");
  await answered(page);
  const heard = await page.evaluate(() => globalThis.heard);
  assert.equal(heard.length, 2);
  assert.equal(heard[0], "Answering…");
  assert.match(heard[1], /^Answer: The documents say: Orders can be returned/);
  assert.equal(await page.locator("#log[aria-live], #log [aria-live]").count(), 0);
});

test("Stop ends the answer at once, keeps what has come, and the question can be asked again", async () => {
  const { page } = await open();
  await ask(page, "When is the refund paid?");
  await answer(page).getByText("The documents").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("Stopped.", { exact: false }).first().waitFor();
  const kept = await answer(page).innerText();
  assert.ok(kept.length > 0 && kept.length < refunds.text.length);
  assert.ok(await page.getByRole("button", { name: "Ask", exact: true }).isVisible());
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator(".turn.weir .sources").waitFor();
  assert.equal(await page.locator(".turn.weir").count(), 1);
  assert.equal(await page.locator(".turn.you").count(), 1);
});

test("Escape stops too, and a new conversation forgets the old one", async () => {
  const { page } = await open();
  await ask(page, "When is the refund paid?");
  await answer(page).getByText("The").waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("Stopped.", { exact: false }).first().waitFor();
  await page.getByRole("button", { name: "New chat" }).click();
  assert.equal(await page.locator(".turn").count(), 0);
  const sent = page.waitForRequest("**/api/chat");
  await ask(page, "And when?");
  assert.deepEqual((await sent).postDataJSON(), { message: "And when?", history: [], stream: true });
});

test("an answer without a model says so, unmistakably", async () => {
  const { page, problems } = await openPage(browser, extractive.url);
  await ask(page, "When is the refund paid?");
  assert.match(await answered(page), /^“The refund is paid within 5 working days\.”\s*1$/);
  assert.equal(await page.locator(".turn.weir .label.extractive").innerText(),
    "Quoted from your documents. No model wrote this answer. No API key for Claude is configured.");
  await ask(page, "Who won the chess tournament?");
  assert.match(await answered(page), /could not find/);
  await page.locator(".label.no_answer").waitFor();
  assert.deepEqual(problems, []);
});

test("nothing that a document or a model says becomes markup, a link or a request", async () => {
  await addDocument(running.url, { title: "<img src=x onerror=alert(0)>", source: "javascript:alert(9)", media_type: "text/markdown",
    text: "Zebra <img src=x onerror=alert(1)> <script>alert(2)</script> ![z](https://evil.example/z.png) stripes are [allowed](javascript:alert(3)).\n" });
  const requests = [];
  const { page, problems } = await open({ prepare: (made) => made.on("request", (request) => requests.push(request.url())) });
  let dialogs = 0;
  page.on("dialog", (dialog) => { dialogs += 1; void dialog.dismiss(); });
  await ask(page, "Which zebra stripes are allowed?");
  assert.match(await answered(page), /<img src=x onerror=alert\(1\)> <script>alert\(2\)<\/script>/);
  await page.locator(".turn.weir .cite").first().click();
  await page.locator("dialog[open] mark").waitFor();
  assert.equal(await page.locator("#log img, #log script, #log a, dialog img, dialog script, dialog a, #suggestions img").count(), 0);
  assert.equal(dialogs, 0);
  assert.ok(requests.every((url) => url.startsWith(running.url)), requests.join(" "));
  assert.deepEqual(problems, []);
});

test("the Markdown of an answer is laid out, citations in it included", async () => {
  const text = ["## Plan\n\nThe **bold *and* free** plan has `a<b>` and:\n- one", " item\n  - nested\n- two\n\n3. third\n\n",
    "| Plan | Price |\n|---|---|\n| Free | 0 € |\n\n> quoted\n\n```js\nlet x = '**not bold**';\n```\n\n5 * 3 * 2, snake_case_name, 2**10"];
  const source = { number: 1, document_id: "doc_x", title: "T", source: "t.md", heading: "", text: "one", begin: 0, end: 3 };
  const citation = { source_number: 1, document_id: "doc_x", cited_text: "one", begin: 0, end: 3, answer_at: 0 };
  const { page, problems } = await open({ prepare: (made) => answerWith(made, [["sources", { sources: [source] }],
    ["text", { delta: text[0] }], ["citation", citation], ["citation", citation], ["citation", { ...citation, source_number: 7 }],
    ["text", { delta: text[1] }], ["text", { delta: text[2] }],
    ["done", { answer: text.join(""), kind: "model", sources: [source], citations: [citation] }]]) });
  await ask(page, "Which plan?");
  await answered(page);
  assert.equal(await answer(page).evaluate((element) => element.innerHTML.replace(/<button.*?<\/button>/g, "[1]")),
    "<h3>Plan</h3><p>The <strong>bold <em>and</em> free</strong> plan has <code>a&lt;b&gt;</code> and:</p>" +
    "<ul><li>one[1] item<ul><li>nested</li></ul></li><li>two</li></ul><ol start=\"3\"><li>third</li></ol>" +
    '<div class="table" tabindex="0"><table><thead><tr><th>Plan</th><th>Price</th></tr></thead><tbody><tr><td>Free</td><td>0 €</td></tr></tbody></table></div>' +
    "<blockquote>quoted</blockquote><pre tabindex=\"0\"><code>let x = '**not bold**';</code></pre>" +
    "<p>5 * 3 * 2, snake_case_name, 2**10</p>");
  assert.deepEqual(problems, []);
});

test("a source that has changed or gone is shown as the answer saw it", async () => {
  const stored = await addDocument(running.url, { title: "Parking", source: "parking.md", text: "Visitors park their bicycles on level seven." });
  const { page } = await open();
  await ask(page, "Where do visitors park their bicycles?");
  await answered(page);
  await fetch(`${running.url}/api/documents`, { method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ title: "Parking", source: "parking.md", text: "Nobody parks anywhere any more." }) });
  await page.locator(".cite").first().click();
  await page.getByText("The document has changed since.", { exact: false }).waitFor();
  assert.equal(await page.locator("dialog[open] mark").textContent(), "Visitors park their bicycles on level seven.");
  await page.keyboard.press("Escape");
  await fetch(`${running.url}/api/documents/${stored.id}`, { method: "DELETE" });
  await page.locator(".cite").first().click();
  await page.getByText("The document has been removed since.", { exact: false }).waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1000, 360]) {
    test(`axe finds nothing (${colorScheme}, ${width} px)`, async () => {
      const { page } = await openPage(browser, extractive.url, { forAxe: true, colorScheme, viewport: { width, height: 800 } });
      await page.evaluate(axeSource);
      const check = async (state) => {
        const found = (await page.evaluate(() => globalThis.axe.run())).violations
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
        assert.deepEqual(found, [], state);
        const overflow = await page.evaluate(() => globalThis.document.documentElement.scrollWidth > innerWidth);
        assert.equal(overflow, false, `the page scrolls sideways: ${state}`);
      };
      await page.locator("#suggestions button").first().waitFor();
      await check("empty");
      await ask(page, "When is the refund paid?");
      await page.locator(".turn.weir .sources").waitFor();
      await check("answered");
      await page.locator(".turn.weir .cite").first().click();
      await page.locator("dialog[open] mark").waitFor();
      await check("source open");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Documents" }).click();
      await page.locator("#documents-list li").first().waitFor();
      await check("documents open");
      await page.keyboard.press("Escape");
      await page.route("**/api/chat", (route) => route.abort());
      await ask(page, "When is the refund paid?");
      await page.locator(".error").waitFor();
      await check("failed");
    });
  }
}
