// base/json_writer.h: writes JSON straight into a text, for what is written often and read seldom: no
// document is built, and nothing is allocated but the text.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// Appends to `out`, which outlives it. Commas set themselves; that braces match is the caller's promise.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { out_ += '}'; }
  void begin_array() { open('['); }
  void end_array() { out_ += ']'; }
  // Of the member whose value is written next. A plain word of ours: it is not escaped.
  void name(std::string_view name);

  void text(std::string_view value);
  void number(std::int64_t value);
  void boolean(bool value);
  void null();
  void milliseconds(std::chrono::nanoseconds value);  // with three decimals
  void json(std::string_view value);                  // a value as it stands

  // A value of which the same holds as of names: an id of ours, one of our words.
  void word(std::string_view its_name, std::string_view value);
  void text(std::string_view its_name, std::string_view value) { name(its_name), text(value); }
  void number(std::string_view its_name, std::int64_t value) { name(its_name), number(value); }
  void boolean(std::string_view its_name, bool value) { name(its_name), boolean(value); }
  void milliseconds(std::string_view its_name, std::chrono::nanoseconds value) {
    name(its_name), milliseconds(value);
  }

 private:
  void open(char bracket);
  bool needs_comma() const;
  void separate();  // from the value before, if there is one

  std::string& out_;
};

// "12.345": milliseconds with three decimals; negative ones as 0.
void append_milliseconds(std::string& out, std::chrono::nanoseconds value);

}  // namespace weir
