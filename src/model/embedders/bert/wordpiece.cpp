#include "model/embedders/bert/wordpiece.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <optional>

#include "model/embedders/bert/code_points.h"

namespace weir::model::bert {
namespace {

constexpr std::size_t kWordCodePointsMax = 100;  // a longer word is one unknown token
constexpr std::string_view kContinuation = "##";

void append_utf8(std::string& out, CodePoint c) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(c, bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

bool is_continuation_byte(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

// Cuts a text into normalised words and gives each to the tokenizer.
class WordPiece::Words {
 public:
  Words(const WordPiece& tokenizer, std::size_t room, std::vector<TokenId>& out)
      : tokenizer_(tokenizer), options_(tokenizer.options_), end_(out.size() + room), out_(out) {}

  void read(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && out_.size() < end_) {
      const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at;
      CodePoint c = 0;
      const auto size = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
      at += size > 0 ? static_cast<std::size_t>(size) : 1;
      if (size > 0) take(c);
    }
    end_word();
    if (out_.size() > end_) out_.resize(end_);
  }

 private:
  void take(CodePoint c) {
    if (c < 0x80) return take_ascii(c);
    if (is_removed(c)) return;
    if (is_blank(c)) return end_word();
    const bool alone = options_.split_chinese && is_chinese(c);
    if (alone) end_word();
    if (options_.strip_accents) {
      take_decomposed(c);
    } else {
      take_lower(c);
    }
    if (alone) end_word();
  }

  void take_ascii(CodePoint c) {
    if (is_removed(c)) return;
    if (is_blank(c)) return end_word();
    if (is_punctuation(c)) return take_alone(c);
    if (options_.lowercase && c >= 'A' && c <= 'Z') c += 'a' - 'A';
    if (code_points_ <= kWordCodePointsMax) word_ += static_cast<char>(c);
    ++code_points_;
  }

  // Canonical decomposition (NFD), without its accents.
  void take_decomposed(CodePoint c) {
    std::array<utf8proc_int32_t, 32> parts{};  // Unicode's longest has four
    int last_class = 0;
    const auto count =
        utf8proc_decompose_char(c, parts.data(), parts.size(), UTF8PROC_DECOMPOSE, &last_class);
    for (utf8proc_ssize_t i = 0; i < count && i < static_cast<utf8proc_ssize_t>(parts.size()); ++i) {
      const CodePoint part = parts[static_cast<std::size_t>(i)];
      if (!is_accent(part)) take_lower(part);
    }
  }

  void take_lower(CodePoint c) {
    if (options_.lowercase) {
      if (c == 0x130) {  // İ alone becomes two code points
        take_normalised('i');
        return take_normalised(0x307);
      }
      c = utf8proc_tolower(c);
    }
    take_normalised(c);
  }

  void take_normalised(CodePoint c) {
    if (is_blank(c)) return end_word();
    if (is_punctuation(c)) return take_alone(c);
    if (code_points_ <= kWordCodePointsMax) append_utf8(word_, c);
    ++code_points_;
  }

  void take_alone(CodePoint c) {
    end_word();
    append_utf8(word_, c);
    code_points_ = 1;
    end_word();
  }

  void end_word() {
    if (word_.empty()) return;
    tokenizer_.append_word(word_, code_points_, out_);
    word_.clear();
    code_points_ = 0;
  }

  const WordPiece& tokenizer_;
  const TokenizerOptions& options_;
  const std::size_t end_;
  std::vector<TokenId>& out_;
  std::string word_;
  std::size_t code_points_ = 0;
};

Result<WordPiece> WordPiece::make(std::vector<std::string> vocabulary, TokenizerOptions options) {
  WordPiece tokenizer(std::move(vocabulary), std::move(options));
  if (!tokenizer.index())
    return fail(Code::invalid_request, "the vocabulary lacks " + tokenizer.options_.unknown + ", " +
                                           tokenizer.options_.begin + " or " + tokenizer.options_.end);
  return tokenizer;
}

WordPiece::WordPiece(std::vector<std::string> vocabulary, TokenizerOptions options)
    : options_(std::move(options)), vocabulary_(std::move(vocabulary)) {}

bool WordPiece::index() {
  beginnings_.reserve(vocabulary_.size());
  continuations_.reserve(vocabulary_.size() / 4);
  for (std::size_t i = 0; i < vocabulary_.size(); ++i) {
    const std::string_view token = vocabulary_[i];
    token_bytes_max_ = std::max(token_bytes_max_, token.size());
    const bool continues = token.size() > kContinuation.size() && token.starts_with(kContinuation);
    if (continues)
      continuations_.insert_or_assign(token.substr(kContinuation.size()), static_cast<TokenId>(i));
    // As a beginning, "##" is looked for with its marks; no word has them, they are punctuation.
    beginnings_.insert_or_assign(token, static_cast<TokenId>(i));
  }
  const std::pair<const std::string*, TokenId*> specials[] = {
      {&options_.unknown, &unknown_}, {&options_.begin, &begin_}, {&options_.end, &end_}};
  for (const auto& [name, id] : specials) {
    const auto found = beginnings_.find(*name);
    if (found == beginnings_.end()) return false;
    *id = found->second;
  }
  return true;
}

void WordPiece::append(std::string_view text, std::size_t tokens_max, std::vector<TokenId>& out) const {
  WEIR_ASSERT(tokens_max >= 2);
  out.push_back(begin_);
  Words(*this, tokens_max - 2, out).read(text);
  out.push_back(end_);
}

// Greedy: the longest token that begins the rest of the word. A word with a rest that none begins is unknown
// as a whole.
void WordPiece::append_word(std::string_view word, std::size_t code_points, std::vector<TokenId>& out) const {
  const std::size_t begin = out.size();
  TokenId id = unknown_;
  bool known = code_points <= kWordCodePointsMax;
  for (std::string_view rest = word; known && !rest.empty();) {
    const std::size_t size = longest(rest.size() == word.size() ? beginnings_ : continuations_,
                                     rest.substr(0, token_bytes_max_), id);
    known = size != 0;
    if (known) out.push_back(id);
    rest.remove_prefix(size);
  }
  if (known) return;
  out.resize(begin);
  out.push_back(unknown_);
}

std::size_t WordPiece::longest(const Numbers& numbers, std::string_view word, TokenId& id) {
  for (std::size_t size = word.size(); size > 0; --size) {
    // A cut within a code point finds nothing: tokens are valid UTF-8.
    if (size < word.size() && is_continuation_byte(word[size])) continue;
    const auto found = numbers.find(word.substr(0, size));
    if (found == numbers.end()) continue;
    id = found->second;
    return size;
  }
  return 0;
}

}  // namespace weir::model::bert
