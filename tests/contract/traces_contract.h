// tests/contract/traces_contract.h: what every implementation of data::Traces keeps. The store is made
// anew for each subcase, with room for at least a thousand small parts.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "data/traces.h"
#include "support/run_task.h"

namespace weir::test {

class TracesContract {
 public:
  explicit TracesContract(data::Traces& traces) : traces_(traces) {}

  void run() {
    SUBCASE("a request is found with its calls, in their order") {
      parts_are_joined();
    }
    SUBCASE("calls may come before the request, and alone tell nothing") {
      calls_may_come_first();
    }
    SUBCASE("only the owner finds it") {
      belongs_to_its_key();
    }
    SUBCASE("what had no owner is for who sees the refused") {
      refused_ones();
    }
    SUBCASE("the newest are kept") {
      keeps_the_newest();
    }
    SUBCASE("threads add beside each other") {
      threads();
    }
  }

 private:
  static data::TraceOwner owner(std::string key, std::string tenant = "t1") {
    return {.tenant = data::TenantId(std::move(tenant)), .key_id = std::move(key)};
  }
  Result<data::StoredTrace> find(data::TraceOwner who, std::string id, bool sees_refused = false) {
    data::TraceReader reader{.owner = std::move(who), .sees_refused = sees_refused};
    return run_task(traces_.find(std::move(reader), std::move(id)));
  }
  bool is_unknown(data::TraceOwner who, std::string id) {
    const auto found = find(std::move(who), std::move(id));
    return !found && found.error().code == Code::not_found;
  }

  void parts_are_joined() {
    traces_.add_request(owner("k"), "req_1", R"({"a":1})");
    traces_.add_call("req_1", R"({"call":1})");
    traces_.add_request(owner("k"), "req_2", R"({"a":2})");
    traces_.add_call("req_1", R"({"call":2})");
    const auto found = find(owner("k"), "req_1");
    REQUIRE(found);
    CHECK(found->request == R"({"a":1})");
    CHECK(found->calls == std::vector<std::string>{R"({"call":1})", R"({"call":2})"});
    CHECK(find(owner("k"), "req_2")->calls.empty());
    CHECK(is_unknown(owner("k"), "req_"));
    CHECK(is_unknown(owner("k"), "req_11"));
  }

  void calls_may_come_first() {
    traces_.add_call("req_1", R"({"call":1})");
    CHECK(is_unknown(owner("k"), "req_1"));
    traces_.add_request(owner("k"), "req_1", R"({"a":1})");
    CHECK(find(owner("k"), "req_1")->calls.size() == 1);
  }

  void belongs_to_its_key() {
    traces_.add_request(owner("k"), "req_1", "{}");
    CHECK(find(owner("k"), "req_1"));
    CHECK(is_unknown(owner("other"), "req_1"));
    CHECK(is_unknown(owner("k", "t2"), "req_1"));
    const auto operator_finds = find(owner("other"), "req_1", true);
    CHECK_FALSE(operator_finds);
  }

  void refused_ones() {
    traces_.add_request(owner(std::string(data::kRefusedKey)), "req_1", "{}");
    CHECK(is_unknown(owner("k"), "req_1"));
    CHECK(find(owner("k", "t2"), "req_1", true));
  }

  void keeps_the_newest() {
    constexpr int kCount = 200'000;
    for (int i = 0; i < kCount; ++i) {
      traces_.add_request(owner("k"), "req_" + std::to_string(i), std::to_string(i));
      traces_.add_call("req_" + std::to_string(i), "[" + std::to_string(i) + "]");
    }
    for (int i = kCount - 10; i < kCount; ++i) {
      const auto found = find(owner("k"), "req_" + std::to_string(i));
      REQUIRE(found);
      CHECK(found->request == std::to_string(i));
      CHECK(found->calls == std::vector<std::string>{"[" + std::to_string(i) + "]"});
    }
  }

  void threads() {
    std::vector<std::thread> writers;
    for (int t = 0; t < 4; ++t) {
      writers.emplace_back([this, t] {
        for (int i = 0; i < 100; ++i) {
          const std::string id = "req_" + std::to_string(t) + "_" + std::to_string(i);
          traces_.add_request(owner("k"), id, id);
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
    for (int t = 0; t < 4; ++t) {
      for (int i = 0; i < 100; ++i) {
        const std::string id = "req_" + std::to_string(t) + "_" + std::to_string(i);
        CHECK(find(owner("k"), id)->request == id);
      }
    }
  }

  data::Traces& traces_;
};

}  // namespace weir::test
