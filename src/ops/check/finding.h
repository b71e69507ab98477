// ops/check/finding.h: what `weir check` says: rules, and what was found about each of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace weir::ops::check {

// A pass needs an observation. What could not be observed is unknown or skipped, never a pass.
enum class Status : std::uint8_t {
  pass,
  warn,      // it works, and should be better
  fail,      // it is broken or open
  stale,     // there is evidence, and it is too old
  attested,  // somebody who is named says so; nothing was observed
  skipped,   // not asked, with the reason
  unknown,   // asked, and the answer tells nothing
};
std::string_view to_string(Status status);  // a wire value

// The thirteen of the production checklist, and what only a look from outside can tell.
enum class Item : std::uint8_t {
  env_secrets,
  rate_limit,
  cors,
  api_keys,
  error_handling,
  health,
  monitoring,
  backup,
  disaster_recovery,
  load_test,
  security_audit,
  documentation,
  team_trained,
  streaming,
  ledger,
  retry_storm,
  prompt_cache,
  replicas,
};
std::string_view to_string(Item item);  // a wire value

// One thing that is checked. Ids are never renamed or used again: acceptances and histories name them.
struct Rule {
  std::string_view id;  // "WEIR-CORS-003"
  Item item;
  std::string_view title;  // what holds when it passes
  std::string_view fix;    // the command or setting that mends it
};

// A request that was sent and what came back, without secrets.
struct Seen {
  std::string sent;
  std::string received;
  double took_ms = 0;
  WallTime at{};
};

struct Evidence {
  std::string note;  // one sentence: what was seen, or why it could not be
  std::vector<Seen> seen;
  std::vector<std::pair<std::string, double>> numbers;
};

// A risk that somebody takes on, until a day.
struct Acceptance {
  std::string id;
  std::string reason;
  WallTime expires{};
};

struct Finding {
  const Rule* rule = nullptr;
  Status status = Status::unknown;
  Evidence evidence;
  WallTime at{};
  std::optional<Acceptance> accepted;  // holds: it does not count
};

}  // namespace weir::ops::check
