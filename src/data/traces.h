// data/traces.h: what was decided for the newest requests, and how long each phase took. No prompts, no
// answers, no secrets: who writes here sees to that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "data/tenant.h"

namespace weir::data {

// Who may read a trace: the key that made the request.
struct TraceOwner {
  TenantId tenant = default_tenant();
  std::string key_id;
};

// Whose traces are asked for.
struct TraceReader {
  TraceOwner owner;
  bool sees_refused = false;  // an operator: also what was refused before it had an owner
};
// The owner of a request that was refused for its key.
constexpr std::string_view kRefusedKey = "refused";

struct StoredTrace {
  std::string request;             // a JSON object
  std::vector<std::string> calls;  // JSON objects, in the order in which the calls ended
};

// A request's trace comes in parts: the edge adds the request when its answer has ended, the gateway each
// call when that has ended. Either may be first: a resumable stream's call outlives its request.
//
// Adding never waits and never fails: it belongs to the hot path, and what exceeds the store's bound
// pushes out what is oldest. Any thread. A durable store queues what it is given and writes behind.
class Traces {
 public:
  virtual ~Traces() = default;
  virtual void add_request(const TraceOwner& owner, std::string_view id, std::string_view json) = 0;
  virtual void add_call(std::string_view id, std::string_view json) = 0;
  // not_found: unknown, not ended yet, pushed out, or another's; we do not tell which.
  virtual Task<Result<StoredTrace>> find(TraceReader reader, std::string id) = 0;
};

}  // namespace weir::data
