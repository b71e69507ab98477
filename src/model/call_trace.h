// model/call_trace.h: how a call found its way: the route, the targets that were left out and why, the
// tries. Kept cheap: a call that is answered at once costs one small allocation.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "data/ledger.h"
#include "model/resilience/breaker.h"
#include "model/resilience/failure_class.h"

namespace weir::model {

enum class LeftOut : std::uint8_t {
  breaker_open,    // it has been failing
  cooling,         // it refused lately (rate, key), and others did not
  queue_full,      // it has too much to do
  cannot_express,  // the call has no meaning in its dialect
};
std::string_view to_string(LeftOut why);

enum class TriesEnd : std::uint8_t {
  answered,  // by a good answer
  final,     // by one that no other try would change
  tries_max,
  budget,  // too many retries of all calls together
  deadline,
  no_target,  // every target was left out
  cancelled,  // the caller went away
};
std::string_view to_string(TriesEnd end);

// Views live as long as the gateway.
struct TraceTry {
  std::string_view provider;
  std::string model;
  int status = 0;  // 0: no answer
  FailureClass failure = FailureClass::none;
  BreakerState breaker = BreakerState::closed;  // when it began
  std::chrono::nanoseconds queue_wait{};
  std::chrono::nanoseconds connect{};      // of the duration; 0: a connection was open
  std::chrono::nanoseconds duration{};     // until the head, or a stream's first event
  std::chrono::nanoseconds delay_after{};  // before the next try
};

struct TraceLeft {
  std::string_view provider;
  std::string model;
  LeftOut why;
};

struct CallTrace {
  std::string_view route;                 // the name; "default" when no route decided
  std::vector<std::string_view> shadows;  // routes that would have decided
  std::vector<TraceLeft> left;
  std::vector<TraceTry> tries;
  TriesEnd end = TriesEnd::cancelled;
  std::string_view warm_provider;  // where the session's prompt cache is; empty: not known
  std::int64_t warm_tokens = 0;
  double leaving_costs_s = 0;  // what leaving it counted for, in seconds
  bool thinking_stripped = false;
  std::string price_model;  // the row of the price table; empty: nothing was priced
  Money cost;
  data::Usage usage;
  bool usage_estimated = false;
  std::string error_type;                  // as in the ledger's row; empty: success
  std::chrono::nanoseconds first_token{};  // 0: none
  std::chrono::nanoseconds duration{};     // from the call to the end of its answer
};

// Takes the trace of every call when it has ended, also of one that reached no provider. Any loop; must
// not block.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual void keep(std::string_view request_id, CallTrace trace) = 0;
};

}  // namespace weir::model
