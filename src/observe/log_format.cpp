#include "observe/log_format.h"

#include <charconv>
#include <cmath>

#include "base/append.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "base/time_format.h"

namespace weir::observe {
namespace {

constexpr std::size_t kMessageColumns = 40;  // where the attributes of a pretty line begin
constexpr std::string_view kDim = "\x1b[2m", kReset = "\x1b[0m";
constexpr std::string_view kReplacement = "\uFFFD";

// At most kLogTextMax bytes of `text`, as valid UTF-8. `storage` holds it when it has to be changed.
std::string_view presentable(std::string_view text, std::string& storage) {
  if (text.size() <= kLogTextMax && is_valid_utf8(text)) return text;
  std::size_t end = std::min(text.size(), kLogTextMax);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  storage.assign(text.substr(0, end));
  if (!is_valid_utf8(storage)) {
    // Which bytes are wrong is of no use to a reader: everything beyond ASCII is replaced.
    std::string ascii;
    for (const char c : storage) {
      if (static_cast<unsigned char>(c) < 0x80) {
        ascii += c;
      } else {
        ascii += kReplacement;
      }
    }
    storage = std::move(ascii);
  }
  if (end < text.size()) storage += "…";
  return storage;
}

void append_json_text(std::string& out, std::string_view text) {
  std::string storage;
  append_json_string(out, presentable(text, storage));
}

void append_double(std::string& out, double number) {
  std::array<char, 32> buffer;
  out.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr);
}

struct AppendJson {
  std::string& out;
  void operator()(std::string_view text) const { append_json_text(out, text); }
  void operator()(Word word) const {
    append_in_place(out, word.text.size() + 2, [word](char* to) {
      *to++ = '"';
      to = put(to, word.text);
      *to++ = '"';
      return to;
    });
  }
  void operator()(std::int64_t number) const { append_integer(out, number); }
  void operator()(std::chrono::nanoseconds duration) const { append_milliseconds(out, duration); }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(double number) const {
    if (std::isfinite(number)) {
      append_double(out, number);
    } else {
      out += "null";  // JSON has no other word for it
    }
  }
};

// C0 and C1 control characters as \xNN: C1 too, because U+009B starts an escape sequence.
void append_visible(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    const bool c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) c = static_cast<unsigned char>(text[++i]);
    if (c == '\n') {
      out += "\\n";
    } else if (c < 0x20 || c == 0x7F || c1) {
      out += "\\x";
      out += digits[c >> 4];
      out += digits[c & 15];
    } else {
      out += static_cast<char>(c);
    }
  }
}

struct AppendPretty {
  std::string& out;
  void operator()(std::string_view text) const {
    std::string storage;
    text = presentable(text, storage);
    const bool quoted = text.empty() || text.find_first_of(" \"=") != std::string_view::npos;
    if (quoted) out += '"';
    append_visible(out, text);
    if (quoted) out += '"';
  }
  void operator()(Word word) const { (*this)(word.text); }
  void operator()(std::int64_t number) const { append_integer(out, number); }
  void operator()(std::chrono::nanoseconds duration) const { append_milliseconds(out, duration); }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(double number) const { append_double(out, number); }
};

std::string_view colour_of(Level level) {
  switch (level) {
    case Level::debug: return "\x1b[36m";
    case Level::info: return "\x1b[32m";
    case Level::warn: return "\x1b[33m";
    case Level::error: return "\x1b[31m";
  }
  WEIR_ASSERT(!"a Level out of range");
}

}  // namespace

std::string_view severity_text(Level level) {
  switch (level) {
    case Level::debug: return "DEBUG";
    case Level::info: return "INFO";
    case Level::warn: return "WARN";
    case Level::error: return "ERROR";
  }
  WEIR_ASSERT(!"a Level out of range");
}

int severity_number(Level level) {
  return 5 + 4 * static_cast<int>(level);
}

std::string format_json(WallTime time, Level level, std::string_view message, const Attributes& attributes,
                        std::string_view event_name) {
  std::string out;
  out.reserve(160 + message.size() + attributes.size() * 48);
  out += R"({"timestamp":")";
  out += to_rfc3339_nanos(time);
  out += R"(","severity_text":")";
  out += severity_text(level);
  out += R"(","severity_number":)";
  append_integer(out, severity_number(level));
  out += R"(,"body":)";
  append_json_text(out, message);
  if (!event_name.empty()) {
    out += R"(,"event_name":)";
    append_json_text(out, event_name);
  }
  for (const Attribute& attribute : attributes) {
    append_in_place(out, attribute.name.size() + 4, [&](char* to) {
      to = put(to, ",\"");
      to = put(to, attribute.name);  // a literal of ours, in need of no escape
      return put(to, "\":");
    });
    std::visit(AppendJson{out}, attribute.value);
  }
  out += "}\n";
  return out;
}

std::string format_pretty(WallTime time, Level level, std::string_view message, const Attributes& attributes,
                          std::string_view event_name, bool colour) {
  std::string storage;
  message = presentable(message, storage);
  std::string out;
  out.reserve(96 + message.size() + attributes.size() * 48);
  if (colour) out += kDim;
  out += std::string_view(to_rfc3339(time)).substr(11, 12);  // the time of day, UTC
  if (colour) out += kReset;
  out += ' ';
  if (colour) out += colour_of(level);
  out += severity_text(level);
  if (colour) out += kReset;
  out.append(6 - severity_text(level).size(), ' ');
  append_visible(out, message);
  const std::size_t columns = count_code_points(message);
  if (columns < kMessageColumns && !(attributes.empty() && event_name.empty())) {
    out.append(kMessageColumns - columns, ' ');
  }
  const auto append_pair = [&](std::string_view name, const AttributeValue& value) {
    out += ' ';
    if (colour) out += kDim;
    append_visible(out, name);
    out += '=';
    if (colour) out += kReset;
    std::visit(AppendPretty{out}, value);
  };
  if (!event_name.empty()) append_pair("event", event_name);
  for (const Attribute& attribute : attributes) append_pair(attribute.name, attribute.value);
  out += '\n';
  return out;
}

}  // namespace weir::observe
