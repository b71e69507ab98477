#include "model/routing/strip_thinking.h"

#include <utility>
#include <vector>

#include "model/json_span.h"

namespace weir::model {
namespace {

bool is_thinking(std::string_view block) {
  const auto type = find_json_member(block, "type");
  return type && (json_string_is(*type, "thinking") || json_string_is(*type, "redacted_thinking"));
}

// One element of an array, and what becomes of it.
struct Element {
  std::string_view text;
  bool cut = false;
  std::vector<std::string_view> inner_cuts;  // parts to leave out, commas included
};

// What to leave out of an array's text so that the elements that are cut go, each with one comma.
std::vector<std::string_view> cuts_of(const std::vector<Element>& elements) {
  std::vector<std::string_view> cuts;
  const char* kept_end = nullptr;  // of the last element that stays
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const Element& element = elements[i];
    if (!element.cut) {
      kept_end = element.text.data() + element.text.size();
      cuts.insert(cuts.end(), element.inner_cuts.begin(), element.inner_cuts.end());
      continue;
    }
    const char* const end = element.text.data() + element.text.size();
    // With what is before it, when something is; else with what is after it.
    const char* from = element.text.data();
    const char* to = end;
    if (kept_end != nullptr) {
      from =
          i > 0 && elements[i - 1].cut ? elements[i - 1].text.data() + elements[i - 1].text.size() : kept_end;
    } else if (i + 1 < elements.size()) {
      to = elements[i + 1].text.data();
    }
    cuts.emplace_back(from, static_cast<std::size_t>(to - from));
  }
  return cuts;
}

Element read_message(std::string_view message) {
  Element out{.text = message};
  const auto content = find_json_member(message, "content");
  if (!content) return out;
  std::vector<Element> blocks;
  std::size_t cut = 0;
  for_each_element(*content, [&](std::string_view block) {
    blocks.push_back({.text = block, .cut = is_thinking(block)});
    if (blocks.back().cut) ++cut;
    return true;
  });
  if (cut == 0) return out;
  out.cut = cut == blocks.size();
  if (!out.cut) out.inner_cuts = cuts_of(blocks);
  return out;
}

}  // namespace

std::optional<std::string> strip_thinking(std::string_view body) {
  if (body.find("thinking") == std::string_view::npos) return std::nullopt;
  const auto messages = find_json_member(body, "messages");
  if (!messages) return std::nullopt;
  std::vector<Element> elements;
  for_each_element(*messages, [&](std::string_view message) {
    elements.push_back(read_message(message));
    return true;
  });
  const std::vector<std::string_view> cuts = cuts_of(elements);
  if (cuts.empty()) return std::nullopt;
  std::string out;
  out.reserve(body.size());
  const char* at = body.data();
  for (const std::string_view cut : cuts) {
    out.append(at, static_cast<std::size_t>(cut.data() - at));
    at = cut.data() + cut.size();
  }
  out.append(at, static_cast<std::size_t>(body.data() + body.size() - at));
  return out;
}

}  // namespace weir::model
