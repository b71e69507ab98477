// model/embedders/bert/wordpiece.h: text → the numbers of BERT's tokens, the same that Hugging Face's
// tokenizers give (BertNormalizer, BertPreTokenizer, WordPiece).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "model/embedders/bert/model_files.h"

namespace weir::model::bert {

using TokenId = std::uint32_t;

// Immutable: any thread may ask. A special token's name in a text is text: "[SEP]" becomes "[", "sep", "]".
class WordPiece {
 public:
  // invalid_request when the vocabulary lacks one of the special tokens.
  static Result<WordPiece> make(std::vector<std::string> vocabulary, TokenizerOptions options);

  WordPiece(WordPiece&&) = default;  // not copied: the maps view into vocabulary_
  WordPiece& operator=(WordPiece&&) = default;

  // Appends [CLS], the text's tokens as far as they fit into tokens_max, and [SEP]. What is no UTF-8 is
  // passed over. Reads no more of the text than it needs.
  void append(std::string_view text, std::size_t tokens_max, std::vector<TokenId>& out) const;

 private:
  class Words;
  using Numbers = std::unordered_map<std::string_view, TokenId>;

  WordPiece(std::vector<std::string> vocabulary, TokenizerOptions options);
  bool index();
  void append_word(std::string_view word, std::size_t code_points, std::vector<TokenId>& out) const;
  static std::size_t longest(const Numbers& numbers, std::string_view word, TokenId& id);

  TokenizerOptions options_;
  std::vector<std::string> vocabulary_;  // owns what the maps' keys view
  Numbers beginnings_;                   // of words
  Numbers continuations_;                // "##ing" as "ing"
  std::size_t token_bytes_max_ = 0;
  TokenId unknown_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace weir::model::bert
