// base/json_edit.h: changes a few members of a JSON object and leaves every other byte as it is. A body that
// is signed, cached by its prefix or padded must not be printed again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace weir {

// A member of the outermost object.
struct JsonMember {
  std::string name;        // unescaped
  std::string_view bytes;  // from its name's quote to the end of its value
  std::string_view value;  // as written: "\"text\"", "[1, 2]"…
};

// Looks only as deep as it must to find the members: what it accepts is JSON when the caller has proven so
// (RequestReader), and otherwise at least balanced. Views borrow the text given to `read`.
class JsonEdit {
 public:
  // invalid_request: no object, or broken where this has to look.
  static Result<JsonEdit> read(std::string_view object);

  const std::vector<JsonMember>& members() const { return members_; }
  const JsonMember* find(std::string_view name) const;  // the first of that name, or nullptr

  // `json` is a value in JSON. A member that is there gets it in its place (and loses its doubles); a new
  // one is put first.
  void set(std::string_view name, std::string json);
  void remove(std::string_view name);  // every member of that name
  std::string text() const;            // without changes: the bytes that were read

 private:
  struct Change {
    std::string name;
    std::string json;  // empty: the member goes
  };
  const Change* change_of(std::string_view name) const;

  std::string_view text_;
  std::vector<JsonMember> members_;
  std::vector<Change> changes_;
};

// The text of a JSON string as written, quotes included. nullopt: it is no string.
std::optional<std::string> json_string(std::string_view value);

}  // namespace weir
