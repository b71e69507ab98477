// The chat page in a real Chromium: the stream grows, a citation opens its source, axe finds nothing.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { launch } from "../launch.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const chromiumPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const document = {
  title: "Refunds",
  text: "# Refunds\n\nOrders can be returned within 30 days. The refund is paid within 5 working days.\n",
};
let running, browser;

before(async () => {
  assert.ok(existsSync(chromiumPath), `${chromiumPath} is missing: apt-get install chromium`);
  running = await launch({ upstreamArgs: ["--event-delay", "40ms"] });
  const added = await fetch(`${running.url}/api/documents`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(document) });
  assert.equal(added.status, 201);
  browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--disable-gpu",
    "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
});
after(async () => { await browser?.close(); running?.stop(); });

async function open(options = {}) {
  const context = await browser.newContext({ bypassCSP: options.forAxe ?? false, colorScheme: options.colorScheme ?? "light",
    viewport: options.viewport ?? { width: 1000, height: 800 } });
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => { if (message.type() === "error") problems.push(message.text()); });
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(running.url + "/");
  return { page, problems };
}

async function ask(page, question) {
  await page.getByLabel("Your question").fill(question);
  await page.keyboard.press("Enter");
}

test("an answer streams in and its citation opens the source, by keyboard", async () => {
  const { page, problems } = await open();
  await ask(page, "When is the refund paid?");
  const answer = page.locator(".turn.weir .text");
  const lengths = new Set();
  while (!(await page.locator(".turn.weir .sources").count())) {
    lengths.add((await answer.textContent()).length);
    assert.equal(await page.locator(".turn.weir .error").count(), 0);
  }
  assert.ok(lengths.size >= 5, `the text grew in ${lengths.size} steps`);
  await page.locator(".turn.weir .cite").first().focus();
  await page.keyboard.press("Enter");
  const dialog = page.locator("dialog[open]");
  await dialog.locator("mark").waitFor();
  assert.match(await dialog.locator("#source-title").textContent(), /Refunds/);
  assert.ok(document.text.includes(await dialog.locator("mark").textContent()));
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  assert.deepEqual(problems, []);
});

test("nothing that a document says becomes markup", async () => {
  await fetch(`${running.url}/api/documents`, { method: "POST", headers: { "content-type": "text/markdown" },
    body: "# Zebra policy\n\nZebra <img src=x onerror=alert(1)> <script>alert(2)</script> stripes are allowed.\n" });
  const { page, problems } = await open();
  let dialogs = 0;
  page.on("dialog", (dialog) => { dialogs += 1; void dialog.dismiss(); });
  await ask(page, "Which zebra stripes are allowed?");
  await page.locator(".turn.weir .sources").waitFor();
  assert.equal(await page.locator("#log img, #log script").count(), 0);
  assert.equal(dialogs, 0);
  assert.deepEqual(problems, []);
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1000, 360]) {
    test(`axe finds nothing (${colorScheme}, ${width} px)`, async () => {
      const { page } = await open({ forAxe: true, colorScheme, viewport: { width, height: 800 } });
      await ask(page, "When is the refund paid?");
      await page.locator(".turn.weir .sources").waitFor();
      await page.evaluate(axeSource);
      const violations = async () => (await page.evaluate(() => globalThis.axe.run())).violations
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
      assert.deepEqual(await violations(), []);
      await page.locator(".turn.weir .cite").first().click();
      await page.locator("dialog[open] mark").waitFor();
      assert.deepEqual(await violations(), []);
      const overflow = await page.evaluate(() => globalThis.document.documentElement.scrollWidth > innerWidth);
      assert.equal(overflow, false, "the page scrolls sideways");
    });
  }
}
