// Starts the real binary for the Node tests: a simulated provider and a Weir in front of it.
import { spawn } from "node:child_process";
import { mkdtempSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const binary = process.env.WEIR_BIN ?? join(dirname(fileURLToPath(import.meta.url)), "../build/release/weir");

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function start(args, env, port, probe, log) {
  const output = openSync(log, "a");
  const child = spawn(binary, args, { env: { PATH: process.env.PATH, ...env }, stdio: ["ignore", output, output] });
  const url = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    if (child.exitCode !== null) break;
    const ready = await fetch(url + probe).then((answer) => answer.status < 500, () => false);
    if (ready) return { url, port, stop: () => child.kill("SIGKILL"), child };
    await new Promise((wake) => setTimeout(wake, 20));
  }
  child.kill("SIGKILL");
  throw new Error(`weir did not start; its output is in ${log}`);
}

export async function launch({ env = {}, upstreamArgs = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "weir-test-"));
  const upstreamPort = await freePort();
  const upstream = await start(["upstream", "--listen", `127.0.0.1:${upstreamPort}`, ...upstreamArgs], {},
    upstreamPort, "/__stats", join(folder, "upstream.log"));
  const port = await freePort();
  const weir = await start(["serve"], {
    WEIR_LISTEN: `127.0.0.1:${port}`, WEIR_DATA: join(folder, "data"), WEIR_RATE_LIMIT: "off",
    ANTHROPIC_BASE_URL: upstream.url, ANTHROPIC_API_KEY: "sk-upstream-for-tests", ...env,
  }, port, "/livez", join(folder, "weir.log"));
  return { url: weir.url, weir, upstream, stop() { weir.stop(); upstream.stop(); } };
}
