#include "edge/policies/rate_limit.h"

#include "base/append.h"

namespace weir::edge {
namespace {

std::int64_t seconds_up(std::chrono::milliseconds time) {
  return (time.count() + 999) / 1'000;
}

void append_pair(std::string& out, std::string_view name, std::string_view between, std::int64_t first,
                 std::string_view before_second, std::int64_t second) {
  out += '"';
  out += name;
  out += between;
  append_integer(out, first);
  out += before_second;
  append_integer(out, second);
}

void announce(Exchange& exchange) {
  const auto& [rule, limit, verdict] = *exchange.rate;
  const auto reset = verdict.admitted ? verdict.reset : verdict.retry_after;
  net::Headers& extra = exchange.out.extra();
  std::string text;
  append_pair(text, rule, "\";q=", limit.amount, ";w=", limit.window.count());
  extra.add_valid("ratelimit-policy", text);
  text.clear();
  append_pair(text, rule, "\";r=", verdict.remaining, ";t=", seconds_up(reset));
  extra.add_valid("ratelimit", text);
}

}  // namespace

std::string rate_subject(const IpAddress& client) {
  if (client.is_v4()) return "ip:" + client.to_string();
  auto network = client.bytes();
  std::fill(network.begin() + 8, network.end(), std::uint8_t{0});
  return "ip:" + IpAddress::from_v6(network).to_string() + "/64";
}

Task<Result<>> limit_rate(Exchange& exchange, Admission& admission) {
  if (!admission.config.rate_limit_enabled || exchange.route->exempt == Exempt::admission)
    co_return Result<>();
  const data::RateLimit configured = admission.config.rate_limit;
  data::Charge charge;
  charge.subject = "default:" + rate_subject(exchange.client);
  charge.limit = {.amount = configured.count, .window = configured.window};
  const std::span<const data::Charge> charges(&charge, 1);
  auto decision = co_await admission.limits.decide(exchange.id, charges);
  if (!decision) co_return fail(decision);
  exchange.rate = {"default", charge.limit, decision->verdicts[0]};
  announce(exchange);
  if (decision->admitted) co_return Result<>();
  const std::chrono::milliseconds retry_after = decision->verdicts[0].retry_after;
  Error refusal(Code::rate_limited,
                "more than " + std::to_string(configured.count) + " requests in " +
                    std::to_string(configured.window.count()) + " seconds",
                "wait " + std::to_string(seconds_up(retry_after)) + " seconds");
  refusal.retry_after_ms = retry_after.count();
  co_return fail(std::move(refusal));
}

}  // namespace weir::edge
