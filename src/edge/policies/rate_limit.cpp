#include "edge/policies/rate_limit.h"

namespace weir::edge {
namespace {

std::int64_t seconds_up(std::chrono::milliseconds time) {
  return (time.count() + 999) / 1'000;
}

void announce(Exchange& exchange, const data::RateLimit& limit, const data::RateDecision& decision) {
  const auto reset = decision.admitted ? decision.reset : decision.retry_after;
  net::Headers& extra = exchange.out.extra();
  extra.set("ratelimit-policy",
            "\"default\";q=" + std::to_string(limit.count) + ";w=" + std::to_string(limit.window.count()));
  extra.set("ratelimit", "\"default\";r=" + std::to_string(decision.remaining) +
                             ";t=" + std::to_string(seconds_up(reset)));
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
