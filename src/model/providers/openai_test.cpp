#include "model/providers/openai.h"

#include <doctest/doctest.h>

#include "model/outbound.h"
#include "run_task.h"

namespace weir::model {
namespace {

net::ClientRequest prepared(const UpstreamCall& call, std::string_view base, std::string key = "sk-o") {
  OpenAi provider("openai", *net::Origin::parse(base), Secret(std::move(key)));
  const auto outbound = Outbound::make(call, provider, call.model);
  REQUIRE(outbound);
  const OutboundCall view = outbound->view();
  auto request = test::run_task(provider.prepare(view));
  return std::move(request->request);
}

UpstreamCall chat() {
  UpstreamCall call;
  call.target = "/v1/chat/completions?a=b";
  call.dialect = Dialect::chat_completions;
  call.model = "gpt-6-sol";
  call.body = R"({"model":"gpt-6-sol"})";
  return call;
}

}  // namespace

TEST_CASE("openai: the body is the client's, the key Weir's, and the path fits the base") {
  UpstreamCall call = chat();
  call.headers = {{"authorization", "Bearer weir_a"},
                  {"anthropic-version", "2023-06-01"},
                  {"anthropic-beta", "x"},
                  {"openai-organization", "org"},
                  {"x-stainless-lang", "js"}};
  for (const auto& [base, target] : {std::pair{"https://api.openai.com/v1", "/chat/completions?a=b"},
                                     std::pair{"http://127.0.0.1:11434", "/v1/chat/completions?a=b"},
                                     std::pair{"https://r.example/openai/v1", "/chat/completions?a=b"}}) {
    const net::ClientRequest request = prepared(call, base);
    CHECK(request.target == target);
    CHECK(request.body.data() == call.body.data());
    CHECK(request.headers.count("authorization") == 1);
    CHECK(request.headers.get("authorization") == "Bearer sk-o");
    CHECK(request.headers.get("openai-organization") == "org");
    CHECK(request.headers.get("x-stainless-lang") == "js");
    CHECK_FALSE(request.headers.contains("anthropic-version"));
    CHECK_FALSE(request.headers.contains("anthropic-beta"));
  }
  CHECK_FALSE(prepared(call, "http://127.0.0.1:11434", "").headers.contains("authorization"));
}

TEST_CASE("openai: which answers are worth another try") {
  const OpenAi provider("openai", *net::Origin::parse("https://api.openai.com/v1"), Secret("k"));
  for (const int status : {408, 409, 429, 500, 503}) CHECK(provider.classify(status, {}) == Verdict::retry);
  for (const int status : {400, 401, 404, 422}) CHECK(provider.classify(status, {}) == Verdict::final);
  CHECK(provider.classify(200, {}) == Verdict::ok);
  CHECK(provider.classify(429, {{"x-should-retry", "false"}}) == Verdict::final);
  CHECK(provider.classify_error("server_error") == Verdict::retry);
  CHECK(provider.classify_error("insufficient_quota") == Verdict::final);
  CHECK(provider.request_id({{"x-request-id", "req_1"}}) == "req_1");
  for (const Dialect dialect : {Dialect::chat_completions, Dialect::responses, Dialect::embeddings}) {
    CHECK(provider.speaks(dialect));
  }
  CHECK_FALSE(provider.speaks(Dialect::messages));
}

}  // namespace weir::model
