#include "app/documents/formats/pdf/cmap.h"

#include <optional>

#include "app/documents/formats/charset.h"

namespace weir::app {
namespace {

constexpr std::size_t kCodeSizeMax = 4;
constexpr std::size_t kRangeMax = 65'536;
constexpr std::size_t kTextSizeMax = 512;  // bytes of UTF-16 that one code stands for

std::uint32_t number_of(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes.substr(0, kCodeSizeMax)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::string utf8_of(std::string_view utf16) {
  std::string out;
  if (utf16.size() == 1) {
    append_utf8(out, static_cast<unsigned char>(utf16[0]));
  } else if (auto text = to_utf8(utf16.substr(0, utf16.size() & ~std::size_t{1}), "utf-16be");
             text && *text) {
    out = **std::move(text);
  }
  std::erase(out, '\0');
  return out;
}

// A range's target counts up in its last byte.
std::string counted_up(std::string target, std::uint32_t by) {
  for (std::size_t at = target.size(); at-- > 0 && by > 0;) {
    by += static_cast<unsigned char>(target[at]);
    target[at] = static_cast<char>(by & 0xFF);
    by >>= 8;
  }
  return target;
}

}  // namespace

class CMapReader {
 public:
  explicit CMapReader(std::string_view program) : program_(program) {}

  CMap read() {
    while (auto token = next()) {
      if (token->kind != Kind::word) continue;
      if (token->text == "begincodespacerange") code_space();
      if (token->text == "beginbfchar") characters();
      if (token->text == "beginbfrange") ranges();
    }
    return std::move(out_);
  }

 private:
  enum class Kind : std::uint8_t { string, word, open, close };
  struct Token {
    Kind kind;
    std::string text;
  };

  std::optional<Token> next() {
    while (at_ < program_.size()) {
      const char c = program_[at_];
      if (c == '%') {
        at_ = std::min(program_.find_first_of("\r\n", at_), program_.size());
      } else if (c == '<' && program_.substr(at_, 2) != "<<") {
        return Token{Kind::string, hex_string()};
      } else if (c == '[' || c == ']') {
        ++at_;
        return Token{c == '[' ? Kind::open : Kind::close, {}};
      } else if (std::string_view(" \t\r\n\f<>(){}/").find(c) != std::string_view::npos || c == '\0') {
        ++at_;
      } else {
        const std::size_t end = std::min(program_.find_first_of(" \t\r\n\f<>(){}/[]%", at_), program_.size());
        Token word{Kind::word, std::string(program_.substr(at_, end - at_))};
        at_ = end;
        return word;
      }
    }
    return std::nullopt;
  }

  std::string hex_string() {
    std::string out;
    int half = -1;
    for (++at_; at_ < program_.size() && program_[at_] != '>'; ++at_) {
      const char c = program_[at_];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) continue;
      if (half < 0) {
        half = digit;
      } else {
        if (out.size() < kTextSizeMax) out += static_cast<char>(half * 16 + digit);
        half = -1;
      }
    }
    if (half >= 0) out += static_cast<char>(half * 16);
    ++at_;
    return out;
  }

  std::optional<std::string> string() {
    auto token = next();
    if (!token || token->kind != Kind::string) return std::nullopt;
    return std::move(token->text);
  }

  void code_space() {
    while (auto first = string()) {
      const auto last = string();
      if (!last || out_.ranges_.size() >= kRangeMax) return;
      out_.ranges_.push_back(
          {number_of(*first), number_of(*last), std::clamp<std::size_t>(first->size(), 1, kCodeSizeMax)});
    }
  }

  void characters() {
    while (auto code = string()) {
      const auto text = string();
      if (!text) return;
      set(*code, number_of(*code), *text);
    }
  }

  void ranges() {
    while (auto first = string()) {
      const auto last = string();
      if (!last) return;
      const std::uint32_t begin = number_of(*first), end = number_of(*last);
      if (end < begin || end - begin > kRangeMax) return;
      auto target = next();
      if (!target) return;
      if (target->kind == Kind::string) {
        for (std::uint32_t i = 0; i <= end - begin && sets_ < CMap::kEntriesMax; ++i)
          set(*first, begin + i, counted_up(target->text, i));
        continue;
      }
      if (target->kind != Kind::open) return;
      std::uint32_t code = begin;
      while ((target = next()) && target->kind == Kind::string) {
        if (code <= end) set(*first, code++, target->text);
      }
    }
  }

  void set(const std::string& pattern, std::uint32_t code, std::string_view utf16) {
    if (sets_++ >= CMap::kEntriesMax) return;
    const std::size_t size = std::clamp<std::size_t>(pattern.size(), 1, kCodeSizeMax);
    out_.texts_[{size, code}] = utf8_of(utf16);
  }

  std::string_view program_;
  std::size_t at_ = 0;
  std::size_t sets_ = 0;
  CMap out_;
};

CMap CMap::parse(std::string_view program) {
  return CMapReader(program).read();
}

const std::string* CMap::find(std::uint32_t code, std::size_t code_size) const {
  if (const auto found = texts_.find({code_size, code}); found != texts_.end()) return &found->second;
  // Some writers state the codes of one byte with two.
  const auto other = texts_.find({code_size == 1 ? 2 : 1, code});
  return other == texts_.end() ? nullptr : &other->second;
}

std::size_t CMap::code_size(std::string_view bytes, std::size_t otherwise) const {
  std::uint32_t code = 0;
  for (std::size_t size = 1; size <= std::min(bytes.size(), kCodeSizeMax); ++size) {
    code = code << 8 | static_cast<unsigned char>(bytes[size - 1]);
    for (const Range& range : ranges_) {
      if (range.size == size && code >= range.first && code <= range.last) return size;
    }
  }
  return otherwise;
}

}  // namespace weir::app
