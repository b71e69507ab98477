#include "app/documents/formats/email.h"

#include <array>

#include "app/documents/formats/charset.h"
#include "app/documents/formats/document_builder.h"
#include "app/documents/html_parser.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::size_t kPartsMax = 1'000;
constexpr std::size_t kDepthMax = 20;
constexpr std::size_t kHeaderSizeMax = std::size_t{1} << 20;

// What is not of the alphabet is passed over, as RFC 2045 §6.8 wants it.
std::string decode_base64_leniently(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return out;
}

std::string readable(std::string_view bytes, std::string_view charset) {
  auto text = to_utf8(bytes, charset.empty() ? "utf-8" : charset);
  if (text && *text) return **std::move(text);
  auto guessed = decode_text(bytes, "");
  return guessed ? *std::move(guessed) : std::string();
}

struct Part {
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, values unfolded
  std::string_view body;

  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

// A blank line divides headers and body; a line that begins with white space continues the one before.
Part split_part(std::string_view text) {
  Part part;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    if ((line[0] == ' ' || line[0] == '\t') && !part.headers.empty()) {
      std::string& value = part.headers.back().second;
      if (value.size() < kHeaderSizeMax) value += " " + std::string(trim(line));
    } else if (const auto colon = line.find(':');
               colon != std::string_view::npos && part.headers.size() < kPartsMax) {
      part.headers.emplace_back(to_lower(trim(line.substr(0, colon))),
                                std::string(trim(line.substr(colon + 1))));
    }
  }
  part.body = text;
  return part;
}

// `name` of "text/plain; charset=utf-8; name=\"a.txt\"".
std::string parameter(std::string_view header, std::string_view name) {
  const std::string lower = to_lower(header);
  for (auto at = lower.find(';'); at != std::string::npos; at = lower.find(';', at + 1)) {
    std::size_t begin = lower.find_first_not_of("; \t", at);
    if (begin == std::string::npos || lower.compare(begin, name.size(), name) != 0) continue;
    begin += name.size();
    if (begin >= lower.size() || lower[begin] != '=') continue;
    std::string_view value = header.substr(begin + 1);
    if (value.starts_with('"')) return std::string(value.substr(1, value.find('"', 1) - 1));
    return std::string(trim(value.substr(0, value.find(';'))));
  }
  return {};
}

// The name that a part has for a file: plain, or as RFC 2231 encodes it ("utf-8''caf%C3%A9.txt").
std::string file_name(std::string_view header, const std::string& name) {
  std::string plain = parameter(header, name);
  if (!plain.empty()) return decode_header_words(plain);
  const std::string extended = parameter(header, name + "*");
  const auto charset_end = extended.find('\'');
  const auto language_end = extended.find('\'', charset_end + 1);
  if (charset_end == std::string::npos || language_end == std::string::npos) return {};
  const auto bytes = percent_decode(std::string_view(extended).substr(language_end + 1));
  return bytes ? readable(*bytes, extended.substr(0, charset_end)) : std::string();
}

class Message {
 public:
  // The parts of a message, or of a part of it, from the outside to the inside.
  void read(const Part& part, std::size_t depth) {
    if (++parts_ > kPartsMax || depth > kDepthMax) {
      too_deep_ = true;
      return;
    }
    const std::string_view type_header = part.header("content-type");
    std::string type = to_lower(trim(type_header.substr(0, type_header.find(';'))));
    if (type.empty()) type = "text/plain";
    const std::string boundary = parameter(type_header, "boundary");
    if (type.starts_with("multipart/") && !boundary.empty()) {
      read_parts(part.body, "--" + boundary, depth);
      return;
    }
    std::string name = file_name(part.header("content-disposition"), "filename");
    if (name.empty()) name = file_name(type_header, "name");
    const bool attached = to_lower(part.header("content-disposition")).starts_with("attachment");
    if (attached || !type.starts_with("text/")) {
      if (type == "message/rfc822" && !attached) {
        read(split_part(part.body), depth + 1);
      } else {
        attachments_.push_back(name.empty() ? readable(type, "") : name);
      }
      return;
    }
    (type == "text/html" ? html_ : plain_) += content(part, parameter(type_header, "charset")) + "\n\n";
  }

  bool too_deep() const { return too_deep_; }
  const std::string& plain() const { return plain_; }
  const std::string& html() const { return html_; }
  const std::vector<std::string>& attachments() const { return attachments_; }

