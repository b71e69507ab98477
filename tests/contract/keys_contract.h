// tests/contract/keys_contract.h: what every implementation of data::Keys keeps. The store is made anew
// for each subcase and follows the ManualClock.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "base/clock.h"
#include "base/digest.h"
#include "base/random.h"
#include "base/text.h"
#include "data/key_token.h"
#include "data/keys.h"

namespace weir::test {

class KeysContract {
 public:
  KeysContract(data::Keys& keys, ManualClock& clock) : keys_(keys), clock_(clock) {}

  void run() {
    SUBCASE("a created key is known by its token alone") {
      verifies();
    }
    SUBCASE("a token with one character changed is refused") {
      refuses_changed_tokens();
    }
    SUBCASE("a wrong secret with a right checksum is refused") {
      refuses_wrong_secrets();
    }
    SUBCASE("a key expires") {
      expires();
    }
    SUBCASE("a revoked key is refused at once") {
      revokes();
    }
    SUBCASE("a rotation overlaps, then the old secret ends") {
      rotates();
    }
    SUBCASE("the store has no secret in it") {
      keeps_no_secret();
    }
    SUBCASE("what makes no sense is refused") {
      refuses_nonsense();
    }
  }

 private:
  Secret create(std::string name, WallTime expires_at = WallTime{}) {
    auto token = keys_.create(std::move(name), data::TenantId("acme"), {"chat", "documents"}, expires_at);
    REQUIRE(token);
    return *std::move(token);
  }
  static std::string id_of(const Secret& token) { return std::string(split(token.reveal(), '_')[2]); }
  bool passes(const Secret& token) const { return keys_.verify(token.reveal()).has_value(); }

  void verifies() {
    CHECK_FALSE(keys_.any());
    const Secret token = create("laptop");
    const Secret other = create("server");
    CHECK(keys_.any());
    CHECK(token.reveal().starts_with("weir_"));
    CHECK(token.reveal() != other.reveal());
    const auto principal = keys_.verify(token.reveal());
    REQUIRE(principal);
    CHECK(principal->key_id == id_of(token));
    CHECK(principal->name == "laptop");
    CHECK(principal->tenant == data::TenantId("acme"));
    CHECK(principal->scopes == std::vector<std::string>{"chat", "documents"});
    for (const char* text : {"", "weir_", "weir____", "sk-ant-something", "weir_live_a_b_c"}) {
      CHECK_FALSE(keys_.verify(text));
    }
    CHECK_FALSE(keys_.verify(std::string(1'000'000, 'a')));
  }

  void refuses_changed_tokens() {
    const Secret token = create("laptop");
    for (std::size_t i = 0; i < token.reveal().size(); ++i) {
      std::string changed(token.reveal());
      changed[i] = changed[i] == 'x' ? 'y' : 'x';
      CHECK_FALSE(keys_.verify(changed));
    }
    CHECK_FALSE(keys_.verify(std::string(token.reveal()) + "x"));
    CHECK_FALSE(keys_.verify(token.reveal().substr(1)));
  }

  void refuses_wrong_secrets() {
    const Secret token = create("laptop");
    SeededRandom random(1);
    const Secret wrong = data::new_key_secret(random);
    CHECK_FALSE(passes(data::make_key_token("live", id_of(token), wrong)));
    CHECK_FALSE(passes(data::make_key_token("live", "unknown00000", wrong)));
  }

  void expires() {
    const Secret token = create("laptop", clock_.wall() + std::chrono::hours(1));
    clock_.advance(std::chrono::hours(1) - std::chrono::nanoseconds(1));
    CHECK(passes(token));
    CHECK(keys_.any());
    clock_.advance(std::chrono::nanoseconds(1));
    CHECK_FALSE(passes(token));
    CHECK(keys_.any());  // a server that asked for keys goes on asking
  }

  void revokes() {
    const Secret token = create("laptop");
    const Secret other = create("server");
    REQUIRE(keys_.revoke(id_of(token)));
    CHECK_FALSE(passes(token));
    CHECK(passes(other));
    const WallTime first = keys_.list()->front().revoked_at;
    CHECK(first == clock_.wall());
    clock_.advance(std::chrono::hours(1));
    CHECK(keys_.revoke(id_of(token)).has_value());
    CHECK(keys_.list()->front().revoked_at == first);
    CHECK(keys_.revoke("nobody").error().code == Code::not_found);
    CHECK(keys_.rotate(id_of(token), std::chrono::hours(1)).error().code == Code::conflict);
  }

  void rotates() {
    const Secret old = create("laptop");
    const auto fresh = keys_.rotate(id_of(old), std::chrono::hours(1));
    REQUIRE(fresh);
    CHECK(id_of(*fresh) == id_of(old));
    CHECK(passes(*fresh));
    clock_.advance(std::chrono::hours(1) - std::chrono::nanoseconds(1));
    CHECK(passes(old));
    clock_.advance(std::chrono::nanoseconds(1));
    CHECK_FALSE(passes(old));
    CHECK(passes(*fresh));
    const auto at_once = keys_.rotate(id_of(old), std::chrono::seconds(0));
    CHECK_FALSE(passes(*fresh));
    CHECK(passes(*at_once));
    CHECK(keys_.rotate("nobody", std::chrono::hours(1)).error().code == Code::not_found);
  }

  void keeps_no_secret() {
    const Secret token = create("laptop");
    const auto keys = keys_.list();
    REQUIRE(keys);
    REQUIRE(keys->size() == 1);
    const data::ApiKey& key = keys->front();
    const std::string_view secret = split(token.reveal(), '_')[3];
    CHECK(key.secret_sha256 == to_hex(sha256(secret)));
    CHECK(key.previous_secret_sha256.empty());
    CHECK(key.name == "laptop");
    CHECK(key.created_at == clock_.wall());
  }

  void refuses_nonsense() {
    const data::TenantId tenant("acme");
    CHECK(keys_.create("laptop", tenant, {"everything"}, WallTime{}).error().code == Code::invalid_request);
    CHECK(keys_.create("laptop", tenant, {}, clock_.wall()).error().code == Code::invalid_request);
    CHECK(keys_.list()->empty());
  }

  data::Keys& keys_;
  ManualClock& clock_;
};

}  // namespace weir::test
