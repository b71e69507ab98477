// weir config show, validate, schema, reference
#include "main/cli/commands.h"
#include "main/config/describe.h"

namespace weir::main {
namespace {

constexpr Flag kShowFlags[] = {
    {"--listen", "ADDR:PORT", "as `weir serve` would be given it"}, kDataFlag, kConfigFlag, kJsonFlag};
constexpr Flag kValidateFlags[] = {kConfigFlag};

int show(const Arguments& arguments, World& world) {
  const auto loaded = load_for(arguments, world);
  if (!loaded) return report(world, loaded.error());
  if (arguments.has("--json")) {
    world.out << to_json(show_json(*loaded)) << '\n';
  } else {
    world.out << show_text(*loaded);
  }
  return kExitOk;
}

int validate(const Arguments& arguments, World& world) {
  const auto loaded = load_for(arguments, world);
  if (!loaded) return report(world, loaded.error());
  world.err << (loaded->file.empty() ? "the environment" : loaded->file) << " is valid\n";
  return kExitOk;
}

int schema(const Arguments&, World& world) {
  world.out << schema_text();
  return kExitOk;
}

int reference(const Arguments&, World& world) {
  world.out << reference_text();
  return kExitOk;
}

}  // namespace

const Command kConfigShowCommand = {
    "config show",
    "print every setting with its origin",
    "",
    0,
    0,
    kShowFlags,
    "Secrets are shown as \"(set)\". Precedence: flag, environment, file, default.\n",
    show};
const Command kConfigValidateCommand = {
    "config validate", "check the configuration without starting", "", 0, 0, kValidateFlags, "", validate};
const Command kConfigSchemaCommand = {"config schema",
                                      "print the file's JSON Schema, for editors",
                                      "",
                                      0,
                                      0,
                                      {},
                                      "Examples:\n  weir config schema > weir.schema.json    # and `#:schema "
                                      "./weir.schema.json` atop weir.toml\n",
                                      schema};
const Command kConfigReferenceCommand = {
    "config reference", "print the manual's page of all settings", "", 0, 0, {}, "", reference};

}  // namespace weir::main
