#include "model/gateway.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "model/accounts.h"
#include "model/attempt.h"
#include "model/call_record.h"
#include "model/outbound.h"
#include "model/provider_health.h"
#include "model/providers/registry.h"
#include "model/reply.h"
#include "model/upstream.h"
#include "net/sleep.h"

namespace weir::model {
namespace {

std::chrono::milliseconds at_most(std::chrono::milliseconds limit, std::chrono::nanoseconds remaining) {
  return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(remaining), std::chrono::milliseconds(1),
                    limit);
}

}  // namespace

class Gateway::Impl {
 public:
  Impl(GatewayConfig config, net::HttpClient& client, const Prices& prices, UsageSink& usage,
       const Clock& clock, Random& random, observe::Log& log, observe::Metrics& metrics,
       observe::Health& health)
      : config_(std::move(config)),
        client_(client),
        clock_(clock),
        random_(random),
        log_(log),
        accounts_(prices, usage, log, metrics) {
    const ProviderTools tools{.client = client, .clock = clock, .random = random, .log = log};
    for (const ProviderConfig& described : config_.all_providers()) {
      const ProviderKind& kind =
          *find_provider_kind(kind_of(described));  // GatewayConfig::check() has passed
      auto provider = kind.make(described, tools);
      WEIR_ASSERT(provider.has_value());
      std::vector<std::string> models = described.models;
      if (models.empty()) models.assign(kind.models.begin(), kind.models.end());
      upstreams_.push_back(
          std::make_unique<Upstream>(*std::move(provider), std::move(models), metrics, health, clock));
    }
    if (find(config_.anthropic.name) == nullptr) {
      ProviderHealth(config_.anthropic.name, health, clock).not_configured();
    }
  }

  bool configured() const { return !upstreams_.empty(); }
  bool speaks(Dialect dialect) const {
    return std::ranges::any_of(upstreams_, [&](const auto& u) { return u->provider->speaks(dialect); });
  }
  Task<Result<std::unique_ptr<UpstreamReply>>> open(UpstreamCall call);

 private:
  Upstream* find(std::string_view name) const;
  Upstream* choose(const UpstreamCall& call) const;
  AttemptLimits limits_until(Monotonic deadline) const;
  std::optional<std::chrono::nanoseconds> next_delay(const Attempt& attempt, int tries, Monotonic deadline);
  void report(const Attempt& attempt, Upstream& upstream);
  void log_failed_try(const Attempt& attempt, const CallRecord& record, const Upstream& upstream,
                      std::optional<std::chrono::nanoseconds> delay);

  const GatewayConfig config_;
  net::HttpClient& client_;
  const Clock& clock_;
  Random& random_;
  observe::Log& log_;
  Accounts accounts_;
  std::vector<std::unique_ptr<Upstream>> upstreams_;  // in the order of the configuration
};

Upstream* Gateway::Impl::find(std::string_view name) const {
  for (const auto& upstream : upstreams_) {
    if (upstream->provider->name() == name) return upstream.get();
  }
  return nullptr;
}

// Who serves the model by name comes first, then who speaks the dialect, then the first of all.
Upstream* Gateway::Impl::choose(const UpstreamCall& call) const {
  if (!call.provider.empty()) return find(call.provider);
  Upstream* by_name = nullptr;
  Upstream* by_dialect = nullptr;
  for (const auto& upstream : upstreams_) {
    const bool speaks = upstream->provider->speaks(call.dialect);
    const bool serves = !call.model.empty() && upstream->serves(call.model);
    if (speaks && serves) return upstream.get();
    if (serves && by_name == nullptr) by_name = upstream.get();
    if (speaks && by_dialect == nullptr) by_dialect = upstream.get();
  }
  if (by_name != nullptr) return by_name;
  return by_dialect != nullptr ? by_dialect : upstreams_.front().get();
}

AttemptLimits Gateway::Impl::limits_until(Monotonic deadline) const {
  const std::chrono::nanoseconds remaining = deadline - clock_.monotonic();
  AttemptLimits limits;
  limits.timeouts.connect = at_most(config_.connect_timeout, remaining);
  limits.timeouts.first_byte = at_most(config_.first_token_timeout, remaining);
  limits.timeouts.idle = at_most(config_.idle_timeout, remaining);
  limits.held_size_max = config_.held_size_max;
  return limits;
}

