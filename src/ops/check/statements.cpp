#include "ops/check/statements.h"

#include <algorithm>
#include <initializer_list>

#include "base/json.h"
#include "base/time_format.h"

namespace weir::ops::check {
namespace {

std::unexpected<Error> bad(std::string message) {
  return fail(Code::invalid_request, "the statements: " + std::move(message),
              "docs/check.md shows the file's form");
}

// A day ends at midnight UTC; a full instant is taken as it stands.
Result<WallTime> time_in(const json::object& entry, std::string_view name, std::string_view clock) {
  const std::string_view text = string_member(entry, name);
  const std::string whole = text.size() == 10 ? std::string(text) + std::string(clock) : std::string(text);
  const auto time = parse_rfc3339(whole);
  if (!time) return bad("\"" + std::string(name) + "\" must be a date such as 2027-01-31");
  return *time;
}

Result<> check_members(const json::object& entry, std::initializer_list<std::string_view> names,
                       const std::vector<std::string_view>& ids) {
  for (const auto& member : entry) {
    if (std::ranges::find(names, std::string_view(member.key())) == names.end())
      return bad("\"" + std::string(member.key()) + "\" is not known");
  }
  for (const std::string_view name : names) {
    if (string_member(entry, name).empty()) return bad("an entry lacks \"" + std::string(name) + "\"");
  }
  const std::string_view id = string_member(entry, "id");
  if (std::ranges::find(ids, id) == ids.end()) return bad("there is no rule " + std::string(id));
  return {};
}

Result<Acceptance> read_acceptance(const json::object& entry, const std::vector<std::string_view>& ids) {
  if (auto members = check_members(entry, {"id", "reason", "expires"}, ids); !members) return fail(members);
  const auto expires = time_in(entry, "expires", "T23:59:59Z");
  if (!expires) return fail(expires.error());
  return Acceptance{std::string(string_member(entry, "id")), std::string(string_member(entry, "reason")),
                    *expires};
}

Result<Attestation> read_attestation(const json::object& entry, const std::vector<std::string_view>& ids) {
  auto members = check_members(entry, {"id", "by", "statement", "on", "expires"}, ids);
  if (!members) return fail(members);
  const auto on = time_in(entry, "on", "T00:00:00Z");
  if (!on) return fail(on.error());
  const auto expires = time_in(entry, "expires", "T23:59:59Z");
  if (!expires) return fail(expires.error());
  return Attestation{std::string(string_member(entry, "id")), std::string(string_member(entry, "by")),
                     std::string(string_member(entry, "statement")), *on, *expires};
}

template <class T, class Read>
Result<std::vector<T>> read_list(const json::value& file, std::string_view name, Read read) {
  std::vector<T> out;
  const json::value* const list = find_member(file, name);
  if (list == nullptr) return out;
  if (!list->is_array()) return bad("\"" + std::string(name) + "\" must be an array");
  for (const json::value& entry : list->get_array()) {
    if (!entry.is_object()) return bad("\"" + std::string(name) + "\" must hold objects");
    auto one = read(entry.get_object());
    if (!one) return fail(one.error());
    out.push_back(*std::move(one));
  }
  return out;
}

}  // namespace

const Attestation* Statements::attestation_of(std::string_view id) const {
  const auto found = std::ranges::find(attested, id, &Attestation::id);
  return found == attested.end() ? nullptr : &*found;
}

Result<Statements> parse_statements(std::string_view text, const std::vector<std::string_view>& ids) {
  const auto file = parse_json(text);
  if (!file) return bad(file.error().message);
  if (!file->is_object()) return bad("the file must hold an object");
  for (const auto& member : file->get_object()) {
    if (member.key() != "accepted" && member.key() != "attested")
      return bad("\"" + std::string(member.key()) + "\" is not known");
  }
  Statements out;
  auto accepted = read_list<Acceptance>(
      *file, "accepted", [&](const json::object& entry) { return read_acceptance(entry, ids); });
  if (!accepted) return fail(accepted.error());
  auto attested = read_list<Attestation>(
      *file, "attested", [&](const json::object& entry) { return read_attestation(entry, ids); });
  if (!attested) return fail(attested.error());
  out.accepted = *std::move(accepted);
  out.attested = *std::move(attested);
  return out;
}

}  // namespace weir::ops::check
