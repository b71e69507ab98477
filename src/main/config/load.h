// main/config/load.h: from flags, environment, file and defaults to one Config, in that order of
// precedence, with the origin of each value.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "main/config/config.h"
#include "main/config/interpolate.h"
#include "main/config/setting.h"

namespace weir::main {

enum class OriginKind : std::uint8_t { standard, file, environment, flag };

struct Origin {
  OriginKind kind = OriginKind::standard;
  std::string detail;             // "weir.toml:3", "WEIR_LISTEN", "--listen"
  std::string to_string() const;  // "default", or the detail
};

struct LoadedConfig {
  Config config;
  // By key, "routes[0].models" in a table; a key that is absent has its default.
  std::map<std::string, Origin, std::less<>> origins;
  std::string file;  // that was read; empty: none

  Origin origin(std::string_view key) const;
  // Where a mistake about that key is to be looked for: "weir.toml:7", or the nearest place known.
  std::string place_of(std::string_view key) const;
};

struct ConfigSources {
  std::map<std::string, std::string> flags;  // "--listen" → "127.0.0.1:9000", as in Setting::flag
  std::string file;  // --config; empty: WEIR_CONFIG, then ./weir.toml when it is there
  Environment environment;
};

// Reads and checks everything that does not need the data directory. Errors: invalid_request; the
// message begins with the place ("weir.toml:3:10: …"), field is the key, hint says what to do.
Result<LoadedConfig> load_config(const ConfigSources& sources);

// Puts the settings of a TOML text in place; `name` is how messages call it.
Result<> apply_toml(LoadedConfig& loaded, std::string_view text, const std::string& name,
                    const Environment& environment);

// What must hold between values, once the key store can say whether any key was created: an address
// that others can reach needs a key. Sets edge.keys_required.
Result<> check_exposure(Config& config, bool any_keys);

// This process's environment.
Environment process_environment();

}  // namespace weir::main