Task<Result<std::unique_ptr<UpstreamReply>>> Gateway::Impl::open(UpstreamCall call) {
  if (upstreams_.empty()) {
    co_return fail(Code::unavailable, "no model provider is configured", "set ANTHROPIC_API_KEY");
  }
  Upstream* upstream = choose(call);
  if (upstream == nullptr) {
    co_return fail(Code::unavailable, "no provider is called \"" + call.provider + "\"", "see [providers]");
  }
  Provider& provider = *upstream->provider;
  auto outbound = Outbound::make(call, provider, call.model);
  if (!outbound) co_return fail(outbound);
  auto record = std::make_unique<CallRecord>(accounts_, clock_, call);
  const Monotonic deadline = clock_.monotonic() + config_.total_timeout;
  while (true) {
    record->begin_try(provider.name(), call.model, upstream->counters);
    const AttemptLimits limits = limits_until(deadline);
    Attempt tried = co_await try_once(client_, clock_, provider, *outbound, *record, limits);
    const auto delay = next_delay(tried, record->tries(), deadline);
    if (!tried.problem.empty()) log_failed_try(tried, *record, *upstream, delay);
    if (!delay) {
      report(tried, *upstream);
      if (tried.answer.response == nullptr) {
        const Code code = tried.failure->code;
        record->close(code == Code::cancelled ? kClientGone : to_string(code));
        co_return fail(*std::move(tried.failure));
      }
      const ReplySettings settings{.dialect = call.dialect, .deadline = deadline};
      co_return std::make_unique<MeteredReply>(std::move(tried.answer), std::move(record), clock_, settings);
    }
    tried.answer.response.reset();
    record->add_wait(*delay);
    co_await net::sleep_for(*delay);
  }
}

std::optional<std::chrono::nanoseconds> Gateway::Impl::next_delay(const Attempt& attempt, int tries,
                                                                  Monotonic deadline) {
  if (attempt.verdict != Verdict::retry) return std::nullopt;
  const auto delay = retry_delay(config_.retry, tries, attempt.asked_wait, random_);
  if (!delay || clock_.monotonic() + *delay >= deadline) return std::nullopt;
  return delay;
}

void Gateway::Impl::report(const Attempt& attempt, Upstream& upstream) {
  if (attempt.failure && attempt.failure->code == Code::cancelled) return;
  const int status = attempt.status();
  if (status == 401 || status == 403) {
    upstream.health.failing("the provider refuses the configured key");
  } else if (status == 429) {
    upstream.health.failing("the provider limits the rate");
  } else if (status == 0) {
    upstream.health.failing("the provider cannot be reached");
  } else if (attempt.verdict == Verdict::retry || status >= 500) {
    upstream.health.failing("the provider answers with errors");
  } else {
    upstream.health.answering();
  }
}

void Gateway::Impl::log_failed_try(const Attempt& attempt, const CallRecord& record, const Upstream& upstream,
                                   std::optional<std::chrono::nanoseconds> delay) {
  const std::int64_t delay_ms =
      delay ? std::chrono::duration_cast<std::chrono::milliseconds>(*delay).count() : std::int64_t{-1};
  log_.warn(delay ? "a try failed; the next one follows" : "the last try failed",
            {{"request_id", record.request_id()},
             {"gen_ai.provider.name", upstream.provider->system()},
             {"provider", upstream.provider->name()},
             {"try", record.tries()},
             {"error", attempt.problem},
             {"upstream_request_id", record.upstream_request_id()},
             {"delay_ms", delay_ms}});
}

Gateway::Gateway(GatewayConfig config, net::HttpClient& client, const Prices& prices, UsageSink& usage,
                 const Clock& clock, Random& random, observe::Log& log, observe::Metrics& metrics,
                 observe::Health& health)
    : impl_(std::make_unique<Impl>(std::move(config), client, prices, usage, clock, random, log, metrics,
                                   health)) {}

Gateway::~Gateway() = default;

bool Gateway::configured() const {
  return impl_->configured();
}

bool Gateway::speaks(Dialect dialect) const {
  return impl_->speaks(dialect);
}

Task<Result<std::unique_ptr<UpstreamReply>>> Gateway::open(UpstreamCall call) {
  return impl_->open(std::move(call));
}

}  // namespace weir::model
