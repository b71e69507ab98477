#include "ops/selftest/runner.h"

#include "base/json.h"
#include "base/text.h"
#include "net/sleep.h"

namespace weir::ops::selftest {
namespace {

constexpr std::size_t kAnswerSizeMax = 256 * 1024 * 1024;
constexpr int kExplainTries = 50;  // its trace is there when the answer has ended, give or take a moment
constexpr std::chrono::milliseconds kExplainPause{10};

// The recorded request as a client of the gateway would send it. Borrows the cassette's body.
net::ClientRequest request_of(const data::Cassette& cassette, const Target& target) {
  constexpr std::string_view kLeftOut[] = {"host", "user-agent", "accept-encoding", "traceparent",
                                           "content-length"};
  net::ClientRequest request;
  request.method = cassette.request.method;
  request.target = cassette.request.path;
  for (const net::Field field : cassette.request.headers) {
    const bool secret =
        field.value == "REDACTED" || field.name == "authorization" || field.name == "x-api-key";
    if (!secret && std::ranges::find(kLeftOut, field.name) == std::end(kLeftOut))
      request.headers.add(field.name, field.value);
  }
  if (!request.headers.contains("content-type")) request.headers.add("content-type", "application/json");
  if (!target.api_key.empty()) request.headers.add("authorization", "Bearer " + target.api_key);
  request.headers.set("x-weir-cassette", cassette.name);
  request.body = cassette.request.body;
  return request;
}

std::int64_t number(const json::value& object, std::string_view name) {
  const json::value* const value = find_member(object, name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

void read_price(const json::value& trace, Observed& observed) {
  const json::value* const calls = find_member(trace, "calls");
  if (calls == nullptr || !calls->is_array() || calls->get_array().empty()) return;
  const json::value* const price = find_member(calls->get_array().back(), "price");
  if (price == nullptr || !price->is_object()) return;
  observed.priced = true;
  observed.cost_usd = string_member(*price, "cost_usd");
  const json::value* const usage = find_member(*price, "usage");
  if (usage == nullptr) return;
  observed.usage.input_tokens = number(*usage, "input_tokens");
  observed.usage.output_tokens = number(*usage, "output_tokens");
  observed.usage.cache_write_5m_tokens = number(*usage, "cache_write_5m_tokens");
  observed.usage.cache_write_1h_tokens = number(*usage, "cache_write_1h_tokens");
  observed.usage.cache_read_tokens = number(*usage, "cache_read_tokens");
  observed.usage.web_search_requests = number(*usage, "web_search_requests");
}

Task<Result<>> explain(net::HttpClient& client, const Target& target, std::string request_id,
                       Observed& observed) {
  const net::ClientTimeouts timeouts;
  for (int tries = 0; tries < kExplainTries && !observed.priced; ++tries) {
    if (tries > 0) co_await net::sleep_for(kExplainPause);
    net::ClientRequest request;
    request.method = "GET";
    request.target = "/api/requests/" + request_id;
    if (!target.api_key.empty()) request.headers.add("authorization", "Bearer " + target.api_key);
    auto answer = co_await client.send(target.gateway, std::move(request), timeouts);
    if (!answer) co_return fail(answer);
    auto body = co_await net::read_all(**answer, kAnswerSizeMax);
    if (!body) co_return fail(body);
    const auto trace = parse_json(*body);
    if ((*answer)->status() == 200 && trace) read_price(*trace, observed);
  }
  co_return Result<>();
}

void count(const data::Cassette& cassette, const Expectation& expected, const Observed& observed,
           Report& report) {
  if (cassette.response.status >= 400) {
    ++report.errors;
  } else {
    const bool frames = cassette.response.headers.get("content-type").contains("eventstream");
    ++(cassette.response.is_stream || frames ? report.streams : report.documents);
  }
  if (!expected.whole) ++report.cut;
  if (observed.priced && expected.whole && cassette.response.status < 400) ++report.priced;
}

}  // namespace

Task<Result<>> run(net::HttpClient& client, Target target, const std::vector<data::Cassette>& cassettes,
                   const model::Prices& prices, const Clock& clock, Report& report) {
  const net::ClientTimeouts timeouts;
  for (const data::Cassette& cassette : cassettes) {
    const Expectation expected = expect(cassette, prices, clock.wall());
    if (!expected.dialect) {
      ++report.left_out[expected.unsendable];
      continue;
    }
    net::ClientRequest request = request_of(cassette, target);
    auto answer = co_await client.send(target.gateway, std::move(request), timeouts);
    if (!answer) co_return fail(Code::unavailable, "no Weir answers: " + answer.error().message);
    Observed observed{.status = (*answer)->status()};
    auto body = co_await net::read_all(**answer, kAnswerSizeMax);
    if (body) observed.body = *std::move(body);
    const bool priced = expected.metered && expected.whole && cassette.response.status < 400;
    std::string request_id((*answer)->headers().get("x-request-id"));
    if (priced && body) {
      auto explained = co_await explain(client, target, std::move(request_id), observed);
      if (!explained) co_return explained;
    }
    Finding finding{.cassette = cassette.name, .differences = differences(cassette, expected, observed)};
    if (!body) finding.differences.push_back("the answer broke off: " + body.error().message);
    if (finding.differences.empty()) {
      count(cassette, expected, observed, report);
    } else {
      report.findings.push_back(std::move(finding));
    }
  }
  co_return Result<>();
}

}  // namespace weir::ops::selftest
