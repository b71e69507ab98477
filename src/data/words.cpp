#include "data/words.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/text.h"

namespace weir::data {
namespace {

// Sorted. Articles, pronouns, auxiliaries, prepositions and question words.
constexpr std::array<std::string_view, 94> kStopWords = {
    "a",     "about",  "after",   "all",   "also",   "am",     "an",      "and",   "any",  "are",   "as",
    "at",    "be",     "because", "been",  "before", "being",  "between", "both",  "but",  "by",    "can",
    "could", "did",    "do",      "does",  "doing",  "during", "each",    "for",   "from", "had",   "has",
    "have",  "having", "he",      "her",   "his",    "how",    "i",       "if",    "in",   "into",  "is",
    "it",    "its",    "just",    "me",    "my",     "no",     "nor",     "not",   "of",   "on",    "or",
    "our",   "out",    "over",    "own",   "s",      "she",    "should",  "so",    "some", "such",  "t",
    "than",  "that",   "the",     "their", "them",   "then",   "there",   "these", "they", "this",  "to",
    "too",   "under",  "up",      "us",    "was",    "we",     "were",    "what",  "when", "where", "which",
    "who",   "why",    "will",    "with",  "would",  "you"};
static_assert(std::ranges::is_sorted(kStopWords));

bool is_stop_word(std::string_view word) {
  return std::ranges::binary_search(kStopWords, word);
}

bool is_word_character(utf8proc_int32_t code_point) {
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return true;
    default: return false;
  }
}

// The words as they stand in the text.
std::vector<std::string_view> raw_words(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;  // of the word that is being read
  std::size_t at = 0;
  while (at < text.size()) {
    const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at;
    utf8proc_int32_t code_point = 0;
    const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
    const bool belongs = length > 0 && is_word_character(code_point);
    if (!belongs && at > begin) words.push_back(text.substr(begin, at - begin));
    at += length > 0 ? static_cast<std::size_t>(length) : 1;
    if (!belongs) begin = at;
  }
  if (at > begin) words.push_back(text.substr(begin));
  return words;
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Below three letters a part tells nothing: the "m" of mTOR is in every text.
constexpr std::size_t kPartSizeMin = 3;

void append_part(std::string_view part, std::vector<std::string>& parts) {
  if (part.size() >= kPartSizeMin) parts.push_back(to_lower(part));
}

// Appends the parts of one camelCase word; nothing when it is a single part.
void append_parts(std::string_view word, std::vector<std::string>& parts) {
  std::size_t begin = 0;
  for (std::size_t i = 1; i < word.size(); ++i) {
    const bool hump = is_upper(word[i]) && is_lower_or_digit(word[i - 1]);  // max|Tokens
    const bool after_acronym = is_upper(word[i]) && is_upper(word[i - 1]) && i + 1 < word.size() &&
                               is_lower_or_digit(word[i + 1]);  // HTTP|Server
    if (!hump && !after_acronym) continue;
    append_part(word.substr(begin, i - begin), parts);
    begin = i;
  }
  if (begin > 0) append_part(word.substr(begin), parts);
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view word : raw_words(text)) words.push_back(to_lower(word));
  return words;
}

std::string identifier_parts(std::string_view text) {
  std::vector<std::string> parts;
  for (const std::string_view word : raw_words(text)) append_parts(word, parts);
  std::string joined;
  for (const std::string& part : parts) {
    if (!joined.empty()) joined += ' ';
    joined += part;
  }
  return joined;
}

std::vector<std::string> query_words(std::string_view query) {
  std::vector<std::string> candidates;
  for (const std::string_view word : raw_words(query)) {
    candidates.push_back(to_lower(word));
    append_parts(word, candidates);
  }
  const bool only_stop_words = std::ranges::all_of(candidates, is_stop_word);
  std::vector<std::string> words;
  std::unordered_set<std::string> seen;
  for (std::string& word : candidates) {
    if (words.size() == kQueryWordsMax) break;
    if (!only_stop_words && is_stop_word(word)) continue;
    if (seen.insert(word).second) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace weir::data
