#include "base/json_writer.h"

#include <charconv>

#include "base/append.h"
#include "base/json.h"

namespace weir {

void JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
}

bool JsonWriter::needs_comma() const {
  const char last = out_.empty() ? '{' : out_.back();
  return last != '{' && last != '[' && last != ':';
}

void JsonWriter::separate() {
  if (needs_comma()) out_ += ',';
}

void JsonWriter::name(std::string_view name) {
  const bool comma = needs_comma();
  append_in_place(out_, name.size() + 4, [&](char* to) {
    if (comma) *to++ = ',';
    *to++ = '"';
    to = put(to, name);
    *to++ = '"';
    *to++ = ':';
    return to;
  });
}

void JsonWriter::word(std::string_view its_name, std::string_view value) {
  const bool comma = needs_comma();
  append_in_place(out_, its_name.size() + value.size() + 6, [&](char* to) {
    if (comma) *to++ = ',';
    *to++ = '"';
    to = put(to, its_name);
    to = put(to, "\":\"");
    to = put(to, value);
    *to++ = '"';
    return to;
  });
}

void JsonWriter::text(std::string_view value) {
  separate();
  append_json_string(out_, value);
}

void JsonWriter::number(std::int64_t value) {
  separate();
  append_integer(out_, value);
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
  append_in_place(out, kIntegerSizeMax + 4, [us](char* to) {
    to = std::to_chars(to, to + kIntegerSizeMax, us / 1'000).ptr;
    const std::int64_t rest = us % 1'000;
    *to++ = '.';
    *to++ = static_cast<char>('0' + rest / 100);
    *to++ = static_cast<char>('0' + rest / 10 % 10);
    *to++ = static_cast<char>('0' + rest % 10);
    return to;
  });
}

}  // namespace weir
