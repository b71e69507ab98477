// Item: monitoring and alerting. The metrics route, and whether its numbers move.
#include <array>
#include <cstdlib>
#include <map>

#include "base/text.h"
#include "ops/check/families/families.h"
#include "ops/check/families/scrape.h"

namespace weir::ops::check {
namespace {

constexpr Rule kServed{
    "WEIR-MON-001", Item::monitoring, "Metrics are served in Prometheus' format",
    "serve /metrics, or name the route with --metrics; where metrics are pushed, attest this id"};
constexpr Rule kClosed{
    "WEIR-MON-002", Item::monitoring, "Metrics are closed to strangers",
    "ask for a key on /metrics (Weir does as soon as there is one), or keep it off the public port"};
constexpr Rule kMoves{"WEIR-MON-003", Item::monitoring, "Counters move with traffic",
                      "count requests where they are answered; look whether a CDN caches the metrics route"};
constexpr Rule kAlerts{
    "WEIR-MON-004", Item::monitoring, "Alerts reach a human",
    "send one test alert through the whole way, then attest it: {\"id\": \"WEIR-MON-004\", …}"};
constexpr std::array kRules{kServed, kClosed, kMoves, kAlerts};

Task<> run(Context& context) {
  Ask scrape{.path = context.target.metrics};
  const Answer* const first = co_await context.prober.ask(scrape);
  const auto before = read_samples(first->body);
  const bool served = first->status == 200 && !before.empty();
  if (first->status == 401 || first->status == 403) {
    context.add(kServed, Status::unknown, "the metrics want another key than the probe's", {first});
  } else if (context.statements.attestation_of(kServed.id) != nullptr && !served) {
    context.add_attested(kServed, Status::warn, "");
  } else {
    context.judge(kServed, served, Status::warn, std::to_string(before.size()) + " series", *first);
  }
  Ask stranger{.path = context.target.metrics, .with_key = false};
  const Answer* const open = co_await context.prober.ask(stranger);
  if (context.failed("WEIR-KEY-001")) {
    context.add(kClosed, Status::skipped, "no key is asked for at all (WEIR-KEY-001)");
  } else {
    context.judge(kClosed, open->status != 200, Status::fail,
                  "status " + std::to_string(open->status) + " without a key", *open);
  }
  if (!served) {
    context.add(kMoves, Status::skipped, "there are no metrics to compare (WEIR-MON-001)");
  } else {
    Ask traffic{.path = "/weir-check-counts-this", .with_key = true};
    const Answer sent = co_await context.prober.ask_again(traffic);
    const Answer second = co_await context.prober.ask_again(scrape);
    const std::size_t moved = count_risen(before, read_samples(second.body));
    if (second.is_blocked()) {
      context.add(kMoves, Status::unknown, second.blocked_by());
    } else {
      context.add(kMoves, moved > 0 ? Status::pass : Status::fail, std::to_string(moved) + " series rose",
                  {&sent}, {{"series_risen", static_cast<double>(moved)}});
    }
  }
  context.add_attested(kAlerts, Status::unknown, "no request can show that an alert wakes somebody");
}

}  // namespace

const Family kMonitoring = {"monitoring", kRules, run};

}  // namespace weir::ops::check
