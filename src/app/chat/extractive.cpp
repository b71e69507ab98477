#include "app/chat/extractive.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::size_t kQuotesMax = 3;
constexpr double kShareOfBest = 0.6;        // a further quote must score that much of the first
constexpr double kQuestionShareMin = 0.34;  // of the question's weight that the best sentence must hold
constexpr std::size_t kSentenceCharsMax = 600;

constexpr std::string_view kNoAnswer = "I could not find an answer to this in your documents.";

constexpr std::array<std::string_view, 60> kStopWords = {
    "a",   "about", "after", "all",  "an",     "and",   "any",   "are",  "as",    "at",    "be",   "been",
    "by",  "can",   "could", "did",  "do",     "does",  "for",   "from", "has",   "have",  "how",  "i",
    "if",  "in",    "is",    "it",   "its",    "may",   "me",    "much", "my",    "not",   "of",   "on",
    "one", "or",    "our",   "out",  "should", "so",    "that",  "the",  "their", "there", "they", "this",
    "to",  "was",   "we",    "what", "when",   "where", "which", "who",  "will",  "with",  "you",  "your"};

bool takes_es(std::string_view word) {  // boxes, classes, searches; but files, pages
  return word.ends_with("s") || word.ends_with("x") || word.ends_with("z") || word.ends_with("ch") ||
         word.ends_with("sh");
}

// A light stem: plurals, -ing and -ed meet their word (files/file, cached/caching/cache, stopped/stop);
// irregular forms (paid/pays) do not. Not a word itself.
std::string stem(std::string word) {
  const auto cut = [&](std::string_view ending) {
    const bool cuts = word.size() > ending.size() + 2 && word.ends_with(ending);
    if (cuts) word.resize(word.size() - ending.size());
    return cuts;
  };
  if (cut("ies")) {
    word += 'y';
  } else if (!cut("ing") && !cut("ed") && !word.ends_with("ss") && cut("s") && word.ends_with("e") &&
             takes_es(std::string_view(word).substr(0, word.size() - 1))) {
    word.pop_back();
  }
  if (word.size() > 3 && word.ends_with("e")) word.pop_back();
  if (word.size() > 3 && word.back() == word[word.size() - 2]) word.pop_back();
  return word;
}

std::vector<std::string> terms(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  const auto finish = [&] {
    if (!word.empty() && std::ranges::find(kStopWords, word) == kStopWords.end()) out.push_back(stem(word));
    word.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || byte >= 0x80) {
      word += static_cast<char>(std::tolower(byte));
    } else {
      finish();
    }
  }
  finish();
  return out;
}

struct Candidate {
  const PromptSource* source;
  Span span;
  std::set<std::string> words;
  double score = 0;
};

std::vector<Candidate> candidates(const std::vector<PromptSource>& sources) {
  std::vector<Candidate> out;
  for (const PromptSource& source : sources) {
    // A heading tells what a sentence below it is about.
    const auto heading = terms(source.source.heading);
    for (const Span& span : source.blocks) {
      const std::string_view text = std::string_view(source.source.text)
                                        .substr(span.begin - source.source.begin, span.end - span.begin);
      const bool is_heading =
          text.starts_with('#') || text == source.source.heading || text.starts_with("```");
      if (is_heading || count_code_points(text) > kSentenceCharsMax) continue;
      const auto own = terms(text);
      if (own.size() < 2) continue;
      Candidate candidate{&source, span, {own.begin(), own.end()}};
      candidate.words.insert(heading.begin(), heading.end());
      out.push_back(std::move(candidate));
    }
  }
  return out;
}

// A list's marker or a quotation's is not part of what is said.
Span without_marker(std::string_view text, Span span) {
  const std::string_view line = text.substr(span.begin, span.end - span.begin);
  std::size_t at = line.find_first_not_of("0123456789");
  if (at == std::string_view::npos) return span;
  const bool numbered = at > 0 && at < 4 && (line[at] == '.' || line[at] == ')');
  const bool bullet = at == 0 && std::string_view("-*+>").contains(line[0]);
  if (!numbered && !bullet) return span;
  const std::size_t text_at = line.find_first_not_of(' ', at + 1);
  if (text_at == std::string_view::npos || text_at == at + 1) return span;
  return {span.begin + text_at, span.end};
}

// Inverse sentence frequency (as in BM25) of each of the question's words among the candidates.
std::map<std::string, double> weights(const std::vector<std::string>& question,
                                      const std::vector<Candidate>& among) {
  std::map<std::string, double> out;
  const auto total = static_cast<double>(among.size());
  for (const std::string& word : question) {
    const auto holding = static_cast<double>(
        std::ranges::count_if(among, [&](const Candidate& c) { return c.words.contains(word); }));
    out[word] = std::log(1 + (total - holding + 0.5) / (holding + 0.5));
  }
  return out;
}

}  // namespace

ChatAnswer extractive_answer(std::string_view question, const std::vector<PromptSource>& sources) {
  ChatAnswer answer;
  for (const PromptSource& source : sources) answer.sources.push_back(source.source);
  auto found = candidates(sources);
  const auto weight_of = weights(terms(question), found);
  double whole = 0;
  for (const auto& [word, weight] : weight_of) whole += weight;
  for (Candidate& candidate : found) {
    for (const auto& [word, weight] : weight_of)
      candidate.score += candidate.words.contains(word) ? weight : 0;
    // Among equals the better passage and the shorter sentence win.
    candidate.score *= 1.0 - 0.03 * (candidate.source->source.number - 1);
  }
  std::ranges::sort(found, [](const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return std::pair(a.source->source.number, a.span.begin) <
           std::pair(b.source->source.number, b.span.begin);
  });

  if (found.empty() || whole <= 0 || found.front().score < kQuestionShareMin * whole) {
    answer.kind = AnswerKind::no_answer;
    answer.text = kNoAnswer;
    return answer;
  }
  answer.kind = AnswerKind::extractive;
  const double least = kShareOfBest * found.front().score;
  std::set<std::string> quoted;
  for (const Candidate& candidate : found) {
    if (answer.citations.size() == kQuotesMax || candidate.score < least) break;
    const Source& source = candidate.source->source;
    const Span inside =
        without_marker(source.text, {candidate.span.begin - source.begin, candidate.span.end - source.begin});
    std::string text = source.text.substr(inside.begin, inside.end - inside.begin);
    if (!quoted.insert(text).second) continue;
    if (!answer.text.empty()) answer.text += "\n\n";
    answer.text += "\u201C" + text + "\u201D";
    answer.citations.push_back({.source_number = source.number,
                                .document_id = source.document_id,
                                .cited_text = std::move(text),
                                .begin = source.begin + inside.begin,
                                .end = source.begin + inside.end,
                                .answer_at = answer.text.size()});
  }
  return answer;
}

}  // namespace weir::app
