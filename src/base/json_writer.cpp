#include "base/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json.h"

namespace weir {

void JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
}

void JsonWriter::separate() {
  if (out_.empty()) return;
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':') out_ += ',';
}

// The most frequent of them: one growth of the text instead of four.
void JsonWriter::name(std::string_view name) {
  const char last = out_.empty() ? '{' : out_.back();
  const bool comma = last != '{' && last != '[' && last != ':';
  const std::size_t before = out_.size();
  const std::size_t size = before + name.size() + 3 + (comma ? 1 : 0);
  out_.resize_and_overwrite(size, [&](char* text, std::size_t) {
    char* at = text + before;
    if (comma) *at++ = ',';
    *at++ = '"';
    at = std::ranges::copy(name, at).out;
    *at++ = '"';
    *at++ = ':';
    return size;
  });
}

void JsonWriter::text(std::string_view value) {
  separate();
  append_json_string(out_, value);
}

void JsonWriter::number(std::int64_t value) {
  separate();
  std::array<char, 24> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out_.append(digits.data(), written.ptr);
}

void JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

void JsonWriter::null() {
  separate();
  out_ += "null";
}

void JsonWriter::milliseconds(std::chrono::nanoseconds value) {
  separate();
  append_milliseconds(out_, value);
}

void JsonWriter::json(std::string_view value) {
  separate();
  out_ += value;
}

void append_milliseconds(std::string& out, std::chrono::nanoseconds value) {
  const std::int64_t us = value.count() > 0 ? value.count() / 1'000 : 0;
  std::array<char, 24> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), us / 1'000);
  out.append(digits.data(), written.ptr);
  const std::int64_t rest = us % 1'000;
  out += '.';
  out += static_cast<char>('0' + rest / 100);
  out += static_cast<char>('0' + rest / 10 % 10);
  out += static_cast<char>('0' + rest % 10);
}

}  // namespace weir
