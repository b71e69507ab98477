// model/routing/router.h: from a call to the targets that it may go to.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/call.h"
#include "model/routing/route_config.h"
#include "model/upstream.h"
#include "observe/metrics.h"

namespace weir::model {

// About how many tokens the prompt has, from the body's size: four bytes of English to the token.
std::int64_t estimated_prompt_tokens(const UpstreamCall& call);

// The conditions of one [[routes]], made ready to be asked.
class RouteMatch {
 public:
  explicit RouteMatch(const RouteConfig& config);
  bool matches(const UpstreamCall& call) const;

 private:
  const RouteConfig& config_;
  std::vector<std::pair<std::string, std::string>> headers_;  // name in lower case, glob
};

// A place that a call may go to, and what became of it during this call.
struct PlanTarget {
  Upstream* upstream = nullptr;
  TargetState* state = nullptr;
  std::string model;  // what the upstream calls it
  std::uint32_t order = 0;
  std::uint32_t weight = 1;
  bool tried = false;     // in this round
  bool unusable = false;  // for this call at all
};

struct Plan {
  std::string_view route = "default";
  const RouteConfig* config = nullptr;    // null: no route decided
  std::vector<PlanTarget> targets;        // by order; empty: nobody can be asked
  std::vector<std::string_view> shadows;  // shadow routes that would have decided
};

// Immutable once built. Any thread may ask.
class Router {
 public:
  // `routes` and `upstreams` outlive it; every target's provider is among the upstreams, or left out when
  // it is not configured.
  Router(const std::vector<RouteConfig>& routes, std::span<const std::unique_ptr<Upstream>> upstreams,
         const BreakerConfig& breaker, observe::Metrics& metrics);

  Plan plan(const UpstreamCall& call) const;

 private:
  struct Target {
    Upstream* upstream;
    TargetState* state;  // null: depends on the model that the caller names
    std::string model;
    std::uint32_t order;
    std::uint32_t weight;
  };
  struct Route {
    std::string name;
    const RouteConfig* config;
    RouteMatch match;
    std::vector<Target> targets;
    std::string scope;  // of its own breakers; empty: it shares the others'
    BreakerConfig breaker;
    observe::Counter* calls;
  };

  Route make_route(const RouteConfig& config, std::size_t index, const BreakerConfig& breaker,
                   observe::Metrics& metrics) const;
  Upstream* find(std::string_view name) const;
  void plan_route(const Route& route, const UpstreamCall& call, Plan& plan) const;
  void plan_default(const UpstreamCall& call, Plan& plan) const;
  void plan_by_name(const UpstreamCall& call, std::string_view model, Plan& plan) const;

  std::span<const std::unique_ptr<Upstream>> upstreams_;
  std::vector<Route> routes_;
  observe::Counter& default_calls_;
};

}  // namespace weir::model
