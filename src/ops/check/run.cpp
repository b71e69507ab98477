#include "ops/check/run.h"

#include <algorithm>

#include "base/ids.h"
#include "ops/check/families/families.h"
#include "ops/check/families/scrape.h"
#include "ops/check/registry.h"

namespace weir::ops::check {
namespace {

// Weir tells it in its metrics; of anything else only its operator knows it.
Task<> learn_build(Context& context) {
  context.build.version = context.target.build;
  Ask scrape{.path = context.target.metrics};
  const Answer* const answer = co_await context.prober.ask(scrape);
  const Samples samples = read_samples(answer->body);
  if (context.build.version.empty()) context.build.version = label_of(samples, "weir_build_info", "version");
  context.build.config = label_of(samples, "weir_build_info", "config");
}

// Whoever's certificate is not believed is not spoken to: there is nothing but that to tell.
Task<> tell_of_certificate(Context& context) {
  for (const Family& family : families()) {
    if (family.name == kTransport.name) {
      co_await family.run(context);
      continue;
    }
    for (const Rule& rule : family.rules)
      context.add(rule, Status::unknown, "nothing is sent to whom one cannot believe (WEIR-TLS-002)");
  }
}

bool is_untrusted(const Target& target, const net::Peer& peer) {
  if (!target.origin.tls) return false;
  const auto facts = peer.look_at_tls(net::TlsOffer::modern);
  return facts && !facts->untrusted.empty();
}

void apply_acceptances(const Statements& statements, WallTime now, std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    if (finding.status == Status::pass) continue;
    const auto accepted = std::ranges::find(statements.accepted, finding.rule->id, &Acceptance::id);
    if (accepted == statements.accepted.end()) continue;
    if (accepted->expires >= now) {
      finding.accepted = *accepted;
    } else {
      finding.evidence.note += " (it was accepted: " + accepted->reason + "; that has expired)";
    }
  }
}

}  // namespace

std::size_t Report::count(Status status) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      findings, [status](const Finding& finding) { return finding.status == status && !finding.accepted; }));
}

std::size_t Report::accepted() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(findings, [](const Finding& finding) { return finding.accepted.has_value(); }));
}

Task<Result<Report>> run(const Target& target, const Statements& statements, net::HttpClient& client,
                         const net::Peer& peer, const Clock& clock, Random& random) {
  Report report;
  report.target = target.origin.to_string();
  report.mode = target.mode;
  report.at = clock.wall();
  report.run_id = new_id("chk", clock, random);
  const Monotonic begun = clock.monotonic();
  Prober prober(target, client, clock, report.run_id);
  Context context{target, statements, prober, peer, clock, random, {}, {}};
  Ask health{.path = target.health, .with_key = false};
  const Answer* const first = co_await prober.ask(health);
  if (first->came) {
    co_await learn_build(context);
    for (const Family& family : families()) co_await family.run(context);
  } else if (is_untrusted(target, peer)) {
    co_await tell_of_certificate(context);
  } else {
    co_return fail(Code::unavailable, report.target + " does not answer: " + first->problem);
  }
  apply_acceptances(statements, clock.wall(), context.findings);
  report.build = std::move(context.build);
  report.findings = std::move(context.findings);
  report.requests = prober.sent();
  report.took = clock.monotonic() - begun;
  co_return report;
}

}  // namespace weir::ops::check
