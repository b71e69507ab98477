#include "model/gateway.h"

#include <algorithm>
#include <utility>

#include "model/accounts.h"
#include "model/batch_results.h"
#include "model/call_flow.h"
#include "model/provider_health.h"
#include "model/providers/registry.h"
#include "model/routing/router.h"
#include "model/upstream.h"

namespace weir::model {
namespace {

using Upstreams = std::vector<std::unique_ptr<Upstream>>;

Upstreams make_upstreams(const GatewayConfig& config, const ProviderTools& tools, observe::Metrics& metrics,
                         observe::Health& health) {
  Upstreams upstreams;
  for (const ProviderConfig& described : config.all_providers()) {
    const ProviderKind& kind = *find_provider_kind(kind_of(described));  // GatewayConfig::check() has passed
    auto provider = kind.make(described, tools);
    WEIR_ASSERT(provider.has_value());
    std::vector<std::string> models = described.models;
    if (models.empty()) models.assign(kind.models.begin(), kind.models.end());
    AdmissionConfig admission = config.admission;
    admission.limit.max = described.in_flight_max;
    admission.limit.min = std::min(admission.limit.min, admission.limit.max);
    upstreams.push_back(std::make_unique<Upstream>(
        static_cast<std::uint32_t>(upstreams.size()), *std::move(provider), std::move(models), admission,
        config.breaker, metrics, health, tools.clock, described.order));
  }
  return upstreams;
}

}  // namespace

class Gateway::Impl {
 public:
  Impl(GatewayConfig config, net::HttpClient& client, const Prices& prices, UsageSink& usage,
       const Clock& clock, Random& random, observe::Log& log, observe::Metrics& metrics,
       observe::Health& health, TraceSink* traces, const Environment* environment)
      : config_(std::move(config)),
        environment_(environment != nullptr ? *environment : process_environment_),
        accounts_(prices, usage, log, metrics),
        upstreams_(make_upstreams(
            config_,
            {.client = client, .clock = clock, .random = random, .log = log, .environment = environment_},
            metrics, health)),
        router_(config_.routes, upstreams_, config_.breaker, metrics),
        budget_(config_.retry_budget, clock),
        affinity_(config_.affinity, clock),
        services_{.config = config_,
                  .client = client,
                  .prices = prices,
                  .clock = clock,
                  .random = random,
                  .log = log,
                  .accounts = accounts_,
                  .router = router_,
                  .budget = budget_,
                  .affinity = affinity_,
                  .traces = traces} {
    const std::string_view usual = config_.anthropic.name;
    if (std::ranges::find(upstreams_, usual, &Upstream::name) == upstreams_.end()) {
      ProviderHealth(usual, health, clock).not_configured();
    }
  }

  bool configured() const { return !upstreams_.empty(); }
  bool speaks(Dialect dialect) const {
    return std::ranges::any_of(upstreams_, [&](const auto& u) { return u->provider().speaks(dialect); });
  }

  Task<Result<std::unique_ptr<UpstreamReply>>> open(UpstreamCall call) {
    if (upstreams_.empty()) {
      co_return fail(Code::unavailable, "no model provider is configured", "set ANTHROPIC_API_KEY");
    }
    CallFlow flow(services_, std::move(call));
    co_return co_await flow.run();
  }

  Accounts& accounts() { return accounts_; }

 private:
  const GatewayConfig config_;
  const ProcessEnvironment process_environment_;
  const SecretFileEnvironment environment_;
  Accounts accounts_;
  const Upstreams upstreams_;  // in the order of the configuration
  const Router router_;
  RetryBudget budget_;
  Affinity affinity_;
  const GatewayServices services_;
};

Gateway::Gateway(GatewayConfig config, net::HttpClient& client, const Prices& prices, UsageSink& usage,
                 const Clock& clock, Random& random, observe::Log& log, observe::Metrics& metrics,
                 observe::Health& health, TraceSink* traces, const Environment* environment)
    : impl_(std::make_unique<Impl>(std::move(config), client, prices, usage, clock, random, log, metrics,
                                   health, traces, environment)) {}

Gateway::~Gateway() = default;

bool Gateway::configured() const {
  return impl_->configured();
}

bool Gateway::speaks(Dialect dialect) const {
  return impl_->speaks(dialect);
}

std::unique_ptr<BatchResults> Gateway::batch_results(const Attribution& who, std::string_view provider,
                                                     std::string_view batch_id) {
  return std::make_unique<BatchResults>(impl_->accounts(), who, provider, batch_id);
}

Task<Result<std::unique_ptr<UpstreamReply>>> Gateway::open(UpstreamCall call) {
  return impl_->open(std::move(call));
}

}  // namespace weir::model
