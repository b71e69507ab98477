#include "base/json_edit.h"

#include <algorithm>

#include "base/json.h"

namespace weir {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

bool is_structure(char c) {
  return c == '"' || c == '{' || c == '}' || c == '[' || c == ']';
}

// Walks over JSON text; every step fails by going to the end.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  bool failed() const { return failed_; }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_spaces() { at_ = std::min(text_.find_first_not_of(kSpaces, at_), text_.size()); }
  bool take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  // Looks for quotes and counts the backslashes before each: images are long strings without either.
  void skip_string() {
    if (!take('"')) return fail();
    const std::size_t begin = at_;
    while (true) {
      at_ = text_.find('"', at_);
      if (at_ == std::string_view::npos) return fail();
      std::size_t escapes = 0;
      while (at_ - escapes > begin && text_[at_ - escapes - 1] == '\\') ++escapes;
      ++at_;
      if (escapes % 2 == 0) return;
    }
  }
  void skip_value() {
    std::size_t depth = 0;
    do {
      const char c = peek();
      if (c == '"') {
        skip_string();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        if (depth == 0) return fail();
        --depth;
        ++at_;
      } else if (depth > 0) {  // inside, only strings and brackets matter
        do ++at_;
        while (at_ < text_.size() && !is_structure(text_[at_]));
      } else {
        skip_scalar();
      }
      if (failed_ || (depth > 0 && at_ == text_.size())) return fail();
    } while (depth > 0);
  }

 private:
  void fail() {
    failed_ = true;
    at_ = text_.size();
  }
  void skip_scalar() {
    const std::size_t end = std::min(text_.find_first_of(",}] \t\r\n:\"{[", at_), text_.size());
    if (end == at_) return fail();
    at_ = end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

std::unexpected<Error> broken(std::size_t at) {
  return fail(Code::invalid_request, "the body is no JSON object: it breaks at byte " + std::to_string(at),
              "send one JSON object, UTF-8 encoded");
}

}  // namespace

Result<JsonEdit> JsonEdit::read(std::string_view object) {
  JsonEdit edit;
  edit.text_ = object;
  Cursor cursor(object);
  cursor.skip_spaces();
  if (!cursor.take('{')) return broken(cursor.at());
  cursor.skip_spaces();
  for (bool more = !cursor.take('}'); more;) {
    cursor.skip_spaces();
    const std::size_t name_at = cursor.at();
    cursor.skip_string();
    const std::string_view name = object.substr(name_at, cursor.at() - name_at);
    cursor.skip_spaces();
    if (cursor.failed() || !cursor.take(':')) return broken(cursor.at());
    cursor.skip_spaces();
    const std::size_t value_at = cursor.at();
    cursor.skip_value();
    if (cursor.failed()) return broken(value_at);
    auto unescaped = json_string(name);
    if (!unescaped) return broken(name_at);
    edit.members_.push_back({.name = *std::move(unescaped),
                             .bytes = object.substr(name_at, cursor.at() - name_at),
                             .value = object.substr(value_at, cursor.at() - value_at)});
    cursor.skip_spaces();
    more = cursor.take(',');
    if (!more && !cursor.take('}')) return broken(cursor.at());
  }
  cursor.skip_spaces();
  if (cursor.at() != object.size()) return broken(cursor.at());
  return edit;
}

const JsonMember* JsonEdit::find(std::string_view name) const {
  const auto found = std::ranges::find(members_, name, &JsonMember::name);
  return found == members_.end() ? nullptr : &*found;
}

const JsonEdit::Change* JsonEdit::change_of(std::string_view name) const {
  const auto found = std::ranges::find(changes_, name, &Change::name);
  return found == changes_.end() ? nullptr : &*found;
}

void JsonEdit::set(std::string_view name, std::string json) {
  std::erase_if(changes_, [&](const Change& change) { return change.name == name; });
  changes_.push_back({std::string(name), std::move(json)});
}

void JsonEdit::remove(std::string_view name) {
  set(name, {});
}

std::string JsonEdit::text() const {
  if (changes_.empty()) return std::string(text_);
  std::string out;
  std::size_t added = 0;
  for (const Change& change : changes_) added += change.name.size() + change.json.size() + 8;
  out.reserve(text_.size() + added);
  out += text_.substr(0, text_.find('{') + 1);
  const std::size_t first = out.size();
  const auto append = [&out](std::string_view name, std::string_view json) {
    append_json_string(out, name);
    out += ':';
    out += json;
  };
  for (const Change& change : changes_) {
    if (change.json.empty() || find(change.name) != nullptr) continue;
    if (out.size() > first) out += ',';
    append(change.name, change.json);
  }
  std::vector<std::string_view> written;  // names that a change has written already
  const char* gap_at = text_.data() + first;
  for (const JsonMember& member : members_) {
    const Change* change = change_of(member.name);
    const bool goes = change != nullptr &&
                      (change->json.empty() || std::ranges::find(written, member.name) != written.end());
    if (!goes) {
      // What stood before this member (its comma and spaces) goes with it, unless it is now the first.
      const std::string_view gap(gap_at, member.bytes.data());
      if (out.size() == first || gap.contains(',')) {
        out += out.size() == first ? gap.substr(gap.find(',') + 1) : gap;
      } else {
        out += ',';
        out += gap;
      }
      if (change == nullptr) {
        out += member.bytes;
      } else {
        append(member.name, change->json);
        written.push_back(member.name);
      }
    }
    gap_at = member.bytes.data() + member.bytes.size();
  }
  out += std::string_view(gap_at, text_.data() + text_.size());
  return out;
}

std::optional<std::string> json_string(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::nullopt;
  const std::string_view inner = value.substr(1, value.size() - 2);
  if (!inner.contains('\\')) {
    if (inner.contains('"')) return std::nullopt;
    return std::string(inner);
  }
  const auto parsed = parse_json(value);
  if (!parsed || !parsed->is_string()) return std::nullopt;
  return std::string(parsed->get_string());
}

}  // namespace weir