 private:
  void read_parts(std::string_view body, const std::string& delimiter, std::size_t depth) {
    std::size_t begin = std::string_view::npos;  // of the open part
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t end = std::min(body.find('\n', at), body.size());
      const std::string_view line = trim(body.substr(at, end - at));
      const bool last = line == delimiter + "--";
      if (last || line == delimiter) {
        if (begin != std::string_view::npos) read(split_part(body.substr(begin, at - begin)), depth + 1);
        begin = end + 1;
        if (last || too_deep_) return;
      }
      at = end + 1;
    }
    // A message that was cut short has no closing delimiter.
    if (begin < body.size()) read(split_part(body.substr(begin)), depth + 1);
  }

  static std::string content(const Part& part, std::string_view charset) {
    const std::string encoding = to_lower(trim(part.header("content-transfer-encoding")));
    if (encoding == "base64") return readable(decode_base64_leniently(part.body), charset);
    if (encoding == "quoted-printable") return readable(decode_quoted_printable(part.body), charset);
    return readable(part.body, charset);
  }

  std::string plain_, html_;
  std::vector<std::string> attachments_;
  std::size_t parts_ = 0;
  bool too_deep_ = false;
};

void add_paragraphs(DocumentBuilder& out, std::string_view text) {
  std::string paragraph;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) {
      out.add(BlockKind::paragraph, paragraph);
      paragraph.clear();
    } else {
      paragraph += std::string(line.substr(0, line.find_last_not_of(" \r\t") + 1)) + "\n";
    }
  }
  out.add(BlockKind::paragraph, paragraph);
}

}  // namespace

std::string decode_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '=') {
      out += text[at];
      continue;
    }
    const std::size_t line_end = text.find_first_not_of(" \t\r", at + 1);
    if (line_end == std::string_view::npos || text[line_end] == '\n') {
      at = std::min(line_end, text.size());  // a soft break
    } else if (at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 && hex_digit(text[at + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2]));
      at += 2;
    } else {
      out += '=';
    }
  }
  return out;
}

std::string decode_header_words(std::string_view value) {
  std::string out;
  bool after_word = false;
  while (!value.empty()) {
    const auto begin = value.find("=?");
    const std::string_view before = value.substr(0, begin);
    // White space between two encoded words is no part of them.
    if (!after_word || !trim(before).empty()) out += readable(before, "");
    if (begin == std::string_view::npos) break;
    value.remove_prefix(begin);
    const auto charset_end = value.find('?', 2);
    const auto end = charset_end == std::string_view::npos ? charset_end : value.find("?=", charset_end + 3);
    if (end == std::string_view::npos || value[charset_end + 2] != '?') {
      out += readable(value.substr(0, 2), "");
      value.remove_prefix(2);
      after_word = false;
      continue;
    }
    const std::string_view charset = value.substr(2, std::min(value.find('*', 2), charset_end) - 2);
    const char encoding = value[charset_end + 1];
    std::string encoded(value.substr(charset_end + 3, end - charset_end - 3));
    if (encoding == 'B' || encoding == 'b') {
      out += readable(decode_base64_leniently(encoded), charset);
    } else {
      std::ranges::replace(encoded, '_', ' ');
      out += readable(decode_quoted_printable(encoded), charset);
    }
    value.remove_prefix(end + 2);
    after_word = true;
  }
  return out;
}

Result<ParsedDocument> parse_email(std::string_view bytes) {
  const Part whole = split_part(bytes);
  const bool is_message = !whole.header("from").empty() || !whole.header("received").empty() ||
                          !whole.header("subject").empty() || !whole.header("date").empty();
  if (!is_message)
    return fail(Code::invalid_request, "it is not an e-mail, though it is named so", "check the file");
  Message message;
  message.read(whole, 0);
  if (message.too_deep()) {
    return fail(Code::invalid_request, "its parts nest too deep, or there are more than 1,000",
                "save it again");
  }
  DocumentBuilder out;
  const std::string subject = decode_header_words(whole.header("subject"));
  out.add(BlockKind::heading, subject, 1);
  std::string envelope;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kShown = {
      {{"from", "From"}, {"to", "To"}, {"cc", "Cc"}, {"date", "Date"}}};
  for (const auto& [name, label] : kShown) {
    const std::string_view value = whole.header(name);
    if (!value.empty()) envelope += std::string(label) + ": " + decode_header_words(value) + "\n";
  }
  for (const std::string& name : message.attachments()) envelope += "Attachment: " + name + "\n";
  out.add(BlockKind::paragraph, envelope);
  if (!trim(message.plain()).empty()) {
    add_paragraphs(out, message.plain());
  } else if (!trim(message.html()).empty()) {
    auto html = parse_html(message.html());
    if (!html) return fail(html);
    for (const Block& block : html->blocks) {
      const std::string_view text = std::string_view(html->text).substr(block.begin, block.end - block.begin);
      const Heading& heading = html->headings[block.heading];
      out.add(block.kind, text, heading.level + 1);
    }
  }
  return out.take(subject);
}

}  // namespace weir::app
