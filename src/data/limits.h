// data/limits.h: everything that is counted against a caller, decided in one atomic call: rate limits of
// requests, tokens and money, streams at once, and budgets.
//
// A charge names a subject (one rule, and whom it counts: "default:ip:192.0.2.1"), its limit, and how many
// units it takes. decide() admits when every enforced charge has room, and then takes all of them; else it
// takes none. What is not known beforehand (tokens, money, the end of a stream) is held in the name of the
// request: held units count in full until settle() puts what it really was in their place. So at any time
//
//     used (as the method counts it) + held + units <= amount.
//
// Held units are leases: who holds them renews them, and those of a process that died come back after
// kHoldLease. Time is the store's own, never the caller's: replicas' clocks differ.
//
// A store that is a round trip away makes decide() and extend() one round trip each, whatever the number of
// charges, and queues settle() and renew(), which must not wait. In Redis that is one Lua function:
//   - the keys of one call share a hash tag, since they must lie in one slot of a cluster;
//   - `redis.call('TIME')` is the clock; scripts are replicated by their effects, which is the default;
//   - a subject is a hash {state of the method} and, where something is held, a sorted set id → expiry and a
//     hash id → units; the function drops the expired ones first, sums the rest, looks at every charge, and
//     only then writes; it answers the verdicts in order;
//   - exact: a sorted set of (microseconds, "<id>:<units>"), trimmed by ZREMRANGEBYSCORE, with its sum
//     kept in the hash; gcra: level and time; two_counters: window number and two counts; calendar: number of
//     the period and the sum;
//   - each key expires when it has nothing more to say (window, or end of the period), "total" never.
// In SQL it is one transaction over the subjects' rows, locked in the order of their names, with now().
// tests/contract/limits_contract.h and budgets_contract.h are what an implementation must keep.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/task.h"

namespace weir::data {

// How a limit counts. Only `exact` never admits more than `amount` in any window; each of the next two
// admits up to twice that in some.
enum class LimitMethod : std::uint8_t {
  exact,         // a log of what was taken when
  gcra,          // a bucket of `amount` that drains evenly over the window: 16 bytes
  two_counters,  // this window's count, and the last one's in proportion: 24 bytes
  parallel,      // what is held at this moment, and nothing else
  calendar,      // what was used since the beginning of the period: a budget
};

// Of a calendar limit; in UTC, weeks from Monday. `total` never ends.
enum class Period : std::uint8_t { hour, day, week, month, total };

struct Limit {
  LimitMethod method = LimitMethod::exact;
  std::int64_t amount = 100;         // requests, tokens, nano-dollars, streams: as the rule counts
  std::chrono::seconds window{900};  // exact, gcra, two_counters: more than zero
  Period period = Period::total;     // calendar
};

// "100/15m", as a setting has it.
struct RateLimit {
  std::uint32_t count = 100;
  std::chrono::seconds window{900};
};

struct Charge {
  std::string subject;
  Limit limit;
  std::int64_t units = 1;  // >= 0; with none there must be room for one
  // With `held`: a call whose end nobody can stop may reserve more than `units`, up to this, but no more than
  // a quarter of what is free, so that one call does not shut out the others.
  std::int64_t wanted = 0;
  bool held = false;     // until settle(); always so for `parallel`
  bool enforced = true;  // false (shadow rules, soft budgets): charged beyond the amount, never refused
};

struct Verdict {
  bool admitted = false;                     // of an unenforced charge: whether it would have been
  std::int64_t reserved = 0;                 // units taken; none when the decision is a refusal
  std::int64_t remaining = 0;                // after this decision; not below zero
  std::chrono::milliseconds reset{0};        // until something comes back; 0: nothing will by itself
  std::chrono::milliseconds retry_after{0};  // refused: until it may be admitted, as far as is known
};

struct Decision {
  bool admitted = false;
  std::vector<Verdict> verdicts;  // of each charge, in order
};

constexpr std::chrono::seconds kHoldLease{45};    // of held units that nobody renews
constexpr std::chrono::seconds kHoldRenewal{15};  // how often their holder does
constexpr std::size_t kChargesMax = 64;           // of one call

// Any loop may call.
class Limits {
 public:
  virtual ~Limits() = default;

  // `id` names what is held; unique among the requests of all replicas. invalid_request: a limit that makes
  // no sense, or a subject twice. overloaded: no room for another subject. unavailable: the store is gone;
  // the caller says whether that refuses.
  virtual Task<Result<Decision>> decide(std::string_view id, std::span<const Charge> charges) = 0;

  // Holds up to `units` more in each of these subjects, the same in all: as much as is free in the enforced
  // one that has least. How much that was; 0: nothing is left.
  virtual Task<Result<std::int64_t>> extend(std::string_view id, std::span<const Charge> charges,
                                            std::int64_t units) = 0;

  // Ends what `id` holds in these subjects and counts each charge's units instead, whether or not there is
  // room: they have been used. Returns at once, and is safe in a destructor.
  virtual void settle(std::string_view id, std::span<const Charge> charges) = 0;

  // Prolongs what the ids hold in their subjects by kHoldLease. Returns at once.
  struct Hold {
    std::string id;
    std::vector<std::string> subjects;
  };
  virtual void renew(std::span<const Hold> holds) = 0;

  // Calendar limits: what was used in the current period is at least this, as the ledger knows.
  // For the start.
  virtual Task<Result<>> restore(std::span<const Charge> charges) = 0;
};

// The period that `wall` lies in: its number, which rises, and its ends. `total` has no end: 0.
struct PeriodSpan {
  std::int64_t number = 0;
  std::chrono::nanoseconds begin{};
  std::chrono::nanoseconds end{};
};
PeriodSpan period_at(Period period, std::chrono::nanoseconds wall);

}  // namespace weir::data
