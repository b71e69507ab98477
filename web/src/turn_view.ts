// One turn of the conversation on the page.
import type { Answer, Citation, Source } from "./api";
import { markOf, renderBlock, splitBlocks, withoutMarks } from "./markdown";
import { openSource } from "./source_dialog";

const labels: Record<string, string> = {
  extractive: "Quoted from your documents. No model wrote this answer.",
  no_answer: "No model was asked.",
};
const reasons: Record<string, string> = {
  no_api_key: "No API key for Claude is configured.",
  upstream_failed: "Claude could not be reached.",
  timed_out: "Claude did not answer in time.",
};
const endings: Record<string, string> = {
  max_tokens: "The answer was cut at its longest permitted length.",
  refusal: "Claude declined to go on.",
};

function make<Name extends keyof HTMLElementTagNameMap>(name: Name, className: string, text = ""): HTMLElementTagNameMap[Name] {
  const out = document.createElement(name);
  out.className = className;
  out.textContent = text;
  return out;
}

function button(className: string, text: string, act: () => void): HTMLButtonElement {
  const out = make("button", className, text);
  out.type = "button";
  out.addEventListener("click", act);
  return out;
}

export class QuestionView {
  constructor(log: HTMLElement, text: string) {
    const root = make("article", "turn you");
    root.append(make("h2", "visually-hidden", "You asked"), make("div", "text", text));
    log.append(root);
  }
}

export class AnswerView {
  private readonly root = make("article", "turn weir");
  private readonly progress = make("p", "progress", "Searching your documents");
  private readonly text = make("div", "text");
  private sources: Source[] = [];
  private citations: Citation[] = [];
  private said = "";                // with a mark for each citation
  private drawn: { block: string; nodes: ChildNode[] }[] = [];
  private frame = 0;

  constructor(private readonly log: HTMLElement, private readonly onDrawn: () => void) {
    this.root.setAttribute("aria-busy", "true");
    this.root.append(make("h2", "visually-hidden", "Weir answered"), this.progress, this.text);
    this.log.append(this.root);
  }

  setSources(sources: Source[]): void {
    this.sources = sources;
    const count = sources.length;
    this.progress.textContent = count === 0 ? "No passage matches; asking all the same"
      : `Reading ${count} ${count === 1 ? "passage" : "passages"}`;
  }

  addText(delta: string): void {
    this.said += withoutMarks(delta);
    this.drawSoon();
  }

  addCitation(citation: Citation): void {
    const before = this.citations[this.citations.length - 1];
    if (!this.sourceOf(citation)) return;
    // The same passage twice in a row tells nothing new.
    if (before && this.said.endsWith(markOf(this.citations.length - 1)) && before.source_number === citation.source_number &&
        before.begin === citation.begin) return;
    this.said += markOf(this.citations.length);
    this.citations.push(citation);
    this.drawSoon();
  }

  finish(answer: Answer): void {
    this.end();
    const label = labels[answer.kind];
    if (label) {
      const note = make("p", `label ${answer.kind}`);
      note.append(make("strong", "", label), " ", reasons[answer.fallback_reason ?? ""] ?? "");
      this.root.insertBefore(note, this.text);
    }
    this.root.classList.add(answer.kind);
    const ending = endings[answer.stop_reason ?? ""];
    if (ending) this.root.append(make("p", "note", ending));
    this.root.append(this.foot());
  }

  // What went wrong, and how to go on: `retry` is absent where trying again cannot help.
  fail(message: string, hint: string, retry?: HTMLButtonElement): void {
    this.end();
    const note = make("div", "error");
    note.append(make("p", "", message));
    if (hint) note.append(make("p", "hint", hint));
    if (retry) note.append(retry);
    this.root.append(note);
  }

  stopped(retry: HTMLButtonElement): void {
    this.end();
    const note = make("p", "note", "Stopped. ");
    note.append(retry);
    this.root.append(note);
  }

  remove(): void { this.root.remove(); }
  plainText(): string { return withoutMarks(this.said); }

  private end(): void {
    cancelAnimationFrame(this.frame);
    this.draw();
    this.progress.remove();
    this.root.removeAttribute("aria-busy");
  }

  private sourceOf(citation: Citation): Source | undefined {
    return this.sources.find((source) => source.number === citation.source_number);
  }

  private drawSoon(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  // Draws the blocks that have changed; the others, and the focus within them, stay.
  private draw(): void {
    if (this.said) this.progress.remove();
    const blocks = splitBlocks(this.said);
    blocks.forEach((block, index) => {
      const old = this.drawn[index];
      if (old?.block === block) return;
      const made = renderBlock(block, (citation) => this.citeButton(citation));
      const nodes: ChildNode[] = made instanceof DocumentFragment ? [...made.childNodes] : [made as ChildNode];
      if (old) {
        old.nodes[0]?.before(...nodes);
        for (const node of old.nodes) node.remove();
      } else {
        this.text.append(...nodes);
      }
      this.drawn[index] = { block, nodes };
    });
    this.onDrawn();
  }

  private citeButton(index: number): Node {
    const citation = this.citations[index];
    const source = citation && this.sourceOf(citation);
    if (!citation || !source) return document.createTextNode("");
    const out = button("cite", String(source.number), () => void openSource(source, citation, citation.cited_text));
    out.setAttribute("aria-label", `Source ${source.number}: ${source.title}`);
    out.title = source.title;
    return out;
  }

  private foot(): HTMLElement {
    const foot = make("footer", "");
    const cited = new Set(this.citations.map((citation) => citation.source_number));
    const shown = this.sources.filter((source) => cited.has(source.number));
    if (shown.length > 0) {
      const list = make("ol", "sources");
      list.setAttribute("aria-label", "Sources");
      for (const source of shown) {
        const item = make("li", "");
        const open = button("source", "", () => void openSource(source, source, source.text));
        open.append(make("span", "number", String(source.number)), make("span", "title", source.title || source.source));
        const place = source.heading && source.heading !== source.title ? source.heading : source.source;
        if (place) open.append(make("span", "place", place));
        item.append(open);
        list.append(item);
      }
      foot.append(list);
    }
    const copy = button("quiet copy", "Copy answer", () => {
      void navigator.clipboard?.writeText(this.plainText()).then(() => { copy.textContent = "Copied"; });
    });
    if (navigator.clipboard) foot.append(copy);
    return foot;
  }
}
