// model/routing/route_config.h: what an operator says about which calls go where. Data; routing/router.h
// gives it meaning.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/resilience/breaker.h"

namespace weir::model {

// One [[routes.targets]]. Targets of one order are equals, among which load, latency and warm caches
// decide; a higher order is asked when every lower one has failed.
struct TargetConfig {
  std::string provider;  // of [providers], or a well-known one
  std::string model;     // what it is asked for; empty: what the caller named
  std::uint32_t order = 0;
  std::uint32_t weight = 1;  // among equals
};

// One [[routes]]. Each condition that is set must hold; the first route whose conditions all hold decides.
struct RouteConfig {
  std::string name;                 // in traces, logs and metrics
  std::vector<std::string> models;  // globs over what the caller named; empty: any
  std::int64_t prompt_tokens_min = 0;
  std::int64_t prompt_tokens_max = 0;  // estimated from the body's size; 0: any
  std::int64_t max_tokens_max = 0;     // of the answer; 0: any
  std::optional<bool> tools;           // whether the call defines any
  std::optional<bool> images;          // whether it holds images or documents
  std::vector<std::string> keys;       // ids of Weir's keys
  std::vector<std::string> users;      // globs over metadata.user_id
  std::vector<std::string> headers;    // "name: glob"
  bool shadow = false;                 // only reports what it would have done

  // 0: as the gateway does it otherwise.
  std::uint32_t tries_max = 0;
  std::chrono::milliseconds retry_base{0};
  std::chrono::milliseconds first_token_timeout{0};
  std::chrono::milliseconds idle_timeout{0};
  std::chrono::milliseconds total_timeout{0};

  // Any of these set: the route has breakers of its own for its targets.
  std::uint32_t breaker_tries_min = 0;
  std::uint32_t breaker_failures_percent = 0;
  std::chrono::milliseconds breaker_open_for{0};
  bool has_breaker() const;
  BreakerConfig breaker_over(BreakerConfig general) const;

  std::vector<TargetConfig> targets;
};

}  // namespace weir::model
