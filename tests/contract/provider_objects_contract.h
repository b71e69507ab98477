// tests/contract/provider_objects_contract.h: what every implementation of data::ProviderObjects keeps. The
// store is made anew for each subcase.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "data/provider_objects.h"
#include "support/run_task.h"

namespace weir::test {

inline data::ProviderObject sample_object(std::string id, std::string key_id,
                                          data::ObjectKind kind = data::ObjectKind::file) {
  data::ProviderObject object;
  object.kind = kind;
  object.id = std::move(id);
  object.provider = "anthropic";
  object.owner = {.tenant = data::TenantId("acme"), .key_id = std::move(key_id)};
  object.created_at = std::chrono::seconds(1'000);
  return object;
}

class ProviderObjectsContract {
 public:
  explicit ProviderObjectsContract(data::ProviderObjects& objects) : objects_(objects) {}

  void run() {
    SUBCASE("an object comes back as it was added") {
      keeps_every_field();
    }
    SUBCASE("an id has one owner") {
      keeps_the_first_owner();
    }
    SUBCASE("kinds do not mix") {
      separates_kinds();
    }
    SUBCASE("owners see their own") {
      separates_owners();
    }
    SUBCASE("what is removed is nobody's, and may be added again") {
      removes();
    }
  }

 private:
  using Kind = data::ObjectKind;

  void keeps_every_field() {
    const data::ProviderObject object = sample_object("file_1", "alice");
    REQUIRE(run_task(objects_.add(object)));
    const auto found = run_task(objects_.find(Kind::file, "file_1"));
    REQUIRE(found);
    REQUIRE(*found);
    CHECK((*found)->kind == object.kind);
    CHECK((*found)->id == object.id);
    CHECK((*found)->provider == object.provider);
    CHECK((*found)->owner == object.owner);
    CHECK((*found)->created_at == object.created_at);
    const auto none = run_task(objects_.find(Kind::file, "file_2"));
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
  }

  void keeps_the_first_owner() {
    REQUIRE(run_task(objects_.add(sample_object("file_1", "alice"))));
    CHECK(run_task(objects_.add(sample_object("file_1", "alice"))).has_value());
    const auto stolen = run_task(objects_.add(sample_object("file_1", "bob")));
    REQUIRE_FALSE(stolen);
    CHECK(stolen.error().code == Code::conflict);
    CHECK((*run_task(objects_.find(Kind::file, "file_1")))->owner.key_id == "alice");
  }

  void separates_kinds() {
    REQUIRE(run_task(objects_.add(sample_object("x", "alice", Kind::file))));
    CHECK_FALSE(run_task(objects_.find(Kind::batch, "x"))->has_value());
    REQUIRE(run_task(objects_.add(sample_object("x", "bob", Kind::batch))));
    REQUIRE(run_task(objects_.remove(Kind::batch, "x")));
    CHECK(run_task(objects_.find(Kind::file, "x"))->has_value());
    for (const Kind kind : {Kind::openai_file, Kind::openai_batch, Kind::vector_store}) {
      CHECK_FALSE(run_task(objects_.find(kind, "x"))->has_value());
      REQUIRE(run_task(objects_.add(sample_object("x", "carol", kind))));
      CHECK((*run_task(objects_.find(kind, "x")))->kind == kind);
    }
  }

  void separates_owners() {
    for (const char* id : {"file_1", "file_3", "file_5"}) {
      REQUIRE(run_task(objects_.add(sample_object(id, "alice"))));
    }
    REQUIRE(run_task(objects_.add(sample_object("file_2", "bob"))));
    const data::ObjectOwner alice{.tenant = data::TenantId("acme"), .key_id = "alice"};
    const data::ObjectOwner namesake{.tenant = data::TenantId("other"), .key_id = "alice"};
    const std::vector<std::string> asked{"file_5", "file_2", "file_4", "file_1"};
    CHECK(*run_task(objects_.owned_of(alice, Kind::file, asked)) ==
          std::vector<std::string>{"file_5", "file_1"});
    CHECK(run_task(objects_.owned_of(namesake, Kind::file, asked))->empty());
    CHECK(run_task(objects_.owned_of(alice, Kind::batch, asked))->empty());
    CHECK(*run_task(objects_.count(alice, Kind::file)) == 3);
    CHECK(*run_task(objects_.count(namesake, Kind::file)) == 0);
    CHECK(*run_task(objects_.count(alice, Kind::batch)) == 0);
  }

  void removes() {
    REQUIRE(run_task(objects_.add(sample_object("file_1", "alice"))));
    REQUIRE(run_task(objects_.remove(Kind::file, "file_1")));
    REQUIRE(run_task(objects_.remove(Kind::file, "file_1")));
    CHECK_FALSE(run_task(objects_.find(Kind::file, "file_1"))->has_value());
    CHECK(run_task(objects_.add(sample_object("file_1", "bob"))).has_value());
  }

  data::ProviderObjects& objects_;
};

}  // namespace weir::test
