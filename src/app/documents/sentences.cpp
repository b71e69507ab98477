#include "app/documents/sentences.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::array<std::string_view, 20> kAbbreviations = {
    "e.g", "i.e", "etc",    "vs",  "mr",  "mrs", "ms", "dr", "prof", "no",
    "fig", "eq",  "approx", "inc", "ltd", "st",  "jr", "sr", "cf",   "al"};

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

bool ends_in_abbreviation(std::string_view before_dot) {
  std::size_t start = before_dot.size();
  while (start > 0 && !is_space(before_dot[start - 1]) && before_dot[start - 1] != '(') --start;
  const std::string word = to_lower(before_dot.substr(start));
  const bool initial = word.size() == 1 && word[0] >= 'a' && word[0] <= 'z';
  return initial || std::ranges::find(kAbbreviations, word) != kAbbreviations.end();
}

// "12" at the beginning of a line, in front of the dot that makes it a list's number.
bool is_list_number(std::string_view before_dot) {
  std::size_t at = before_dot.size();
  while (at > 0 && before_dot[at - 1] >= '0' && before_dot[at - 1] <= '9') --at;
  const std::size_t digits = before_dot.size() - at;
  if (digits == 0 || digits > 3) return false;
  while (at > 0 && (before_dot[at - 1] == ' ' || before_dot[at - 1] == '\t')) --at;
  return at == 0 || before_dot[at - 1] == '\n';
}

// Whether a line starts something that stands for itself: a list item, a heading, a row, a quote.
bool starts_structure(std::string_view line) {
  line = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
  if (line.empty()) return true;
  if (line[0] == '#' || line[0] == '|' || line[0] == '>' || line.starts_with("```")) return true;
  if ((line[0] == '-' || line[0] == '*' || line[0] == '+') && line.size() > 1 && line[1] == ' ') return true;
  const auto digits = line.find_first_not_of("0123456789");
  return digits != 0 && digits != std::string_view::npos && digits < 4 &&
         (line[digits] == '.' || line[digits] == ')') && digits + 1 < line.size() && line[digits + 1] == ' ';
}

struct Stop {
  std::size_t end;  // of the punctuation at a place, closing quotes and brackets included
  bool ends_sentence;
};

// The punctuation at `at`; nullopt: there is none. What stands before `end` need not be looked at again.
std::optional<Stop> stop_at(std::string_view text, std::size_t at) {
  // U+3002, U+FF01, U+FF1F: full stops of Chinese and Japanese need no space behind them.
  for (const std::string_view stop : {"\u3002", "\uFF01", "\uFF1F"}) {
    if (text.substr(at).starts_with(stop)) return Stop{at + stop.size(), true};
  }
  const char c = text[at];
  if (c != '.' && c != '!' && c != '?') return std::nullopt;
  std::size_t end = at + 1;
  while (end < text.size() && std::string_view(".!?\"')]*_`").find(text[end]) != std::string_view::npos)
    ++end;
  if (end < text.size() && !is_space(text[end])) return Stop{end, false};
  const bool single = end == at + 1 || text[at + 1] != '.';  // "etc..." trails off, "etc." need not
  const std::string_view before = text.substr(0, at);
  return Stop{end, !(c == '.' && single && (ends_in_abbreviation(before) || is_list_number(before)))};
}

}  // namespace

std::vector<Span> split_sentences(std::string_view text) {
  std::vector<Span> sentences;
  std::size_t begin = 0;
  const auto cut = [&](std::size_t end) {
    std::size_t first = begin, last = end;
    while (first < last && is_space(text[first])) ++first;
    while (last > first && is_space(text[last - 1])) --last;
    if (first < last) sentences.push_back({first, last});
    begin = end;
  };
  bool in_structure = starts_structure(text.substr(0, text.find('\n')));
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') {
      const std::string_view next = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
      const bool next_structure = starts_structure(next);
      if (next_structure || (in_structure && next.find_first_not_of(" \t") == 0)) cut(at + 1);
      in_structure = next_structure;
    } else if (const auto stop = stop_at(text, at)) {
      if (stop->ends_sentence) cut(stop->end);
      at = stop->end - 1;
    }
  }
  cut(text.size());
  return sentences;
}

}  // namespace weir::app
