// tests/support/app_samples.h: documents and passages to try the application on.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "app/chat/prompt.h"
#include "app/documents/chunker.h"
#include "app/documents/parser.h"
#include "base/random.h"

namespace weir::app::test {

inline std::size_t below(Random& random, std::size_t bound) {
  return random.next_u64() % bound;
}

// Words in several scripts, with what parsers stumble over.
inline std::string random_sentence(Random& random) {
  static constexpr std::array<std::string_view, 24> kWords = {
      "refund", "Größe",  "naïve",  "価格",     "тариф",   "🚀",        "e.g.",     "3.14",
      "(see",   "below)", "`code`", "**bold**", "a_b",     "x<y",       "&amp;",    "\"said\"",
      "limit",  "days",   "no.",    "a|b",      "e\u0301", "[link](u)", "<b>b</b>", "!?"};
  static constexpr std::array<std::string_view, 5> kEnds = {". ", "! ", "? ", "。", "\n"};
  std::string out;
  for (std::size_t words = 1 + below(random, 14); words > 0; --words) {
    out += kWords[below(random, kWords.size())];
    if (words > 1) out += ' ';
  }
  out += kEnds[below(random, kEnds.size())];
  return out;
}

// A page of Markdown: headings, paragraphs, lists, tables, code, quotations, raw HTML and loose ends.
inline std::string random_markdown(Random& random) {
  std::string out;
  for (std::size_t blocks = 1 + below(random, 24); blocks > 0; --blocks) {
    const std::string sentence = random_sentence(random);
    switch (below(random, 9)) {
      case 0: out += std::string(1 + below(random, 6), '#') + " " + sentence + "\n"; break;
      case 1: out += "- " + sentence + "\n  - " + random_sentence(random) + "\n- [ ] " + sentence; break;
      case 2: out += "| a | b |\n|---|---|\n| " + random_sentence(random) + " | 2 |"; break;
      case 3: out += "```sh\n" + sentence + "\n\n" + random_sentence(random) + "\n```"; break;
      case 4: out += "> " + sentence + "> " + random_sentence(random); break;
      case 5: out += "<div>\n" + sentence + "</div>"; break;
      case 6: out += "[ref]: https://example.com/ \"" + sentence + "\""; break;
      default:
        for (std::size_t n = 1 + below(random, 12); n > 0; --n) out += random_sentence(random);
    }
    out += below(random, 4) == 0 ? "\n" : "\n\n";
  }
  return out;
}

// The passages that a store would find for a document: all of them, in order.
inline std::vector<data::FoundChunk> passages_of(const ParsedDocument& document, ChunkerConfig config = {}) {
  std::vector<data::FoundChunk> found;
  auto chunks = cut_into_chunks(document, config);
  if (!chunks) return found;
  for (data::Chunk& chunk : *chunks) {
    chunk.document_id = "doc_1";
    chunk.id = "doc_1#" + std::to_string(chunk.ordinal);
    found.push_back(
        {.chunk = std::move(chunk), .document_title = document.title, .document_source = "page.md"});
  }
  return found;
}

}  // namespace weir::app::test
