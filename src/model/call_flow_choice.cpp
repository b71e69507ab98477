// Which target is asked next.
#include <algorithm>
#include <array>

#include "model/call_flow.h"
#include "model/resilience/choice.h"

namespace weir::model {
namespace {

constexpr std::size_t kEqualsMax = 64;  // as many as a route can have, or providers there are

}  // namespace

// The lowest order that has anybody left; in it, those that did not refuse lately, if there are any.
PlanTarget* CallFlow::choose_target() {
  std::array<PlanTarget*, kEqualsMax> equals{};
  std::size_t count = 0;
  bool cooling = false;
  const bool alone = plan_.targets.size() == 1;
  const Monotonic now = alone ? Monotonic{} : services_.clock.monotonic();
  for (const bool take_cooling : {false, true}) {
    for (PlanTarget& target : plan_.targets) {
      if (target.tried || target.unusable || count == kEqualsMax) continue;
      if (count > 0 && target.order != equals[0]->order) break;
      if (!alone && !take_cooling && target.state->cooling(now)) {
        cooling = true;
        continue;
      }
      if (target.state->breaker.would_allow()) {
        equals[count++] = &target;
      } else {
        leave_out(target, LeftOut::breaker_open);
      }
    }
    if (count > 0 || !cooling) break;
  }
  if (count <= 1) return count == 0 ? nullptr : equals[0];

  const auto warmth = services_.affinity.find(session_);
  double leaving_s = 0;
  int warm = -1;
  std::array<Candidate, kEqualsMax> candidates;
  for (std::size_t i = 0; i < count; ++i) {
    const PlanTarget& target = *equals[i];
    const double wait_s = static_cast<double>(target.upstream->admission.expected_wait().count()) * 1e-9;
    candidates[i] = {.cost = target.state->load.expected_s(now) + wait_s, .weight = target.weight};
    if (warmth && warmth->target == target.state->id) warm = static_cast<int>(i);
  }
  if (warm >= 0) {
    leaving_s = leaving_cost_s(*warmth);
    for (std::size_t i = 0; i < count; ++i) candidates[i].cost += static_cast<int>(i) == warm ? 0 : leaving_s;
    CallTrace& trace = record_->trace();
    trace.warm_provider = equals[static_cast<std::size_t>(warm)]->upstream->name();
    trace.warm_tokens = warmth->cached_tokens;
    trace.leaving_costs_s = leaving_s;
  }
  return equals[choose({candidates.data(), count}, warm, services_.random)];
}

// Elsewhere the cached part of the prompt is written anew instead of read.
double CallFlow::leaving_cost_s(const Warmth& warmth) const {
  const std::string_view model = plan_.targets.front().model;
  data::Usage written;
  written.cache_write_5m_tokens = warmth.cached_tokens;
  data::Usage read;
  read.cache_read_tokens = warmth.cached_tokens;
  const WallTime at = services_.clock.wall();
  const std::int64_t more = services_.prices.price(model, written, {}, at).cost.nanos() -
                            services_.prices.price(model, read, {}, at).cost.nanos();
  return std::max(static_cast<double>(more) * 1e-9, 0.0) * services_.affinity.config().seconds_per_dollar;
}

void CallFlow::leave_out(PlanTarget& target, LeftOut why) {
  target.tried = true;
  record_->trace().left.push_back(
      {.provider = target.upstream->name(), .model = std::string(target.model), .why = why});
}

bool CallFlow::is_open_elsewhere() const {
  return std::ranges::any_of(plan_.targets, [](const PlanTarget& target) {
    return !target.tried && !target.unusable && target.state->breaker.would_allow();
  });
}

// Every breaker is open, or every queue full.
Error CallFlow::nobody_left() const {
  std::chrono::nanoseconds wait = retry_after_;
  for (const PlanTarget& target : plan_.targets) {
    const std::chrono::nanoseconds its = target.state->breaker.closed_for();
    if (its.count() > 0 && (wait.count() == 0 || its < wait)) wait = its;
  }
  const auto is_full = [](const TraceLeft& left) { return left.why == LeftOut::queue_full; };
  const bool full = std::ranges::any_of(record_->trace().left, is_full);
  Error error(Code::overloaded,
              full ? "too many calls wait for this model already" : "the providers of this model are failing",
              "try again a little later");
  error.retry_after_ms =
      std::max<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(wait).count(), 1'000);
  return error;
}

}  // namespace weir::model
