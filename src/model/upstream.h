// model/upstream.h: a configured provider with everything that Weir keeps about it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/accounts.h"
#include "model/provider_health.h"
#include "model/providers/provider.h"
#include "model/resilience/admission.h"
#include "model/resilience/breaker.h"
#include "model/resilience/choice.h"
#include "observe/health.h"
#include "observe/metrics.h"

namespace weir::model {

// What is known of one model at one provider under one key.
struct TargetState {
  TargetState(std::uint32_t its_id, const BreakerConfig& config, const Clock& clock, bool is_shared = false)
      : id(its_id), shared(is_shared), breaker(config, clock) {}

  // It refused (rate, key): others first until then.
  void cool_until(Monotonic until) { cool_until_.store(until.count(), std::memory_order_relaxed); }
  bool cooling(Monotonic now) const { return now.count() < cool_until_.load(std::memory_order_relaxed); }

  const std::uint32_t id;  // different for every state of a gateway
  const bool
      shared;  // by models that are not known to exist; what one of them lacks tells nothing of another
  Breaker breaker;
  Load load;

 private:
  std::atomic<Monotonic::rep> cool_until_{0};
};

struct UpstreamGauges {
  UpstreamGauges(std::string_view provider, observe::Metrics& metrics);
  observe::Gauge& in_flight;
  observe::Gauge& waiting;
  observe::Gauge& limit;
  observe::Counter& breaker_opened;
  observe::Counter& shed;
};

class Upstream {
 public:
  // Models that have been answered for have states of their own, up to kStatesMax. Any name that a client
  // invents has one, too, up to kUnprovenMax; further ones share one until they are answered for.
  static constexpr std::size_t kStatesMax = 1'000;
  static constexpr std::size_t kUnprovenMax = 500;

  // `number`: of this one among a gateway's. `models`: globs of the models that it is asked for when no
  // route decides.
  Upstream(std::uint32_t number, std::unique_ptr<Provider> provider, std::vector<std::string> models,
           const AdmissionConfig& admission, const BreakerConfig& breaker, observe::Metrics& metrics,
           observe::Health& health, const Clock& clock, std::uint32_t order = 0);

  Provider& provider() const { return *provider_; }
  std::string_view name() const { return provider_->name(); }
  bool serves(std::string_view model) const;
  std::uint32_t order() const { return order_; }  // ProviderConfig::order

  // Of that model; the same object every time. With a name of its own (`scope`) a route keeps a breaker
  // with its own settings. Any thread.
  TargetState& state_of(std::string_view model, std::string_view scope = {},
                        const BreakerConfig* breaker = nullptr);

  // The provider has answered for this model, whose state was the shared one. Any thread.
  void note_answered(std::string_view model);

  ProviderCounters counters;
  ProviderHealth health;
  Admission admission;
  UpstreamGauges gauges;

 private:
  const std::uint32_t number_;
  const std::unique_ptr<Provider> provider_;
  const std::vector<std::string> models_;
  const BreakerConfig breaker_;
  const Clock& clock_;
  const std::uint32_t order_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<TargetState>, std::less<>> states_;  // guarded by mutex_
  std::set<std::string, std::less<>>
      proven_;  // of those that came when others had their places; guarded, too
};

// Counts one in a gauge as long as it lives.
class GaugeGuard {
 public:
  explicit GaugeGuard(observe::Gauge& gauge) : gauge_(&gauge) { gauge.add(1); }
  GaugeGuard(GaugeGuard&& other) noexcept : gauge_(std::exchange(other.gauge_, nullptr)) {}
  GaugeGuard& operator=(GaugeGuard&&) = delete;
  ~GaugeGuard() {
    if (gauge_ != nullptr) gauge_->add(-1);
  }

 private:
  observe::Gauge* gauge_;
};

// One request in flight: its slot, and its share of the load. As long as it lives, the upstream has it.
struct Occupancy {
  Occupancy(Upstream& upstream, TargetState& state, Admission::Slot its_slot)
      : slot(std::move(its_slot)), load(state.load), counted(upstream.gauges.in_flight) {}

  Admission::Slot slot;
  LoadGuard load;
  GaugeGuard counted;
};

}  // namespace weir::model
