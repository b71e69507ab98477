#include "model/embedders/bert/wordpiece.h"

#include <doctest/doctest.h>

namespace weir::model::bert {
namespace {

const std::vector<std::string> kVocabulary{
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[", "]",   "hello", "world",     "un", "##aff", "##able",
    "cafe",  "中",    "国",    "cls",   "!", "sep", "i",     "##stanbul", "a",  "##b",   "="};

WordPiece tokenizer(TokenizerOptions options = {}) {
  auto made = WordPiece::make(kVocabulary, std::move(options));
  REQUIRE(made);
  return *std::move(made);
}

// The tokens between [CLS] and [SEP], as words.
std::string words(const WordPiece& tokenizer, std::string_view text, std::size_t tokens_max = 64) {
  std::vector<TokenId> ids;
  tokenizer.append(text, tokens_max, ids);
  REQUIRE(ids.size() >= 2);
  CHECK(ids.size() <= tokens_max);
  CHECK(kVocabulary[ids.front()] == "[CLS]");
  CHECK(kVocabulary[ids.back()] == "[SEP]");
  std::string out;
  for (std::size_t i = 1; i + 1 < ids.size(); ++i) out += (out.empty() ? "" : " ") + kVocabulary[ids[i]];
  return out;
}

TEST_CASE("words are cut into the longest tokens that are known") {
  const WordPiece pieces = tokenizer();
  CHECK(words(pieces, "Hello  WORLD!") == "hello world !");
  CHECK(words(pieces, "unaffable") == "un ##aff ##able");
  CHECK(words(pieces, "unaffablex") == "[UNK]");
  CHECK(words(pieces, "") == "");
  CHECK(words(pieces, std::string(100, 'a')) == "[UNK]");
  CHECK(words(pieces, "ab") == "a ##b");
}

TEST_CASE("accents, case, ideographs and controls are treated as BERT does") {
  const WordPiece pieces = tokenizer();
  CHECK(words(pieces, "Café cafe\xCC\x81") == "cafe cafe");
  CHECK(words(pieces, "中国hello") == "中 国 hello");
  CHECK(words(pieces, "\xC4\xB0stanbul") == "i ##stanbul");  // İ
  CHECK(words(pieces, std::string_view("he\0l\xE2\x80\x8Blo\x07", 10)) == "hello");
  CHECK(words(pieces, "hello\xC2\xA0world\xE3\x80\x80hello") == "hello world hello");
  CHECK(words(pieces, "\xE2\x89\xA0") == "=");  // ≠ is = with an accent
  CHECK(words(pieces, "he\xFFllo\xED\xA0\x80") == "hello");
}

TEST_CASE("a special token's name in a text is text") {
  CHECK(words(tokenizer(), "[CLS] [SEP]") == "[ cls ] [ sep ]");
}

TEST_CASE("without lower case and without accents' removal letters stay as they are") {
  const WordPiece pieces = tokenizer({.lowercase = false, .strip_accents = false, .split_chinese = false});
  CHECK(words(pieces, "Hello") == "[UNK]");
  CHECK(words(pieces, "hello") == "hello");
  CHECK(words(pieces, "中国") == "[UNK]");
}

TEST_CASE("what does not fit into the window is cut") {
  CHECK(words(tokenizer(), "hello world hello world", 4) == "hello world");
  CHECK(words(tokenizer(), "unaffable hello", 4) == "un ##aff");
  CHECK(words(tokenizer(), "hello", 2) == "");
}

TEST_CASE("a vocabulary without the special tokens is refused") {
  CHECK(!WordPiece::make({"[CLS]", "[SEP]", "a"}, {}));
}

}  // namespace
}  // namespace weir::model::bert
