#include "app/chat/citations.h"

#include "base/text.h"

namespace weir::app {
namespace {

std::optional<std::size_t> index_member(const json::value& object, std::string_view name) {
  const json::value* member = find_member(object, name);
  if (member == nullptr || !member->is_number()) return std::nullopt;
  boost::system::error_code ec;
  const auto value = member->to_number<std::size_t>(ec);
  if (ec) return std::nullopt;
  return value;
}

// Equal but for white space, which a provider may join differently between blocks.
bool same_words(std::string_view a, std::string_view b) {
  const auto skip = [](std::string_view& text) {
    const auto at = text.find_first_not_of(" \t\r\n");
    text.remove_prefix(at == std::string_view::npos ? text.size() : at);
  };
  while (true) {
    skip(a);
    skip(b);
    if (a.empty() || b.empty()) return a.empty() == b.empty();
    if (a[0] != b[0]) return false;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
}

}  // namespace

std::optional<Citation> locate_citation(const json::value& citation, const std::vector<PromptSource>& sources,
                                        std::uint64_t answer_at) {
  if (string_member(citation, "type") != "search_result_location") return std::nullopt;
  const auto index = index_member(citation, "search_result_index");
  const auto first = index_member(citation, "start_block_index");
  const auto past = index_member(citation, "end_block_index");  // one behind the last
  if (!index || !first || !past || *index >= sources.size()) return std::nullopt;
  const PromptSource& source = sources[*index];
  if (*first >= *past || *past > source.blocks.size()) return std::nullopt;

  const std::size_t begin = source.blocks[*first].begin;
  const std::size_t end = source.blocks[*past - 1].end;
  const std::string_view text = std::string_view(source.source.text).substr(begin - source.source.begin, end - begin);
  const std::string_view cited = string_member(citation, "cited_text");
  if (!cited.empty() && !same_words(cited, text)) return std::nullopt;
  return Citation{.source_number = source.source.number,
                  .document_id = source.source.document_id,
                  .cited_text = std::string(text),
                  .begin = begin,
                  .end = end,
                  .answer_at = answer_at};
}

}  // namespace weir::app
