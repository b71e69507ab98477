// ops/check/target.h: what is checked, from where, and how far the check may go.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "net/http_client.h"

namespace weir::ops::check {

enum class Mode : std::uint8_t {
  safe,    // few requests, none of which reaches a model or uses up a limit
  active,  // also bursts, and at most two questions that a sound application refuses or answers briefly
  drill,   // also what takes something down; `skipped` where the target has no such part
};

struct Target {
  net::Origin origin;
  Mode mode = Mode::safe;
  std::string key;                           // the probe key; empty: there is none
  std::string key_header = "authorization";  // "authorization" carries it as Bearer
  std::string ca_file;                       // empty: the system's
  std::string allowed_origin;                // a page that may call; empty: not told

  std::string chat = "/api/chat";
  std::string chat_field = "message";  // of the body: where the question stands
  std::string health = "/api/health";
  std::string live = "/livez";
  std::string ready = "/readyz";
  std::string metrics = "/metrics";
  std::string openapi = "/openapi.json";
  std::string page = "/";
  std::string stream = "/api/check/stream";  // streams at no cost: six events, 100 ms apart

  int burst_max = 150;  // requests that --active spends on the rate limit
  std::int64_t message_chars_max = 10'000;
  std::chrono::hours backup_age_max{26};
  std::chrono::days load_test_age_max{30};
  std::string load_test_file;  // k6's --summary-export; empty: none
  std::string build;           // what is deployed, when the target does not tell

  bool is_loopback() const {
    return origin.host == "localhost" || origin.host.starts_with("127.") || origin.host == "::1";
  }
};

}  // namespace weir::ops::check
