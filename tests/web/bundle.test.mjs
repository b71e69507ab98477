// The committed bundle is what the sources build today.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const web = join(dirname(fileURLToPath(import.meta.url)), "../../web");
const quiet = { cwd: web, stdio: ["ignore", "inherit", "inherit"] };

function contents(folder) {
  return Object.fromEntries(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name)).sort()
    .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]));
}

test("web/dist equals a fresh build, and the sources type-check", () => {
  if (!existsSync(join(web, "node_modules/esbuild"))) {
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], quiet);
  }
  execFileSync("npx", ["tsc", "--noEmit", "-p", "."], quiet);
  const fresh = mkdtempSync(join(tmpdir(), "weir-web-"));
  execFileSync("node", ["build.mjs", "--out", fresh], quiet);
  assert.deepEqual(contents(join(web, "dist")), contents(fresh));
});
