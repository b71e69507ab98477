#include "model/providers/anthropic.h"

#include <doctest/doctest.h>

#include "base/random.h"
#include "model/outbound.h"
#include "model/providers/end_to_end.h"
#include "model/providers/registry.h"
#include "run_task.h"

namespace weir::model {
namespace {

Anthropic anthropic() {
  return {"anthropic", *net::Origin::parse("https://api.anthropic.com"), Secret("sk-upstream")};
}

net::ClientRequest prepared(const UpstreamCall& call) {
  Anthropic provider = anthropic();
  const auto outbound = Outbound::make(call, provider, call.model);
  const OutboundCall view = outbound->view();
  auto request = test::run_task(provider.prepare(view));
  return std::move(request->request);
}

net::Headers sent(net::Headers from_client) {
  UpstreamCall call;
  call.headers = std::move(from_client);
  return prepared(call).headers;
}

}  // namespace

TEST_CASE("anthropic: exactly one credential goes upstream, and it is Weir's") {
  const net::Headers headers = sent({{"authorization", "Bearer weir_a"},
                                     {"x-api-key", "weir_b"},
                                     {"api-key", "c"},
                                     {"cookie", "s=1"},
                                     {"proxy-authorization", "Basic x"}});
  CHECK(headers.count("x-api-key") == 1);
  CHECK(headers.get("x-api-key") == "sk-upstream");
  for (const std::string_view name : {"authorization", "api-key", "cookie", "proxy-authorization"}) {
    CAPTURE(name);
    CHECK_FALSE(headers.contains(name));
  }
}

TEST_CASE("anthropic: fields of the connection and of the client's place stay behind") {
  const net::Headers headers = sent({{"connection", "keep-alive, X-Hop"},
                                     {"x-hop", "1"},
                                     {"keep-alive", "5"},
                                     {"te", "trailers"},
                                     {"transfer-encoding", "chunked"},
                                     {"upgrade", "h2c"},
                                     {"host", "weir.example"},
                                     {"content-length", "2"},
                                     {"x-forwarded-for", "10.0.0.1"},
                                     {"x-forwarded-proto", "https"},
                                     {"forwarded", "for=10.0.0.1"},
                                     {"accept-encoding", "gzip, br"},
                                     {"expect", "100-continue"}});
  CHECK(headers.size() == 3);
  CHECK(headers.get("accept-encoding") == "identity");
  CHECK(headers.get("anthropic-version") == "2023-06-01");
}

TEST_CASE("anthropic: the client's version stays") {
  const net::Headers headers = sent({{"anthropic-version", "2026-10-21"}});
  CHECK(headers.count("anthropic-version") == 1);
  CHECK(headers.get("anthropic-version") == "2026-10-21");
}

// Lists are open: a header of tomorrow's SDK must pass, in its order and as often as it stands there.
TEST_CASE("anthropic: invented headers pass verbatim") {
  SeededRandom random(11);
  for (int round = 0; round < 100; ++round) {
    net::Headers from_client;
    std::string expected;
    for (std::uint64_t i = random.next_u64() % 8; i > 0; --i) {
      static constexpr std::array<std::string_view, 5> kPrefixes{"anthropic-", "x-claude-code-",
                                                                 "x-stainless-", "x-", "trace"};
      const std::string name =
          std::string(kPrefixes[random.next_u64() % 5]) + std::to_string(random.next_u64() % 1000);
      const std::string value = "a=\"b\", c; " + std::to_string(random.next_u64());
      from_client.add(name, value);
      expected += name + ":" + value + "\n";
    }
    std::string passed;
    for (const net::Field field : sent(from_client)) {
      if (field.name == "x-api-key" || field.name == "accept-encoding" || field.name == "anthropic-version")
        continue;
      passed += std::string(field.name) + ":" + std::string(field.value) + "\n";
    }
    CHECK(passed == expected);
  }
}

TEST_CASE("anthropic: method, target and body are the client's") {
  UpstreamCall call;
  call.target = "/v1/messages?beta=true";
  call.body = "{ \"model\" : \"m\" }";
  const net::ClientRequest request = prepared(call);
  CHECK(request.method == "POST");
  CHECK(request.target == "/v1/messages?beta=true");
  CHECK(request.body.data() == call.body.data());
  CHECK(request.body.size() == call.body.size());
}

TEST_CASE("anthropic: which answers are worth another try") {
  const Anthropic provider = anthropic();
  for (const int status : {408, 409, 429, 500, 502, 503, 504, 529})
    CHECK(provider.classify(status, {}) == Verdict::retry);
  for (const int status : {301, 400, 401, 402, 403, 404, 413})
    CHECK(provider.classify(status, {}) == Verdict::final);
  CHECK(provider.classify(200, {{"retry-after", "30"}}) == Verdict::ok);
  CHECK(provider.classify(429, {{"x-should-retry", "false"}}) == Verdict::final);
  CHECK(provider.classify(400, {{"x-should-retry", "true"}}) == Verdict::retry);
  CHECK(provider.classify_error("overloaded_error") == Verdict::retry);
  CHECK(provider.classify_error("a_future_error") == Verdict::retry);
  CHECK(provider.classify_error("invalid_request_error") == Verdict::final);
}

TEST_CASE("end to end: the provider's fields pass without those of the connection") {
  const net::Headers fields = response_fields({{"content-type", "text/event-stream"},
                                               {"request-id", "req_1"},
                                               {"anthropic-ratelimit-tokens-reset", "2026-11-24T00:00:00Z"},
                                               {"retry-after", "3"},
                                               {"content-length", "5"},
                                               {"transfer-encoding", "chunked"},
                                               {"connection", "close"},
                                               {"set-cookie", "__cf_bm=1"},
                                               {"alt-svc", "h3=\":443\""}});
  CHECK(fields.size() == 4);
  CHECK(fields.get("retry-after") == "3");
  CHECK(fields.contains("anthropic-ratelimit-tokens-reset"));
}

TEST_CASE("registry: knows its kinds by name, and what each cannot do without") {
  CHECK(find_provider_kind("nobody") == nullptr);
  const ProviderKind* kind = find_provider_kind("anthropic");
  REQUIRE(kind != nullptr);
  CHECK(kind->missing({.name = "a"}) == "api_key");
  CHECK(kind->missing({.name = "a", .api_key = Secret("k")}).empty());
  CHECK(find_provider_kind("openai")->missing({.name = "o"}) == "api_key");
  CHECK(
      find_provider_kind("openai")->missing({.name = "o", .base_url = "http://127.0.0.1:11434/v1"}).empty());
}

}  // namespace weir::model
