// main/cli/command.h: what a command of `weir` is, and what it is given. Data goes to stdout, talk to
// stderr.
#pragma once

#include <functional>
#include <map>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "main/config/load.h"

namespace weir::main {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,
  kExitUsage = 2,        // the command line is wrong
  kExitUnreachable = 3,  // the server that was to be asked does not answer
};

struct Flag {
  std::string_view name;   // "--listen"
  std::string_view value;  // what stands after it: "ADDR:PORT"; empty: a switch
  std::string_view doc;
};

struct Arguments {
  std::map<std::string, std::string> flags;  // "--listen" → its value; a switch → ""
  std::vector<std::string> positionals;

  bool has(const std::string& flag) const { return flags.contains(flag); }
  std::string get(const std::string& flag, std::string otherwise = {}) const {
    const auto found = flags.find(flag);
    return found == flags.end() ? std::move(otherwise) : found->second;
  }
};

// Everything outside the process that a command touches, so that a test can stand in for it.
struct World {
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;  // progress is drawn only for eyes
  Environment environment;
  std::function<int(const Config&)> serve;
};

struct Command {
  std::string_view name;         // "serve", "keys create"
  std::string_view summary;      // one line
  std::string_view positionals;  // as usage shows them: "PATH…"
  std::size_t positionals_min = 0;
  std::size_t positionals_max = 0;
  std::span<const Flag> flags;
  std::string_view help;  // what --help adds: explanation and examples
  int (*run)(const Arguments& arguments, World& world);
};

// The arguments after the command's name. The error is fit for the operator, with the nearest flag.
Result<Arguments> parse_arguments(const Command& command, std::span<const std::string> words);

// Says what failed and what to do about it; returns kExitFailed.
int report(World& world, const Error& error);

// The configuration as a command sees it, its flags counted in.
Result<LoadedConfig> load_for(const Arguments& arguments, const World& world);

// Flags that several commands share.
constexpr Flag kDataFlag = {"--data", "DIR", "the data directory (WEIR_DATA)"};
constexpr Flag kConfigFlag = {"--config", "FILE",
                              "the configuration file (WEIR_CONFIG; default: ./weir.toml if there)"};
constexpr Flag kJsonFlag = {"--json", "", "print JSON"};

}  // namespace weir::main
