// edge/policies/admission.h: what the admission policies stand on, and the form that each has.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/task.h"
#include "data/keys.h"
#include "data/limits.h"
#include "edge/body_budget.h"
#include "edge/edge.h"
#include "edge/exchange.h"
#include "edge/outlet.h"
#include "edge/policies/static_keys.h"
#include "edge/routes.h"

namespace weir::edge {

// Shared by all loops: immutable but for the two counters.
struct Admission {
  Admission(const EdgeConfig& edge_config, const data::Keys& key_store, data::Limits& limit_store,
            const Clock& the_clock, Random& the_random)
      : config(edge_config),
        keys(key_store),
        limits(limit_store),
        clock(the_clock),
        random(the_random),
        static_keys(edge_config.static_keys),
        bodies(edge_config.body_memory_max) {}

  const EdgeConfig& config;
  const data::Keys& keys;
  data::Limits& limits;
  const Clock& clock;
  Random& random;
  const StaticKeys static_keys;
  std::atomic<std::uint32_t> in_flight{0};
  BodyBudget bodies;
};

// A policy looks at an exchange, may note something on it or on its answer, and lets it pass or says
// why not. Exactly one of check and ask is set: most decide at once, some ask a store and wait.
struct Policy {
  std::string_view name;
  Result<> (*check)(Exchange&, Admission&) = nullptr;
  Task<Result<>> (*ask)(Exchange&, Admission&) = nullptr;
  // A refusal uses up one request of the client's rate limit, so that guessing is limited as well.
  bool refusal_counts = false;
};

}  // namespace weir::edge
