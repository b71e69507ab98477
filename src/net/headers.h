// net/headers.h: the fields of a message, in order, in one buffer: no allocation per field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

struct Field {
  std::string_view name;  // lower case
  std::string_view value;
};

// Names are stored in lower case and looked up in lower case (RFC 9110 §5.1: case-insensitive).
// Views stay valid until the next call that changes the headers.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Field> fields);

  void add(std::string_view name, std::string_view value) { add(name, value, false); }
  // A field that is known to be valid on the wire (the name a token, the value free of control characters):
  // a parser has made sure, or it is a literal. Nobody looks again.
  void add_valid(std::string_view name, std::string_view value) { add(name, value, true); }
  void set(std::string_view name, std::string_view value);  // replaces every field of that name
  bool remove(std::string_view name);                       // true when there was one
  void append(const Headers& others);                       // all of them, after those that are there
  // Removes the fields for which `drops(field)` is true.
  template <class Predicate>
  void remove_if(Predicate drops) {
    std::erase_if(entries_, [&](const Entry& entry) { return drops(field_of(entry)); });
  }
  void clear();

  std::optional<std::string_view> find(std::string_view name) const;  // the first of that name
  std::string_view get(std::string_view name) const;                  // empty when absent
  bool contains(std::string_view name) const { return find(name).has_value(); }
  std::size_t count(std::string_view name) const;
  // The first that cannot be sent, because it is not valid on the wire (RFC 9110 §5.1, §5.5).
  std::optional<Field> first_invalid() const;
  // Every field of that name joined with ", " (RFC 9110 §5.3).
  std::string joined(std::string_view name) const;

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  Field operator[](std::size_t index) const { return field_of(entries_[index]); }

  class Iterator {
   public:
    Iterator(const Headers& headers, std::size_t index) : headers_(&headers), index_(index) {}
    Field operator*() const { return (*headers_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const Headers* headers_;
    std::size_t index_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  struct Entry {
    std::uint32_t name_at, value_at, value_size;
    std::uint32_t name_size : 31, valid : 1;
  };
  void add(std::string_view name, std::string_view value, bool valid);
  // An entry's bounds hold by construction.
  Field field_of(const Entry& e) const {
    return {{text_.data() + e.name_at, e.name_size}, {text_.data() + e.value_at, e.value_size}};
  }

  std::string text_;
  std::vector<Entry> entries_;
};

// As a line of HTTP/1.1 (RFC 9112 §5). The field is not checked.
void append_field_line(std::string& out, const Field& field);

}  // namespace weir::net
