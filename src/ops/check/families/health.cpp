// Item: health. The route, what it says, the two probes of an orchestrator.
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "ops/check/families/families.h"

namespace weir::ops::check {
namespace {

constexpr Rule kAnswers{"WEIR-HEALTH-001", Item::health,
                        "The health route answers in JSON and says that all is well",
                        "curl -s TARGET/api/health names the check that failed; mend that dependency"};
constexpr Rule kAgrees{"WEIR-HEALTH-002", Item::health,
                       "The health route's status code agrees with its words",
                       "answer 503 exactly when the body says unhealthy: load balancers read only the code"};
constexpr Rule kDependencies{"WEIR-HEALTH-003", Item::health,
                             "Health names its dependencies, each with a state",
                             "report each dependency under \"checks\" with a status that was measured"};
constexpr Rule kMeasured{
    "WEIR-HEALTH-004", Item::health, "Health is measured anew, not a fixed text or a cached answer",
    "send Cache-Control: no-store and the time of the answer; purge the route from the CDN"};
constexpr Rule kLive{"WEIR-HEALTH-005", Item::health, "A liveness probe answers 200",
                     "serve /livez (or name yours with --live), and let the orchestrator restart by it"};
constexpr Rule kReady{"WEIR-HEALTH-006", Item::health, "A readiness probe answers 200 or 503",
                      "serve /readyz (or name yours with --ready), and let the load balancer route by it"};
constexpr Rule kDiscreet{
    "WEIR-HEALTH-007", Item::health, "Health tells strangers nothing of the inside",
    "leave environment, paths, connection strings and process ids out of the health route"};
constexpr std::array kRules{kAnswers, kAgrees, kDependencies, kMeasured, kLive, kReady, kDiscreet};

bool says_unhealthy(const json::value& body) {
  const std::string status = to_lower(string_member(body, "status"));
  constexpr std::array kBad{"unhealthy", "down", "error", "fail", "failed", "critical"};
  return std::ranges::find(kBad, status) != kBad.end();
}

// The named dependencies: members of checks, dependencies, services or components that carry a state.
std::size_t count_dependencies(const json::value& body) {
  for (const std::string_view name : {"checks", "dependencies", "services", "components"}) {
    const json::value* const list = find_member(body, name);
    if (list != nullptr && list->is_object()) return list->get_object().size();
    if (list != nullptr && list->is_array()) return list->get_array().size();
  }
  return 0;
}

std::string leak_in(const std::string& body) {
  for (const std::string_view word :
       {"process.env", "DATABASE_URL", "API_KEY", "\"env\"", "/home/", "/var/", "/usr/", "node_modules",
        "postgres://", "redis://", "mysql://", "\"pid\"", "\"argv\""}) {
    if (body.contains(word)) return std::string(word);
  }
  return {};
}

void judge_content(Context& context, const Answer& first, const Answer& second) {
  const auto body = parse_json(first.body);
  const auto later = parse_json(second.body);
  if (!body || !later) {
    for (const Rule* const rule : {&kAgrees, &kDependencies, &kMeasured})
      context.add(*rule, Status::skipped, "the health route answers no JSON (WEIR-HEALTH-001)", {&first});
    return;
  }
  const bool ill = says_unhealthy(*body);
  context.judge(kAgrees, ill == (first.status >= 500), Status::fail,
                "status " + std::to_string(first.status) + " with \"" +
                    context.prober.shown(string_member(*body, "status"), 40) + "\"",
                first);
  const std::size_t dependencies = count_dependencies(*body);
  context.add(kDependencies, dependencies > 0 ? Status::pass : Status::fail,
              std::to_string(dependencies) + " dependencies are named", {&first},
              {{"dependencies", static_cast<double>(dependencies)}});
  const bool cached = first.headers.contains("age") ||
                      first.headers.get("cache-control").contains("max-age=") ||
                      to_lower(first.headers.get("x-cache")).contains("hit");
  const bool moved = first.body != second.body;
  context.add(kMeasured, moved && !cached ? Status::pass : Status::fail,
              cached  ? "the answer comes from a cache"
              : moved ? "two answers differ"
                      : "two answers are the same to the last byte",
              {&first, &second});
}

void judge_probe(Context& context, const Rule& rule, const Answer& answer, bool may_be_unready) {
  const bool holds = answer.status == 200 || (may_be_unready && answer.status == 503);
  if (answer.status == 429) {
    context.add(rule, Status::fail, "the probe is rate limited: an orchestrator would take it for dead",
                {&answer});
    return;
  }
  context.judge(rule, holds, Status::fail, "status " + std::to_string(answer.status), answer);
}

Task<> run(Context& context) {
  const Target& target = context.target;
  Ask health{.path = target.health, .with_key = false};
  const Answer* const first = co_await context.prober.ask(health);
  const Answer second = co_await context.prober.ask_again(health);
  const bool json = first->is_json();
  context.judge(kAnswers, json && first->status == 200, Status::fail,
                "status " + std::to_string(first->status) + (json ? ", JSON" : ", no JSON"), *first);
  judge_content(context, *first, second);
  Ask live{.path = target.live, .with_key = false};
  const Answer* const lives = co_await context.prober.ask(live);
  judge_probe(context, kLive, *lives, false);
  Ask ready{.path = target.ready, .with_key = false};
  const Answer* const is_ready = co_await context.prober.ask(ready);
  judge_probe(context, kReady, *is_ready, true);
  const std::string leak = leak_in(first->body);
  context.judge(kDiscreet, leak.empty(), Status::fail,
                leak.empty() ? "nothing of the inside is told" : "the answer contains " + leak, *first);
}

}  // namespace

const Family kHealth = {"health", kRules, run};

}  // namespace weir::ops::check
