#include "edge/policies/rate_limit.h"

#include "base/append.h"

namespace weir::edge {
namespace {

std::int64_t seconds_up(std::chrono::milliseconds time) {
  return (time.count() + 999) / 1'000;
}

void append_pair(std::string& out, std::string_view before, std::int64_t first, std::string_view between,
                 std::int64_t second) {
  out += before;
  append_integer(out, first);
  out += between;
  append_integer(out, second);
}

void announce(Exchange& exchange, const data::RateLimit& limit, const data::RateDecision& decision) {
  const auto reset = decision.admitted ? decision.reset : decision.retry_after;
  net::Headers& extra = exchange.out.extra();
  std::string text;
  append_pair(text, "\"default\";q=", limit.count, ";w=", limit.window.count());
  extra.add_valid("ratelimit-policy", text);
  text.clear();
  append_pair(text, "\"default\";r=", decision.remaining, ";t=", seconds_up(reset));
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
  const data::RateLimit limit = admission.config.rate_limit;
  const std::string subject = rate_subject(exchange.client);
  auto decision = co_await admission.limits.admit(subject, limit);
  if (!decision) co_return fail(decision);
  announce(exchange, limit, *decision);
  exchange.rate = {limit, *decision};
  if (decision->admitted) co_return Result<>();
  Error refusal(Code::rate_limited,
                "more than " + std::to_string(limit.count) + " requests in " +
                    std::to_string(limit.window.count()) + " seconds",
                "wait " + std::to_string(seconds_up(decision->retry_after)) + " seconds");
  refusal.retry_after_ms = decision->retry_after.count();
  co_return fail(std::move(refusal));
}

}  // namespace weir::edge
