#include "model/upstream.h"

#include <algorithm>

#include "model/routing/glob.h"

namespace weir::model {

UpstreamGauges::UpstreamGauges(std::string_view provider, observe::Metrics& metrics)
    : in_flight(metrics.gauge("weir_upstream_in_flight", "Requests that a provider is answering.",
                              {{"provider", provider}})),
      waiting(metrics.gauge("weir_upstream_waiting", "Calls that wait for a provider's limit.",
                            {{"provider", provider}})),
      limit(metrics.gauge("weir_upstream_limit", "Requests that a provider is given at once, as learnt.",
                          {{"provider", provider}})),
      breaker_opened(metrics.counter("weir_upstream_breaker_opened_total", "Times that a breaker opened.",
                                     {{"provider", provider}})),
      shed(metrics.counter("weir_upstream_shed_total", "Calls that found no room in a provider's queue.",
                           {{"provider", provider}})) {}

Upstream::Upstream(std::uint32_t number, std::unique_ptr<Provider> provider, std::vector<std::string> models,
                   const AdmissionConfig& admission_config, const BreakerConfig& breaker,
                   observe::Metrics& metrics, observe::Health& health_registry, const Clock& clock,
                   std::uint32_t order)
    : counters(provider->name(), metrics),
      health(provider->name(), health_registry, clock),
      admission(admission_config, clock),
      gauges(provider->name(), metrics),
      number_(number),
      provider_(std::move(provider)),
      models_(std::move(models)),
      breaker_(breaker),
      clock_(clock),
      order_(order) {
  gauges.limit.set(admission.limit());
}

bool Upstream::serves(std::string_view model) const {
  return std::ranges::any_of(models_, [&](const std::string& glob) { return glob_matches(glob, model); });
}

TargetState& Upstream::state_of(std::string_view model, std::string_view scope,
                                const BreakerConfig* breaker) {
  const std::lock_guard lock(mutex_);
  if (scope.empty()) {
    const auto found = states_.find(model);
    if (found != states_.end()) return *found->second;
  }
  const bool has_own =
      states_.size() < kUnprovenMax || (states_.size() < kStatesMax && proven_.contains(model));
  std::string key(has_own ? model : std::string_view());
  if (!scope.empty()) key += '\n' + std::string(scope);
  auto& state = states_[std::move(key)];
  if (state == nullptr) {
    state = std::make_unique<TargetState>((number_ << 16U) + static_cast<std::uint32_t>(states_.size()),
                                          breaker != nullptr ? *breaker : breaker_, clock_, !has_own);
  }
  return *state;
}

void Upstream::note_answered(std::string_view model) {
  const std::lock_guard lock(mutex_);
  if (proven_.size() < kStatesMax) proven_.emplace(model);
}

}  // namespace weir::model
