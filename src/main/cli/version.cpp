// weir version
#include "main/cli/commands.h"

namespace weir::main {
namespace {

constexpr Flag kFlags[] = {kJsonFlag};

int run(const Arguments& arguments, World& world) {
  if (arguments.has("--json")) {
    world.out << R"({"version":")" << WEIR_VERSION << "\"}\n";
  } else {
    world.out << "weir " << WEIR_VERSION << '\n';
  }
  return kExitOk;
}

}  // namespace

const Command kVersionCommand = {"version", "print the version", "", 0, 0, kFlags, "", run};

}  // namespace weir::main
