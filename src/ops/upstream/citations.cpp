#include "ops/upstream/citations.h"

#include "base/text.h"

namespace weir::ops::upstream {
namespace {

// Up to and with the first ". ", "! " or "? ", or line break.
std::string_view first_sentence(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const bool ends = text[i] == '.' || text[i] == '!' || text[i] == '?';
    if (text[i + 1] == '\n' || (ends && text[i + 1] == ' ')) return text.substr(0, i + 1);
  }
  return text;
}

bool citations_enabled(const json::value& block) {
  const json::value* const citations = find_member(block, "citations");
  const json::value* const enabled = citations != nullptr ? find_member(*citations, "enabled") : nullptr;
  return enabled != nullptr && enabled->is_bool() && enabled->get_bool();
}

struct Block {
  std::string_view text;
  std::size_t index = 0;  // start_block_index; end_block_index is one more
};

// The first text block of a list that says more than a Markdown heading does; empty text: there is none.
Block first_block(const json::value* content) {
  if (content == nullptr || !content->is_array()) return {};
  const json::array& blocks = content->get_array();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::string_view text = string_member(blocks[i], "text");
    if (!text.empty() && (!text.starts_with('#') || text.contains('\n'))) return {text, i};
  }
  return blocks.empty() ? Block() : Block{string_member(blocks.front(), "text")};
}

json::value optional_text(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

class Search {
 public:
  std::optional<Citation> in_blocks(const json::value* blocks) {
    if (blocks == nullptr || !blocks->is_array()) return std::nullopt;
    for (const json::value& block : blocks->get_array()) {
      auto found = in_block(block);
      if (found) return found;
    }
    return std::nullopt;
  }

 private:
  std::optional<Citation> in_block(const json::value& block) {
    const std::string_view type = string_member(block, "type");
    if (type == "tool_result") return in_blocks(find_member(block, "content"));
    if (type == "search_result") return search_result(block, search_results_++);
    if (type == "document") return document(block, documents_++);
    return std::nullopt;
  }

  std::optional<Citation> search_result(const json::value& block, int index) {
    const auto [text, at] = first_block(find_member(block, "content"));
    if (!citations_enabled(block) || text.empty()) return std::nullopt;
    return Citation{std::string(first_sentence(text)),
                    {{"type", "search_result_location"},
                     {"cited_text", text},
                     {"search_result_index", index},
                     {"source", string_member(block, "source")},
                     {"title", optional_text(string_member(block, "title"))},
                     {"start_block_index", at},
                     {"end_block_index", at + 1}}};
  }

  std::optional<Citation> document(const json::value& block, int index) {
    const json::value* const source = find_member(block, "source");
    if (source == nullptr || !citations_enabled(block)) return std::nullopt;
    const json::value title = optional_text(string_member(block, "title"));
    if (string_member(*source, "type") == "text" && !string_member(*source, "data").empty()) {
      const std::string_view sentence = first_sentence(string_member(*source, "data"));
      return Citation{std::string(sentence),
                      {{"type", "char_location"},
                       {"cited_text", sentence},
                       {"document_index", index},
                       {"document_title", title},
                       {"start_char_index", 0},
                       {"end_char_index", count_code_points(sentence)},
                       {"file_id", nullptr}}};
    }
    const auto [text, at] = first_block(find_member(*source, "content"));
    if (text.empty()) return std::nullopt;
    return Citation{std::string(first_sentence(text)),
                    {{"type", "content_block_location"},
                     {"cited_text", text},
                     {"document_index", index},
                     {"document_title", title},
                     {"start_block_index", at},
                     {"end_block_index", at + 1},
                     {"file_id", nullptr}}};
  }

  int search_results_ = 0;
  int documents_ = 0;
};

}  // namespace

std::optional<Citation> cite_first_source(const json::value& request) {
  const json::value* const messages = find_member(request, "messages");
  if (messages == nullptr || !messages->is_array()) return std::nullopt;
  Search search;
  for (const json::value& message : messages->get_array()) {
    auto found = search.in_blocks(find_member(message, "content"));
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace weir::ops::upstream
