// A real Chromium for the tests of the page, and what they do on it again and again.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const chromiumPath = process.env.CHROMIUM ?? "/usr/bin/chromium";

export async function startBrowser() {
  assert.ok(existsSync(chromiumPath), `${chromiumPath} is missing: apt-get install chromium`);
  return chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
}

// `problems` collects what the console and the page complain of.
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ bypassCSP: options.forAxe ?? false, colorScheme: options.colorScheme ?? "light",
    reducedMotion: options.reducedMotion ?? "no-preference", viewport: options.viewport ?? { width: 1000, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems = [];
  page.on("console", (message) => { if (message.type() === "error") problems.push(message.text()); });
  page.on("pageerror", (error) => problems.push(String(error)));
  await options.prepare?.(page);
  await page.goto(url + "/");
  return { page, problems };
}

export async function ask(page, question) {
  await page.getByLabel("Your question").fill(question);
  await page.keyboard.press("Enter");
}

export async function addDocument(url, document) {
  const answer = await fetch(`${url}/api/documents`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(document) });
  assert.equal(answer.status, 201);
  return answer.json();
}

// Makes POST /api/chat answer with these events instead of the server's.
export async function answerWith(page, events) {
  const body = events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join("");
  await page.route("**/api/chat", (route) => route.fulfill({ contentType: "text/event-stream", body }));
}

// The last answer's text, once it is whole.
export async function answered(page) {
  await page.locator(".turn.weir:last-child:not([aria-busy])").waitFor();
  return page.locator(".turn.weir:last-child .text").innerText();
}
