// Whatever is a JSON object to the parser is one to the editor, with the same members; taking members away
// and putting one in leaves JSON that says so.
#include <cstdint>

#include "base/json.h"
#include "base/json_edit.h"

namespace {

using weir::JsonEdit;

// Without members that stand twice: Boost.JSON keeps the last of them.
bool same_members(const JsonEdit& edit, const weir::json::object& object) {
  if (edit.members().size() != object.size()) return true;
  for (const weir::JsonMember& member : edit.members()) {
    const auto* value = object.if_contains(member.name);
    const auto parsed = weir::parse_json(member.value);
    if (value == nullptr || !parsed || *parsed != *value) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto edit = JsonEdit::read(text);
  if (edit) WEIR_ASSERT(edit->text() == text);
  const auto parsed = weir::parse_json(text);
  if (!parsed || !parsed->is_object()) return 0;
  WEIR_ASSERT(edit);
  WEIR_ASSERT(same_members(*edit, parsed->get_object()));

  weir::json::object expected = parsed->get_object();
  if (!edit->members().empty()) {
    const std::string name = edit->members()[size % edit->members().size()].name;
    edit->remove(name);
    expected.erase(name);
  }
  edit->set("new \"member\"", "[1]");
  expected["new \"member\""] = weir::json::array{1};
  const auto changed = weir::parse_json(edit->text());
  WEIR_ASSERT(changed && *changed == weir::json::value(expected));
  return 0;
}
