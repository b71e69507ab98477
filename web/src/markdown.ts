// The part of Markdown that models write, as elements. Everything that is said goes in as text nodes; links
// and images stay text, so that nothing in a document can lead a reader away or load anything.
//
// A citation stands in the text as one character of Unicode's private use area: markOf(0), markOf(1), …

const firstMark = 0xe000, marksMax = 6400;
export const markOf = (index: number): string => String.fromCharCode(firstMark + Math.min(index, marksMax - 1));
const markPattern = /[\ue000-\uf8ff]/;
export const withoutMarks = (text: string): string => text.replace(/[\ue000-\uf8ff]/g, "");

export type MakeCitation = (index: number) => Node;

// The blocks of a text, in order. While an answer grows, only the last ones change.
export function splitBlocks(text: string): string[] {
  const blocks: string[] = [];
  let open: string[] = [];
  let fence = "";
  const close = (): void => { if (open.length) blocks.push(open.join("\n")); open = []; };
  for (const line of text.split("\n")) {
    const marker = /^\s{0,3}(```+|~~~+)/.exec(line)?.[1] ?? "";
    if (fence) {
      open.push(line);
      if (marker.startsWith(fence)) { fence = ""; close(); }
    } else if (marker) {
      close();
      open.push(line);
      fence = marker;
    } else if (line.trim() === "") {
      close();
    } else if (/^#{1,6}\s/.test(line)) {
      close();
      blocks.push(line);
    } else {
      open.push(line);
    }
  }
  close();
  return blocks;
}

const listItem = /^(\s*)(?:[-*+]|(\d{1,3})[.)])\s+(.*)$/;

export function renderBlock(block: string, cite: MakeCitation): Node {
  const lines = block.split("\n");
  const first = lines[0] ?? "";
  if (/^\s{0,3}(```|~~~)/.test(first)) return renderCode(lines, cite);
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(first);
  if (heading && lines.length === 1) return element("h3", inline(heading[2] ?? "", cite));
  if (/^\s{0,3}([-*_])(\s*\1){2,}\s*$/.test(first) && lines.length === 1) return document.createElement("hr");
  if (lines.every((line) => /^\s{0,3}>/.test(line))) {
    return element("blockquote", inline(lines.map((line) => line.replace(/^\s*>\s?/, "")).join("\n"), cite));
  }
  if (lines.length > 1 && /^\s*\|?[\s:|-]+\|[\s:|-]*$/.test(lines[1] ?? "")) return renderTable(lines, cite);
  const list = lines.findIndex((line) => listItem.test(line));
  if (list === 0) return renderList(lines, cite);
  if (list > 0) {  // "As follows:\n- one"
    const both = document.createDocumentFragment();
    both.append(element("p", inline(lines.slice(0, list).join("\n"), cite)), renderList(lines.slice(list), cite));
    return both;
  }
  return element("p", inline(block, cite));
}

function renderCode(lines: string[], cite: MakeCitation): Node {
  const closed = lines.length > 1 && /^\s{0,3}(```+|~~~+)/.test(lines[lines.length - 1] ?? "");
  const body = lines.slice(1, closed ? -1 : undefined).join("\n");
  const behind = [...lines.join("")].filter((c) => markPattern.test(c));
  const pre = element("pre", [element("code", [withoutMarks(body)])]);
  pre.tabIndex = 0;  // it may scroll sideways
  if (!behind.length) return pre;
  const both = document.createDocumentFragment();
  both.append(pre, element("p", inline(behind.join(""), cite)));
  return both;
}

// Items and, below them, the items that are indented further.
function renderList(lines: string[], cite: MakeCitation): Node {
  const indentOf = (line: string): number => listItem.exec(line)?.[1]?.length ?? 0;
  const base = indentOf(lines[0] ?? "");
  const number = listItem.exec(lines[0] ?? "")?.[2];
  const list = document.createElement(number === undefined ? "ul" : "ol");
  if (list instanceof HTMLOListElement) list.start = Number(number);
  for (let at = 0; at < lines.length;) {
    const text = [listItem.exec(lines[at] ?? "")?.[3] ?? ""];
    let next = at + 1;
    while (next < lines.length && !listItem.test(lines[next] ?? "")) text.push((lines[next++] ?? "").trim());
    const below = next;
    while (next < lines.length && (!listItem.test(lines[next] ?? "") || indentOf(lines[next] ?? "") > base)) ++next;
    const item = element("li", inline(text.join("\n"), cite));
    if (next > below) item.append(renderList(lines.slice(below, next), cite));
    list.append(item);
    at = next;
  }
  return list;
}

function renderTable(lines: string[], cite: MakeCitation): Node {
  const cells = (line: string): string[] => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
  const row = (line: string, name: "th" | "td"): Node =>
    element("tr", cells(line).map((cell) => element(name, inline(cell, cite))));
  const table = element("table", [element("thead", [row(lines[0] ?? "", "th")]),
    element("tbody", lines.slice(2).map((line) => row(line, "td")))]);
  const frame = element("div", [table]);
  frame.className = "table";
  frame.tabIndex = 0;
  return frame;
}

const spans = /(`+)([^`]|[^`].*?[^`])\1(?!`)|\*\*(?=\S)(.+?)(?<=\S)\*\*|(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=\S)\*(?![\w*])|([\ue000-\uf8ff])/gs;

function inline(text: string, cite: MakeCitation): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  for (const match of text.matchAll(spans)) {
    if (match.index > at) nodes.push(document.createTextNode(text.slice(at, match.index)));
    at = match.index + match[0].length;
    const [, , code, strong, emphasis, mark] = match;
    if (code !== undefined) nodes.push(element("code", [withoutMarks(code)]));
    else if (strong !== undefined) nodes.push(element("strong", inline(strong, cite)));
    else if (emphasis !== undefined) nodes.push(element("em", inline(emphasis, cite)));
    else if (mark !== undefined) nodes.push(cite(mark.charCodeAt(0) - firstMark));
  }
  if (at < text.length) nodes.push(document.createTextNode(text.slice(at)));
  return nodes;
}

function element<Name extends keyof HTMLElementTagNameMap>(name: Name, children: (Node | string)[]): HTMLElementTagNameMap[Name] {
  const out = document.createElement(name);
  out.append(...children);
  return out;
}
