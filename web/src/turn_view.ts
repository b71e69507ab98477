// One turn of the conversation on the page. Text goes in as text nodes only, so that nothing that a
// model or a document says can become markup.
import type { Answer, Citation, Source } from "./api";
import { openSource } from "./source_dialog";

const labels: Record<string, string> = {
  extractive: "Quoted from your documents, no model was asked",
  no_answer: "Nothing in your documents answers this",
};
const reasons: Record<string, string> = {
  no_api_key: "no API key for Claude is configured",
  upstream_failed: "Claude could not be reached",
  timed_out: "Claude did not answer in time",
};

export class TurnView {
  private readonly root = document.createElement("article");
  private readonly text = document.createElement("div");
  private sources: Source[] = [];

  constructor(log: HTMLElement, who: "you" | "weir", text = "") {
    this.root.className = `turn ${who}`;
    const heading = document.createElement("h2");
    heading.textContent = who === "you" ? "You" : "Weir";
    this.text.className = "text";
    this.text.textContent = text;
    this.root.append(heading, this.text);
    log.append(this.root);
  }

  setSources(sources: Source[]): void { this.sources = sources; }
  addText(delta: string): void { this.text.append(delta); }

  addCitation(citation: Citation): void {
    const source = this.sources.find((candidate) => candidate.number === citation.source_number);
    if (!source) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "cite";
    button.textContent = String(citation.source_number);
    button.setAttribute("aria-label", `Source ${citation.source_number}: ${source.title}`);
    button.addEventListener("click", () => void openSource(source, citation));
    this.text.append(button);
  }

  finish(answer: Answer): void {
    const label = labels[answer.kind];
    if (label) {
      const note = document.createElement("p");
      note.className = "label";
      const reason = reasons[answer.fallback_reason ?? ""];
      note.textContent = reason ? `${label}: ${reason}` : label;
      this.root.insertBefore(note, this.text);
    }
    if (answer.kind !== "no_answer") this.listSources(answer);
  }

  fail(message: string): void {
    const note = document.createElement("p");
    note.className = "error";
    note.textContent = message;
    this.root.append(note);
  }

  private listSources(answer: Answer): void {
    const cited = new Set(answer.citations.map((citation) => citation.source_number));
    const shown = this.sources.filter((source) => cited.has(source.number));
    if (shown.length === 0) return;
    const list = document.createElement("ul");
    list.className = "sources";
    list.setAttribute("aria-label", "Sources");
    for (const source of shown) {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `${source.number} · ${source.title || source.source}`;
      button.addEventListener("click", () => void openSource(source, source));
      item.append(button);
      list.append(item);
    }
    this.root.append(list);
  }
}
