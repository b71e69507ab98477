#include <doctest/doctest.h>

#include "ops/check/registry.h"
#include "ops/check/statements.h"

namespace weir::ops::check {
namespace {

const std::vector<std::string_view> kIds{"WEIR-A-001", "WEIR-B-001"};

std::string refusal_of(std::string_view text) {
  const auto parsed = parse_statements(text, kIds);
  return parsed ? std::string() : parsed.error().message;
}

TEST_CASE("statements are read with their days, which end at midnight UTC") {
  const auto read = parse_statements(
      R"({"accepted": [{"id": "WEIR-A-001", "reason": "inner use", "expires": "2027-01-31"}],
          "attested": [{"id": "WEIR-B-001", "by": "A", "statement": "done", "on": "2026-11-01",
                        "expires": "2027-02-01T12:00:00Z"}]})",
      kIds);
  REQUIRE(read);
  CHECK(read->accepted.at(0).expires == std::chrono::seconds(1'801'439'999));
  const Attestation* const said = read->attestation_of("WEIR-B-001");
  REQUIRE(said != nullptr);
  CHECK(said->on == std::chrono::seconds(1'793'491'200));
  CHECK(read->attestation_of("WEIR-A-001") == nullptr);
}

TEST_CASE("a statement that is not understood is refused, not passed over") {
  CHECK(refusal_of("[]").contains("object"));
  CHECK(refusal_of("{").contains("statements"));
  CHECK(refusal_of(R"({"acepted": []})").contains("acepted"));
  CHECK(refusal_of(R"({"accepted": {}})").contains("array"));
  CHECK(refusal_of(R"({"accepted": [{"id": "WEIR-A-001", "expires": "2027-01-31"}]})").contains("reason"));
  CHECK(refusal_of(R"({"accepted": [{"id": "WEIR-C-001", "reason": "r", "expires": "2027-01-31"}]})")
            .contains("WEIR-C-001"));
  for (const std::string_view day : {"soon", "2027-13-01", "9999-12-31"}) {
    const std::string text =
        R"({"accepted": [{"id": "WEIR-A-001", "reason": "r", "expires": ")" + std::string(day) + R"("}]})";
    CHECK(refusal_of(text).contains("expires"));
  }
}

TEST_CASE("each rule has an id of its own, a title and a fix") {
  std::vector<std::string_view> ids = rule_ids();
  std::ranges::sort(ids);
  CHECK(std::ranges::adjacent_find(ids) == ids.end());
  for (const Family& family : families()) {
    CHECK(!family.rules.empty());
    for (const Rule& rule : family.rules) {
      CHECK(rule.id.starts_with("WEIR-"));
      CHECK(!rule.title.empty());
      CHECK(!rule.fix.empty());
    }
  }
}

TEST_CASE("every item of the checklist has a rule") {
  std::vector<Item> items;
  for (const Family& family : families()) {
    for (const Rule& rule : family.rules) items.push_back(rule.item);
  }
  for (int item = 0; item <= static_cast<int>(Item::replicas); ++item)
    CHECK(std::ranges::find(items, static_cast<Item>(item)) != items.end());
}

}  // namespace
}  // namespace weir::ops::check
