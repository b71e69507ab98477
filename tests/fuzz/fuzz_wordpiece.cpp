// Any bytes as a text: [CLS], tokens of the vocabulary, [SEP], never more than fit, and a shorter window
// gives the beginning of what a longer one gives.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/embedders/bert/wordpiece.h"

namespace {

using weir::model::bert::TokenId;
using weir::model::bert::WordPiece;

WordPiece make(bool lowercase) {
  auto made =
      WordPiece::make({"[UNK]", "[CLS]", "[SEP]", "a", "##a", "ab", "##bc", "e", "中", "!", "é", "##é", "ss"},
                      {.lowercase = lowercase, .strip_accents = lowercase, .split_chinese = lowercase});
  WEIR_ASSERT(made.has_value());
  return *std::move(made);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const WordPiece kLower = make(true), kCased = make(false);
  if (size < 1) return 0;
  const WordPiece& tokenizer = data[0] % 2 == 0 ? kLower : kCased;
  const std::size_t window = 2 + data[0] / 2;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::vector<TokenId> whole, part;
  tokenizer.append(text, 100'000, whole);
  tokenizer.append(text, window, part);
  WEIR_ASSERT(whole.size() >= 2 && whole.front() == 1 && whole.back() == 2);
  WEIR_ASSERT(std::ranges::all_of(whole, [](TokenId id) { return id < 13; }));
  WEIR_ASSERT(part.size() == std::min(window, whole.size()));
  WEIR_ASSERT(std::equal(part.begin(), part.end() - 1, whole.begin()));
  return 0;
}
