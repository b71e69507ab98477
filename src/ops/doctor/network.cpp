// The port to listen on, and the way to the providers: names, TLS, proxies that are set and not used.
#include <array>

#include "base/time_format.h"
#include "net/probe/peer.h"
#include "net/probe/port.h"
#include "ops/doctor/doctor.h"

namespace weir::ops::doctor {
namespace {

constexpr std::chrono::seconds kLimit{5};
constexpr std::chrono::milliseconds kFar{300};

Diagnosis port(const Patient& patient) {
  Diagnosis out{.id = "port", .title = "Weir can listen"};
  const std::string where = patient.address + ":" + std::to_string(patient.port);
  out.detail = where;
  if (const auto listens = net::try_listen(patient.address, patient.port); !listens) {
    out.verdict = Verdict::fail;
    out.detail = where + ": " + listens.error().message;
    out.fix = listens.error().code == Code::conflict
                  ? "ss -ltnp 'sport = :" + std::to_string(patient.port) + "' names who; or set WEIR_LISTEN"
                  : "set WEIR_LISTEN to an address of this machine and a port above 1023";
  }
  return out;
}

Diagnosis proxies(const Patient& patient) {
  Diagnosis out{.id = "proxies", .title = "No proxy is set that Weir would not use", .detail = "none is set"};
  for (const std::string_view name :
       {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}) {
    const auto found = patient.environment.find(std::string(name));
    if (found == patient.environment.end() || found->second.empty()) continue;
    out.verdict = Verdict::warn;
    out.detail = std::string(name) + " is set; Weir calls providers directly";
    out.fix = "open the way to the provider, or point its base_url at a gateway that forwards";
    break;
  }
  return out;
}

Diagnosis provider(const net::Origin& origin, const std::string& ca_file, const Clock& clock) {
  Diagnosis out{.id = "provider " + origin.host,
                .title = "The provider is reached, and its certificate is believed"};
  const net::Peer peer(origin, ca_file, kLimit);
  const auto took = peer.connect_time(clock);
  if (!took) {
    out.verdict = Verdict::fail;
    out.detail = took.error().message;
    out.fix = "getent hosts " + origin.host + " shows its addresses; then look at the firewall for port " +
              std::to_string(origin.port);
    return out;
  }
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "connected in %.1f ms",
                std::chrono::duration<double, std::milli>(*took).count());
  out.detail = text.data();
  if (*took > kFar) {
    out.verdict = Verdict::warn;
    out.fix = "run Weir nearer to the provider, or look at the way there: mtr " + origin.host;
  }
  if (!origin.tls) return out;
  const auto facts = peer.look_at_tls(net::TlsOffer::modern);
  if (!facts || !facts->untrusted.empty()) {
    out.verdict = Verdict::fail;
    out.detail += ", but TLS: " + (facts ? facts->untrusted : facts.error().message);
    out.fix = "update ca-certificates; where a company's proxy signs, name its authority in SSL_CERT_FILE";
  } else {
    out.detail += ", " + facts->version + ", certificate until " + to_rfc3339(facts->expires).substr(0, 10);
  }
  return out;
}

}  // namespace

std::vector<Diagnosis> examine_network(const Patient& patient, const Clock& clock) {
  std::vector<Diagnosis> out{port(patient), proxies(patient)};
  if (patient.providers.empty()) {
    out.push_back({.id = "provider",
                   .verdict = Verdict::warn,
                   .title = "A provider is configured",
                   .detail = "none has a key: answers will be quotes",
                   .fix = "set ANTHROPIC_API_KEY, or ANTHROPIC_API_KEY_FILE"});
  }
  for (const net::Origin& origin : patient.providers) {
    if (patient.network) {
      out.push_back(provider(origin, patient.ca_file, clock));
    } else {
      out.push_back({.id = "provider " + origin.host,
                     .verdict = Verdict::skipped,
                     .title = "The provider is reached, and its certificate is believed",
                     .detail = "not asked (--offline)"});
    }
  }
  return out;
}

}  // namespace weir::ops::doctor
