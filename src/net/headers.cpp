#include "net/headers.h"

namespace weir::net {
namespace {

std::string_view slice(const std::string& text, std::uint32_t at, std::uint32_t size) {
  return std::string_view(text).substr(at, size);
}

}  // namespace

Headers::Headers(std::initializer_list<Field> fields) {
  for (const Field& field : fields) add(field.name, field.value);
}

void Headers::add(std::string_view name, std::string_view value) {
  const auto at = static_cast<std::uint32_t>(text_.size());
  for (const char c : name) text_ += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  text_ += value;
  entries_.push_back({at, static_cast<std::uint32_t>(name.size()),
                      at + static_cast<std::uint32_t>(name.size()),
                      static_cast<std::uint32_t>(value.size())});
}

void Headers::set(std::string_view name, std::string_view value) {
  const std::string copy(value);  // `value` may view into this buffer
  remove(name);
  add(name, copy);
}

bool Headers::remove(std::string_view name) {
  return std::erase_if(entries_, [&](const Entry& e) {
           return slice(text_, e.name_at, e.name_size) == name;
         }) > 0;
}

void Headers::clear() {
  text_.clear();
  entries_.clear();
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const Entry& e : entries_) {
    if (slice(text_, e.name_at, e.name_size) == name) return slice(text_, e.value_at, e.value_size);
  }
  return std::nullopt;
}

std::string_view Headers::get(std::string_view name) const {
  return find(name).value_or(std::string_view());
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), [&](const Entry& e) {
    return slice(text_, e.name_at, e.name_size) == name;
  }));
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

Field Headers::operator[](std::size_t index) const {
  const Entry& e = entries_[index];
  return {slice(text_, e.name_at, e.name_size), slice(text_, e.value_at, e.value_size)};
}

}  // namespace weir::net
