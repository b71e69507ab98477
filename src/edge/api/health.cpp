#include "edge/api/health.h"

#include <unistd.h>

#include <fstream>

#include "base/json.h"
#include "base/time_format.h"
#include "edge/api/api.h"
#include "edge/api/body.h"

namespace weir::edge {
namespace {

constexpr std::array kAlwaysListed{"database", "anthropic", "vector", "cache"};

// Resident bytes, from the kernel's books (proc(5)); 0 where there is no /proc.
std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string_view overall_status(const observe::Health& health,
                                const std::vector<observe::HealthCheck>& checks) {
  if (!health.ready()) return "unhealthy";
  const bool whole = std::ranges::none_of(checks, [](const observe::HealthCheck& check) {
    return check.state == observe::HealthState::failed || check.state == observe::HealthState::degraded;
  });
  return whole ? "healthy" : "degraded";
}

json::object checks_json(const std::vector<observe::HealthCheck>& checks) {
  json::object out;
  for (const char* name : kAlwaysListed) {
    out[name] = json::object{{"status", observe::to_string(observe::HealthState::not_configured)}};
  }
  for (const observe::HealthCheck& check : checks) {
    out[check.name] = json::object{{"status", observe::to_string(check.state)},
                                   {"detail", check.detail},
                                   {"required", check.required},
                                   {"checked_at", to_rfc3339(check.checked_at)}};
  }
  return out;
}

Task<Result<>> answer_state(Exchange& exchange, int status, std::string_view state) {
  auto response = json_response(status, "{\"status\":\"" + std::string(state) + "\"}");
  co_return co_await exchange.out.send(std::move(response));
}

}  // namespace

Task<Result<>> get_health(Exchange& exchange, const Api& api) {
  const auto checks = api.health.checks();
  const json::object body{{"status", overall_status(api.health, checks)},
                          {"timestamp", to_rfc3339(api.clock.wall())},
                          {"uptime", api.health.uptime_s()},
                          {"memory", json::object{{"resident_bytes", resident_bytes()}}},
                          {"draining", api.health.draining()},
                          {"checks", checks_json(checks)}};
  auto response = json_response(api.health.ready() ? 200 : 503, to_json(body));
  co_return co_await exchange.out.send(std::move(response));
}

Task<Result<>> get_live(Exchange& exchange, const Api&) {
  return answer_state(exchange, 200, "alive");
}

Task<Result<>> get_ready(Exchange& exchange, const Api& api) {
  if (api.health.ready()) return answer_state(exchange, 200, "ready");
  return answer_state(exchange, 503, api.health.draining() ? "draining" : "not ready");
}

Task<Result<>> get_hello(Exchange& exchange, const Api&) {
  return answer_state(exchange, 200, "ok");
}

}  // namespace weir::edge
