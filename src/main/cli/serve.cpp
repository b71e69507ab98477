// weir serve
#include "main/cli/commands.h"

namespace weir::main {
namespace {

constexpr Flag kFlags[] = {
    {"--listen", "ADDR:PORT", "where to listen (WEIR_LISTEN; default: 127.0.0.1:8080)"},
    kDataFlag,
    kConfigFlag};

constexpr std::string_view kHelp =
    R"(Serves until SIGTERM or SIGINT, then lets running requests finish; SIGHUP reads the
certificate again. Without configuration it listens on loopback, needs no key, and
answers from the documents; ANTHROPIC_API_KEY gives it Claude.

Examples:
  weir serve
  ANTHROPIC_API_KEY_FILE=/run/secrets/anthropic weir serve --data /var/lib/weir
  weir serve --config /etc/weir/weir.toml
)";

int run(const Arguments& arguments, World& world) {
  const auto loaded = load_for(arguments, world);
  if (!loaded) return report(world, loaded.error());
  return world.serve(loaded->config);
}

}  // namespace

const Command kServeCommand = {"serve", "run the server", "", 0, 0, kFlags, kHelp, run};

}  // namespace weir::main
