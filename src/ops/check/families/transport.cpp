// Item: security audit, the part below HTTP's meaning: TLS, the certificate, framing of messages.
#include <array>

#include "base/time_format.h"
#include "ops/check/families/families.h"

namespace weir::ops::check {
namespace {

constexpr Rule kEncrypted{
    "WEIR-TLS-001", Item::security_audit, "The deployment is reached over TLS",
    "Weir: server.tls_certificate_file and server.tls_key_file; or terminate TLS in front of it"};
constexpr Rule kTrusted{
    "WEIR-TLS-002", Item::security_audit, "The certificate is believed, for this name",
    "serve the whole chain (fullchain.pem) for this name; for a private authority pass --ca FILE"};
constexpr Rule kExpiry{
    "WEIR-TLS-003", Item::security_audit, "The certificate lives longer than 14 days",
    "renew it now (certbot renew, cert-manager), then look why nobody did: kill -HUP reloads it in Weir"};
constexpr Rule kVersions{"WEIR-TLS-004", Item::security_audit, "TLS 1.0 and 1.1 are refused",
                         "nginx: ssl_protocols TLSv1.2 TLSv1.3; load balancers: a policy from 2021 or later"};
constexpr Rule kHsts{"WEIR-TLS-005", Item::security_audit, "Browsers are told to come by TLS alone",
                     "Weir: edge.hsts = true. Elsewhere: Strict-Transport-Security: max-age=31536000"};
constexpr Rule kSmuggling{
    "WEIR-SEC-010", Item::security_audit, "A request with two lengths is refused",
    "refuse Content-Length beside Transfer-Encoding (RFC 9112 §6.1) at the first proxy and behind it"};
constexpr std::array kRules{kEncrypted, kTrusted, kExpiry, kVersions, kHsts, kSmuggling};

constexpr std::chrono::days kExpiryMin{14};

void judge_certificate(Context& context) {
  const auto facts = context.peer.look_at_tls(net::TlsOffer::modern);
  if (!facts) {
    for (const Rule* const rule : {&kTrusted, &kExpiry, &kVersions})
      context.add(*rule, Status::unknown, facts.error().message);
    return;
  }
  context.add(kTrusted, facts->untrusted.empty() ? Status::pass : Status::fail,
              facts->untrusted.empty() ? facts->version + ", the chain is believed" : facts->untrusted);
  const auto left =
      std::chrono::duration<double, std::ratio<86'400>>(facts->expires - context.clock.wall()).count();
  context.add(kExpiry, left > kExpiryMin.count() ? Status::pass : Status::fail,
              "it ends " + to_rfc3339(facts->expires), {}, {{"days_left", left}});
  const auto outdated = context.peer.look_at_tls(net::TlsOffer::outdated);
  context.add(kVersions, outdated ? Status::fail : Status::pass,
              outdated ? outdated->version + " was taken"
                       : "a handshake of TLS 1.0 and 1.1 ended in: " + outdated.error().message);
}

Task<> judge_tls(Context& context) {
  if (!context.target.origin.tls) {
    const bool near = context.target.is_loopback();
    context.add(
        kEncrypted, near ? Status::skipped : Status::fail,
        near ? "clear text on loopback; check the public URL, too" : "keys and answers travel in clear text");
    for (const Rule* const rule : {&kTrusted, &kExpiry, &kVersions, &kHsts})
      context.add(*rule, Status::skipped, "there is no TLS to look at (WEIR-TLS-001)");
    co_return;
  }
  context.add(kEncrypted, Status::pass, context.target.origin.to_string());
  judge_certificate(context);
  Ask health{.path = context.target.health, .with_key = false};
  const Answer* const answer = co_await context.prober.ask(health);
  const std::string_view hsts = answer->headers.get("strict-transport-security");
  context.judge(kHsts, hsts.contains("max-age=") && !hsts.contains("max-age=0"), Status::fail,
                hsts.empty() ? "no Strict-Transport-Security" : context.prober.shown(hsts, 100), *answer);
}

// A whole chunked message whose Content-Length says something else. Nothing follows it, so that a server that
// errs is not harmed.
void judge_framing(Context& context) {
  const Target& target = context.target;
  const std::string request =
      "POST " + target.origin.base_path + target.health + " HTTP/1.1\r\nhost: " + target.origin.host +
      "\r\nuser-agent: weir-check\r\ncontent-type: application/json\r\ncontent-length: 6\r\n"
      "transfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\n";
  const auto answer = context.peer.exchange(request);
  Seen seen{.sent = request, .at = context.clock.wall()};
  std::erase(seen.sent, '\r');
  const std::string line = answer ? answer->substr(0, answer->find('\r')) : "";
  seen.received = line.empty() ? "the connection was closed" : context.prober.shown(line, 200);
  const bool refused = line.empty() || line.starts_with("HTTP/1.1 400") || line.starts_with("HTTP/1.1 501");
  Evidence evidence{.note = answer ? "Content-Length: 6 beside Transfer-Encoding: chunked"
                                   : answer.error().message};
  evidence.seen.push_back(std::move(seen));
  context.add(kSmuggling,
              !answer   ? Status::unknown
              : refused ? Status::pass
                        : Status::fail,
              std::move(evidence));
}

Task<> run(Context& context) {
  co_await judge_tls(context);
  judge_framing(context);
}

}  // namespace

const Family kTransport = {"transport", kRules, run};

}  // namespace weir::ops::check
