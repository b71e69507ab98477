// Builds the chat page into dist/: one HTML file, one script and one style sheet, their names carrying
// the hash of their contents so that browsers may keep them for ever. `node build.mjs --out DIR` builds
// elsewhere, which is how a test proves that the committed dist/ is fresh.
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile, copyFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const flag = process.argv.indexOf("--out");
const out = flag > 0 ? process.argv[flag + 1] : join(here, "dist");

const bundle = await build({
  entryPoints: [join(here, "src/chat.ts"), join(here, "src/chat.css")],
  outdir: "memory", write: false, bundle: true, minify: true, target: "es2022", format: "esm",
  legalComments: "none",
});

await rm(out, { recursive: true, force: true });
await mkdir(join(out, "assets"), { recursive: true });
let page = await readFile(join(here, "src/index.html"), "utf8");
for (const file of bundle.outputFiles) {
  const extension = file.path.endsWith(".css") ? "css" : "js";
  const hash = createHash("sha256").update(file.contents).digest("hex").slice(0, 10);
  const name = `assets/chat-${hash}.${extension}`;
  await writeFile(join(out, name), file.contents);
  page = page.replace(`%${extension}%`, `/${name}`);
}
await writeFile(join(out, "index.html"), page);
await copyFile(join(here, "src/favicon.svg"), join(out, "favicon.svg"));
