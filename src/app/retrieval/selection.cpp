#include "app/retrieval/selection.h"

#include <algorithm>
#include <cctype>
#include <functional>

#include "base/text.h"

namespace weir::app {
namespace {

constexpr double kSameText = 0.8;  // above it a passage says what another has said

std::vector<std::size_t> shingles(std::string_view text) {
  std::vector<std::size_t> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) words.push_back(std::hash<std::string>()(word));
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
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i + 2 < words.size() || (i == 0 && !words.empty()); ++i) {
    std::size_t hash = 0;
    for (std::size_t k = i; k < std::min(i + 3, words.size()); ++k) hash = hash * 1'000'003 ^ words[k];
    out.push_back(hash);
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

double similarity(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
  if (a.empty() || b.empty()) return 0;
  std::size_t shared = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (*x == *y) {
      ++shared, ++x, ++y;
    } else if (*x < *y) {
      ++x;
    } else {
      ++y;
    }
  }
  return static_cast<double>(shared) / static_cast<double>(a.size() + b.size() - shared);
}

}  // namespace

double shingle_similarity(std::string_view a, std::string_view b) { return similarity(shingles(a), shingles(b)); }

std::vector<data::FoundChunk> select_passages(std::vector<data::FoundChunk> ranked, const RetrievalConfig& config) {
  std::vector<data::FoundChunk> kept;
  std::vector<std::vector<std::size_t>> seen;
  std::size_t chars = 0;
  for (data::FoundChunk& candidate : ranked) {
    if (kept.size() == config.passages_max) break;
    const std::size_t size = count_code_points(candidate.chunk.text);
    if (!kept.empty() && chars + size > config.context_chars_max) break;
    auto mine = shingles(candidate.chunk.text);
    if (std::ranges::any_of(seen, [&](const auto& other) { return similarity(mine, other) > kSameText; })) continue;
    chars += size;
    seen.push_back(std::move(mine));
    kept.push_back(std::move(candidate));
  }
  return kept;
}

}  // namespace weir::app
