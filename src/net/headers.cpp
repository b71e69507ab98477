#include "net/headers.h"

#include <algorithm>
#include <cstring>

#include "net/target.h"

namespace weir::net {
namespace {

// What the fields of an ordinary request take, so that they are gathered without growing.
constexpr std::size_t kFieldsUsual = 16;
constexpr std::size_t kTextUsual = 512;

// Eight at a time, most names being about that long: the last ones may lie behind `size`, where the value's
// place is.
void to_lower_in_place(char* text, std::size_t size) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  for (std::size_t i = 0; i < size; i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text + i, 8);
    const std::uint64_t low = eight & ~kHigh;
    const std::uint64_t from_a = low + kOnes * (0x80 - 'A');       // high bit: at or above 'A'
    const std::uint64_t after_z = low + kOnes * (0x80 - 'Z' - 1);  // high bit: above 'Z'
    const std::uint64_t lowered = eight | ((from_a & ~after_z & ~eight & kHigh) >> 2);
    std::memcpy(text + i, &lowered, 8);
  }
}

}  // namespace

Headers::Headers(std::initializer_list<Field> fields) {
  for (const Field& field : fields) add(field.name, field.value);
}

void Headers::add(std::string_view name, std::string_view value, bool valid) {
  if (entries_.capacity() == 0) {
    entries_.reserve(kFieldsUsual);
    text_.reserve(kTextUsual);
  }
  const auto at = static_cast<std::uint32_t>(text_.size());
  const std::size_t end = at + name.size() + value.size();
  // Not the size that the operation is given: where the buffer grows, libstdc++ 12 gives the new capacity.
  text_.resize_and_overwrite(std::max(end, at + name.size() + 7), [&](char* text, std::size_t) {
    name.copy(text + at, name.size());
    to_lower_in_place(text + at, name.size());
    value.copy(text + at + name.size(), value.size());
    return end;
  });
  const auto name_size = static_cast<std::uint32_t>(name.size());
  entries_.push_back({.name_at = at,
                      .value_at = at + name_size,
                      .value_size = static_cast<std::uint32_t>(value.size()),
                      .name_size = name_size & 0x7FFF'FFFFU,
                      .valid = valid});
}

void Headers::set(std::string_view name, std::string_view value) {
  if (!contains(name)) return add(name, value);
  const std::string copy(value);  // `value` may view into this buffer
  remove(name);
  add(name, copy);
}

bool Headers::remove(std::string_view name) {
  return std::erase_if(entries_, [&](const Entry& e) { return field_of(e).name == name; }) > 0;
}

void Headers::append(const Headers& others) {
  const auto at = static_cast<std::uint32_t>(text_.size());
  text_ += others.text_;
  for (Entry entry : others.entries_) {
    entry.name_at += at;
    entry.value_at += at;
    entries_.push_back(entry);
  }
}

void Headers::clear() {
  text_.clear();
  entries_.clear();
}

void append_field_line(std::string& out, const Field& field) {
  const std::size_t at = out.size();
  const std::size_t end = at + field.name.size() + field.value.size() + 4;
  out.resize_and_overwrite(end, [&](char* text, std::size_t) {
    char* to = text + at;
    to += field.name.copy(to, field.name.size());
    to += std::string_view(": ").copy(to, 2);
    to += field.value.copy(to, field.value.size());
    std::string_view("\r\n").copy(to, 2);
    return end;
  });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const Entry& e : entries_) {
    if (field_of(e).name == name) return field_of(e).value;
  }
  return std::nullopt;
}

std::string_view Headers::get(std::string_view name) const {
  return find(name).value_or(std::string_view());
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(),
                                                [&](const Entry& e) { return field_of(e).name == name; }));
}

std::optional<Field> Headers::first_invalid() const {
  for (const Entry& e : entries_) {
    const Field field = field_of(e);
    if (!e.valid && (!is_token(field.name) || !is_field_value(field.value))) return field;
  }
  return std::nullopt;
}

std::string Headers::joined(std::string_view name) const {
  std::string out;
  bool first = true;
  for (const Field field : *this) {
    if (field.name != name) continue;
    if (!first) out += ", ";
    out += field.value;
    first = false;
  }
  return out;
}

}  // namespace weir::net
