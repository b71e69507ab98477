#include "model/routing/router.h"

#include <algorithm>

#include "base/text.h"
#include "model/dialects/translations.h"
#include "model/providers/claude_name.h"
#include "model/routing/glob.h"

namespace weir::model {
namespace {

constexpr std::int64_t kBytesPerToken = 4;

bool any_glob_matches(const std::vector<std::string>& globs, std::string_view text) {
  return globs.empty() ||
         std::ranges::any_of(globs, [&](const std::string& g) { return glob_matches(g, text); });
}

bool holds(const std::optional<bool>& wanted, bool is) {
  return !wanted || *wanted == is;
}

PlanTarget target_at(Upstream& upstream, std::string_view model, std::uint32_t order) {
  std::string id = upstream.provider().model_id(model);
  TargetState& state = upstream.state_of(id);
  return {.upstream = &upstream, .state = &state, .model = std::move(id), .order = order};
}

template <class T>
void insert_by_order(std::vector<T>& targets, T target) {
  const auto at = std::ranges::upper_bound(targets, target.order, {}, &T::order);
  targets.insert(at, std::move(target));
}

std::string route_name(const RouteConfig& config, std::size_t index) {
  return config.name.empty() ? "routes[" + std::to_string(index) + "]" : config.name;
}

observe::Counter& calls_counter(observe::Metrics& metrics, std::string_view route, bool shadow) {
  return metrics.counter("weir_route_calls_total",
                         "Calls by the route that decided, or as shadow would have.",
                         {{"route", route}, {"shadow", shadow ? "true" : "false"}});
}

}  // namespace

std::int64_t estimated_prompt_tokens(const UpstreamCall& call) {
  return static_cast<std::int64_t>(call.body.size()) / kBytesPerToken;
}

RouteMatch::RouteMatch(const RouteConfig& config) : config_(config) {
  for (const std::string& text : config.headers) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view glob = trim(std::string_view(text).substr(std::min(colon + 1, text.size())));
    headers_.emplace_back(to_lower(trim(std::string_view(text).substr(0, colon))), glob);
  }
}

bool RouteMatch::matches(const UpstreamCall& call) const {
  const RouteConfig& c = config_;
  if (!any_glob_matches(c.models, call.model)) return false;
  const std::int64_t tokens = estimated_prompt_tokens(call);
  if (tokens < c.prompt_tokens_min || (c.prompt_tokens_max > 0 && tokens > c.prompt_tokens_max)) return false;
  if (c.max_tokens_max > 0 && call.facts.max_tokens > c.max_tokens_max) return false;
  if (!holds(c.tools, call.facts.tools > 0) || !holds(c.images, call.facts.images > 0)) return false;
  if (!c.keys.empty() && std::ranges::find(c.keys, call.who.key_id) == c.keys.end()) return false;
  if (!any_glob_matches(c.users, call.facts.user)) return false;
  return std::ranges::all_of(headers_, [&](const auto& wanted) {
    const auto value = call.headers.find(wanted.first);
    return value && glob_matches(wanted.second, *value);
  });
}

Router::Router(const std::vector<RouteConfig>& routes, std::span<const std::unique_ptr<Upstream>> upstreams,
               const BreakerConfig& breaker, observe::Metrics& metrics)
    : upstreams_(upstreams), default_calls_(calls_counter(metrics, "default", false)) {
  routes_.reserve(routes.size());
  for (std::size_t i = 0; i < routes.size(); ++i)
    routes_.push_back(make_route(routes[i], i, breaker, metrics));
}

Router::Route Router::make_route(const RouteConfig& config, std::size_t index, const BreakerConfig& breaker,
                                 observe::Metrics& metrics) const {
  Route route{.name = route_name(config, index),
              .config = &config,
              .match = RouteMatch(config),
              .targets = {},
              .scope = config.has_breaker() ? route_name(config, index) : "",
              .breaker = config.breaker_over(breaker),
              .calls = nullptr};
  route.calls = &calls_counter(metrics, route.name, config.shadow);
  for (const TargetConfig& target : config.targets) {
    Upstream* upstream = find(target.provider);
    if (upstream == nullptr) continue;
    TargetState* state =
        target.model.empty() ? nullptr : &upstream->state_of(target.model, route.scope, &route.breaker);
    insert_by_order(route.targets, Target{upstream, state, target.model, target.order, target.weight});
  }
  return route;
}

Upstream* Router::find(std::string_view name) const {
  for (const auto& upstream : upstreams_) {
    if (upstream->name() == name) return upstream.get();
  }
  return nullptr;
}

Plan Router::plan(const UpstreamCall& call) const {
  Plan plan;
  if (!call.provider.empty()) {
    if (Upstream* upstream = find(call.provider)) plan.targets.push_back(target_at(*upstream, call.model, 0));
    return plan;
  }
  for (const Route& route : routes_) {
    if (!route.match.matches(call)) continue;
    route.calls->add();
    if (!route.config->shadow) {
      plan_route(route, call, plan);
      return plan;
    }
    plan.shadows.push_back(route.name);
  }
  default_calls_.add();
  plan_default(call, plan);
  return plan;
}

void Router::plan_route(const Route& route, const UpstreamCall& call, Plan& plan) const {
  plan.route = route.name;
  plan.config = route.config;
  plan.targets.reserve(route.targets.size());
  for (const Target& target : route.targets) {
    std::string model =
        target.model.empty() ? target.upstream->provider().model_id(call.model) : std::string(target.model);
    TargetState* state = target.state;
    if (state == nullptr) state = &target.upstream->state_of(model, route.scope, &route.breaker);
    plan.targets.push_back({.upstream = target.upstream,
                            .state = state,
                            .model = std::move(model),
                            .order = target.order,
                            .weight = target.weight});
  }
}

// Who serves the model by name, by the provider's own order: those that speak the dialect are equals, the
// others of that order come after them. When nobody does, the first that speaks the dialect and has the
// endpoint, else the first of all, and its own answer tells.
void Router::plan_default(const UpstreamCall& call, Plan& plan) const {
  plan_by_name(call, call.model, plan);
  // A cloud's name for a Claude that none of its kind is here to serve.
  if (plan.targets.empty()) plan_by_name(call, claude_name(call.model), plan);
  if (!plan.targets.empty() || upstreams_.empty()) return;
  const auto speaks_it = [&](const auto& upstream) {
    return upstream->provider().speaks(call.dialect) && upstream->provider().has_endpoint(call.target);
  };
  const auto speaker = std::ranges::find_if(upstreams_, speaks_it);
  const auto& chosen = speaker != upstreams_.end() ? *speaker : upstreams_.front();
  plan.targets.push_back(target_at(*chosen, call.model, 0));
}

void Router::plan_by_name(const UpstreamCall& call, std::string_view model, Plan& plan) const {
  for (const auto& upstream : upstreams_) {
    const bool speaks = upstream->provider().speaks(call.dialect);
    if (call.model.empty() || !upstream->serves(model)) continue;
    if (!speaks && (!call.metered || !find_translation(call.dialect, upstream->provider().dialect())))
      continue;
    insert_by_order(plan.targets, target_at(*upstream, call.model, 2 * upstream->order() + (speaks ? 0 : 1)));
  }
}

}  // namespace weir::model
