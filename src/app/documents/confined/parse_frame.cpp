#include "app/documents/confined/parse_frame.h"

#include <array>
#include <cstring>
#include <type_traits>

#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::uint32_t kQuestionMark = 0x31515057;  // "WPQ1"
constexpr std::uint32_t kAnswerMark = 0x31415057;    // "WPA1"
constexpr std::size_t kHeadingBytesMin = 16;         // of one heading, of one block as encoded
constexpr std::size_t kBlockBytesMin = 33;

class Writer {
 public:
  template <class T>
    requires std::is_integral_v<T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_ += static_cast<char>(static_cast<std::make_unsigned_t<T>>(value) >> (8 * i) & 0xFF);
    }
  }
  void text(std::string_view text) {
    number(std::uint64_t{text.size()});
    bytes_ += text;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads zeros once anything was missing; `good` tells.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T number() {
    if (bytes_.size() < sizeof(T)) {
      good_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(bytes_[i])} << (8 * i);
    }
    bytes_.remove_prefix(sizeof(T));
    return static_cast<T>(value);
  }
  std::string_view text() {
    const auto size = number<std::uint64_t>();
    if (size > bytes_.size()) {
      good_ = false;
      return {};
    }
    const std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return out;
  }
  // A count of things that take at least `bytes_each`, so that no lie makes us reserve memory.
  std::uint64_t count(std::size_t bytes_each) {
    const auto value = number<std::uint64_t>();
    if (value > bytes_.size() / bytes_each) good_ = false;
    return good_ ? value : 0;
  }
  std::string_view rest() const { return bytes_; }
  bool good() const { return good_; }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

std::optional<Code> failure_code(std::uint8_t value) {
  // Those that a document can cause; a process that claims another one has lost its mind.
  for (const Code code : {Code::invalid_request, Code::too_large, Code::unsupported_media_type}) {
    if (value == static_cast<std::uint8_t>(code)) return code;
  }
  return std::nullopt;
}

bool is_boundary(std::string_view text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

bool keeps_promises(const ParsedDocument& document) {
  const std::string_view text = document.text;
  if (!is_valid_utf8(text) || !is_valid_utf8(document.title)) return false;
  if (document.headings.empty() || document.headings[0].level != 0) return false;
  for (std::size_t i = 0; i < document.headings.size(); ++i) {
    const Heading& heading = document.headings[i];
    if (i > 0 && (heading.above >= i || heading.level < 1 || heading.level > 6)) return false;
    if (!is_valid_utf8(heading.title)) return false;
  }
  std::size_t at = 0;
  for (const Block& block : document.blocks) {
    if (block.begin < at || block.end < block.begin || block.end > text.size()) return false;
    if (!is_boundary(text, block.begin) || !is_boundary(text, block.end)) return false;
    if (block.heading >= document.headings.size()) return false;
    const std::size_t header = block.header_end;
    if (header != 0 && (header < block.begin || header > block.end || !is_boundary(text, header)))
      return false;
    at = block.end;
  }
  return true;
}

}  // namespace

std::string question_head(const ParseLimits& limits, const RawDocument& raw) {
  Writer out;
  out.number(kQuestionMark);
  out.number(limits.memory_max);
  out.number(limits.cpu_seconds_max);
  out.number(limits.wall_seconds_max);
  out.number(limits.answer_size_max);
  out.text(raw.media_type);
  out.text(raw.source);
  return out.take();
}

std::optional<ParseQuestion> decode_question(std::string_view bytes) {
  Reader in(bytes);
  if (in.number<std::uint32_t>() != kQuestionMark) return std::nullopt;
  ParseQuestion question;
  question.limits.memory_max = in.number<std::uint64_t>();
  question.limits.cpu_seconds_max = in.number<std::uint64_t>();
  question.limits.wall_seconds_max = in.number<std::uint64_t>();
  question.limits.answer_size_max = in.number<std::uint64_t>();
  question.raw.media_type = in.text();
  question.raw.source = in.text();
  question.raw.bytes = in.rest();
  if (!in.good()) return std::nullopt;
  return question;
}

std::unexpected<Error> too_hungry(const ParseLimits& limits) {
  return fail(Code::too_large,
              "reading it takes more than " + std::to_string(limits.memory_max >> 20) + " MiB of memory",
              "split it, or raise documents.parse_memory_max");
}

std::string encode_answer(const Result<ReadDocument>& answer) {
  Writer out;
  out.number(kAnswerMark);
  out.number(std::uint8_t{answer.has_value()});
  if (!answer) {
    out.number(static_cast<std::uint8_t>(answer.error().code));
    out.text(answer.error().message);
    out.text(answer.error().hint);
    return out.take();
  }
  const ParsedDocument& document = answer->parsed;
  out.text(answer->media_type);
  out.text(document.text);
  out.text(document.title);
  out.number(std::uint64_t{document.headings.size()});
  for (const Heading& heading : document.headings) {
    out.number(heading.above);
    out.number(static_cast<std::uint32_t>(heading.level));
    out.text(heading.title);
  }
  out.number(std::uint64_t{document.blocks.size()});
  for (const Block& block : document.blocks) {
    out.number(static_cast<std::uint8_t>(block.kind));
    out.number(std::uint64_t{block.begin});
    out.number(std::uint64_t{block.end});
    out.number(block.heading);
    out.number(block.page);
    out.number(std::uint64_t{block.header_end});
  }
  return out.take();
}

std::optional<Result<ReadDocument>> decode_answer(std::string_view bytes) {
  Reader in(bytes);
  if (in.number<std::uint32_t>() != kAnswerMark) return std::nullopt;
  if (in.number<std::uint8_t>() == 0) {
    const auto code = failure_code(in.number<std::uint8_t>());
    Error error(code.value_or(Code::invalid_request), std::string(in.text()), std::string(in.text()));
    if (!code || !in.good() || !is_valid_utf8(error.message) || !is_valid_utf8(error.hint))
      return std::nullopt;
    return Result<ReadDocument>(std::unexpect, std::move(error));
  }
  ReadDocument answer;
  answer.media_type = in.text();
  answer.parsed.text = in.text();
  answer.parsed.title = in.text();
  answer.parsed.headings.resize(in.count(kHeadingBytesMin));
  for (Heading& heading : answer.parsed.headings) {
    heading.above = in.number<std::uint32_t>();
    heading.level = static_cast<int>(in.number<std::uint32_t>());
    heading.title = in.text();
  }
  answer.parsed.blocks.resize(in.count(kBlockBytesMin));
  for (Block& block : answer.parsed.blocks) {
    const auto kind = in.number<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(BlockKind::table)) return std::nullopt;
    block.kind = static_cast<BlockKind>(kind);
    block.begin = in.number<std::uint64_t>();
    block.end = in.number<std::uint64_t>();
    block.heading = in.number<std::uint32_t>();
    block.page = in.number<std::uint32_t>();
    block.header_end = in.number<std::uint64_t>();
  }
  if (!in.good() || !in.rest().empty() || !keeps_promises(answer.parsed)) return std::nullopt;
  // The reading process names one of our own types, or nothing.
  for (const Parser& parser : parsers()) {
    if (parser.media_type == answer.media_type) return Result<ReadDocument>(std::move(answer));
  }
  return std::nullopt;
}

}  // namespace weir::app
