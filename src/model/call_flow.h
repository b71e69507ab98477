// model/call_flow.h: one call on its way: choose a target, wait for room, try, wait, try again, elsewhere
// or here, until there is an answer to hand on.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/task.h"
#include "model/accounts.h"
#include "model/attempt.h"
#include "model/call.h"
#include "model/call_record.h"
#include "model/gateway.h"
#include "model/outbound.h"
#include "model/prices.h"
#include "model/resilience/affinity.h"
#include "model/resilience/retry_budget.h"
#include "model/routing/router.h"
#include "net/http_client.h"
#include "observe/log.h"

namespace weir::model {

// What all calls of a gateway share; outlives them.
struct GatewayServices {
  const GatewayConfig& config;
  net::HttpClient& client;
  const Prices& prices;
  const Clock& clock;
  Random& random;
  observe::Log& log;
  Accounts& accounts;
  const Router& router;
  RetryBudget& budget;
  Affinity& affinity;
  TraceSink* traces;  // null: nobody keeps them
};

// Lives as long as open() runs. Cancelled in any phase, it gives back what it holds at once: a place in a
// queue, a slot, a probe's turn, the request under way.
class CallFlow {
 public:
  CallFlow(const GatewayServices& services, UpstreamCall call);
  Task<Result<std::unique_ptr<UpstreamReply>>> run();

 private:
  // What follows after a try.
  enum class Next : std::uint8_t { done, elsewhere, later };

  // ---- choosing (call_flow_choice.cpp)
  PlanTarget* choose_target();  // null: every target is left out
  double leaving_cost_s(const Warmth& warmth) const;
  void leave_out(PlanTarget& target, LeftOut why);
  bool is_open_elsewhere() const;  // a target is left that this round has not tried
  Error nobody_left() const;

  // ---- trying
  Task<std::optional<Occupancy>> enter(PlanTarget& target);
  bool prepare(PlanTarget& target);
  Task<Attempt> attempt(PlanTarget& target, Breaker::Pass pass, Occupancy occupancy);
  AttemptLimits limits() const;
  void learn(const Attempt& tried, PlanTarget& target, Breaker::Pass pass, Occupancy& occupancy,
             std::chrono::nanoseconds duration);
  Next decide(const Attempt& tried, std::chrono::nanoseconds& delay);
  Result<std::unique_ptr<UpstreamReply>> hand_on(Attempt tried);
  void summarize() const;
  void report(const Attempt& tried, Upstream& upstream) const;
  void log_failed_try(const Attempt& tried, const Upstream& upstream, Next next,
                      std::chrono::nanoseconds delay) const;

  const GatewayServices& services_;
  const UpstreamCall call_;
  Plan plan_;
  RetryConfig retry_;
  Monotonic deadline_{};
  SessionKey session_ = 0;
  int rounds_ = 0;  // of tries over the targets, each ended by a pause
  std::unique_ptr<CallRecord> record_;
  std::optional<Outbound> outbound_;  // the call as outbound_for_ gets it
  PlanTarget* outbound_for_ = nullptr;
  PlanTarget* target_ = nullptr;  // tried last
  std::optional<Error> refusal_;  // of the last target that could not be asked
  std::chrono::nanoseconds queue_wait_{};
  std::chrono::nanoseconds retry_after_{};  // of the last queue that was full
};

}  // namespace weir::model
