#include "model/file_id_scanner.h"

#include <utility>

namespace weir::model {

void FileIdScanner::feed(std::string_view bytes, std::vector<std::string>& ids) {
  for (const char c : bytes) {
    switch (in_) {
      case In::text: take_structure(c, ids); break;
      case In::string:
        if (c == '"') {
          end_string();
        } else if (c == '\\') {
          in_ = In::escape;
        } else {
          keep(c);
        }
        break;
      case In::escape: take_escape(c); break;
      case In::hex: take_hex(c); break;
    }
  }
}

void FileIdScanner::take_structure(char c, std::vector<std::string>& ids) {
  switch (c) {
    case '"':
      in_ = In::string;
      string_.clear();
      return;
    case ':':
      name_ = std::exchange(string_, std::string());
      is_value_ = true;
      return;
    case '{': open(is_value_ && name_ == "source"); break;
    case '}': close(ids); break;
    case '[':
    case ']':
    case ',': break;
    default: return;  // blanks, numbers, literals
  }
  name_.clear();
  is_value_ = false;
}

void FileIdScanner::open(bool is_source) {
  if (objects_.size() >= kDepthMax) {
    ++too_deep_;
    return;
  }
  objects_.emplace_back().is_source = is_source;
}

void FileIdScanner::close(std::vector<std::string>& ids) {
  if (too_deep_ > 0) {
    --too_deep_;
    return;
  }
  if (objects_.empty()) return;
  Object& object = objects_.back();
  if (object.is_source || object.is_upload) {
    for (std::string& id : object.file_ids) ids.push_back(std::move(id));
  }
  objects_.pop_back();
}

void FileIdScanner::end_string() {
  in_ = In::text;
  if (!is_value_ || objects_.empty()) return;
  Object& object = objects_.back();
  if (name_ == "file_id") {
    object.file_ids.push_back(string_);
    object.is_source = object.is_source || too_deep_ > 0;
  }
  if (name_ == "type" && string_ == "container_upload") object.is_upload = true;
}

void FileIdScanner::keep(char c) {
  if (string_.size() < kStringKept) string_ += c;
}

void FileIdScanner::take_escape(char c) {
  in_ = In::string;
  switch (c) {
    case 'b': return keep('\b');
    case 'f': return keep('\f');
    case 'n': return keep('\n');
    case 'r': return keep('\r');
    case 't': return keep('\t');
    case 'u':
      in_ = In::hex;
      hex_ = 0;
      hex_digits_ = 0;
      return;
    default: return keep(c);
  }
}

// Names and ids are ASCII: of any other character only that it is none matters.
void FileIdScanner::take_hex(char c) {
  const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                         : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10)
                                                : 0;
  hex_ = hex_ * 16 + digit;
  if (++hex_digits_ < 4) return;
  in_ = In::string;
  keep(hex_ < 0x80 ? static_cast<char>(hex_) : '\xFF');
}

std::vector<std::string> file_ids_in(std::string_view body) {
  std::vector<std::string> ids;
  // Every letter of the name may be written as \u00XX.
  if (body.contains("file_id") || body.contains("\\u00")) FileIdScanner().feed(body, ids);
  return ids;
}

}  // namespace weir::model
