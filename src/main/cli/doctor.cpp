// weir doctor: whether this machine gives Weir what it needs.
#include "ops/doctor/doctor.h"
#include "base/json.h"
#include "main/cli/commands.h"

namespace weir::main {
namespace {

using ops::doctor::Diagnosis;
using ops::doctor::Verdict;

constexpr Flag kFlags[] = {{"--listen", "ADDR:PORT", "as `weir serve` would be given it"},
                           kDataFlag,
                           kConfigFlag,
                           {"--offline", "", "do not look at the providers"},
                           kJsonFlag};

constexpr std::string_view kHelp =
    R"(Looks at the machine that Weir is to run on: the configuration, the port, limits, the clock,
memory, the data directory's rights, space and speed, names and TLS towards the providers,
the processor and the embedder's model. Says how to mend what is wrong. Sends no question to
a provider. A Weir that runs already holds its port: that is told as a failure.

Exit codes: 0 nothing failed, 1 something did, 2 wrong usage.

Examples:
  weir doctor
  weir doctor --config /etc/weir/weir.toml --json
)";

ops::doctor::Patient patient_of(const Config& config, const Arguments& arguments, const World& world) {
  ops::doctor::Patient patient{.address = config.server.address,
                               .port = config.server.port,
                               .data_dir = config.data_dir,
                               .ca_file = config.client.ca_file,
                               .model_directory = config.embedder.local.model_directory,
                               .network = !arguments.has("--offline")};
  for (const auto& [name, value] : world.environment) patient.environment.emplace(name, value);
  for (const model::ProviderConfig& provider : config.gateway.all_providers()) {
    if (provider.api_key.empty() || provider.base_url.empty()) continue;
    if (auto origin = net::Origin::parse(provider.base_url)) patient.providers.push_back(*std::move(origin));
  }
  return patient;
}

json::value as_json(const std::vector<Diagnosis>& diagnoses) {
  json::array results;
  json::object summary{{"ok", 0}, {"warn", 0}, {"fail", 0}, {"skipped", 0}};
  for (const Diagnosis& one : diagnoses) {
    json::value& count = summary[to_string(one.verdict)];
    count = count.as_int64() + 1;
    results.push_back(json::object{{"id", one.id},
                                   {"status", to_string(one.verdict)},
                                   {"title", one.title},
                                   {"detail", one.detail},
                                   {"fix", one.fix}});
  }
  return json::object{{"summary", std::move(summary)}, {"results", std::move(results)}};
}

void print(std::ostream& out, const std::vector<Diagnosis>& diagnoses) {
  for (const Diagnosis& one : diagnoses) {
    const std::string word(to_string(one.verdict));
    out << word << std::string(9 - word.size(), ' ') << one.title << "\n         " << one.detail << '\n';
    if (!one.fix.empty()) out << "         fix: " << one.fix << '\n';
  }
}

Diagnosis configuration(const Result<LoadedConfig>& loaded) {
  Diagnosis out{.id = "configuration", .title = "The configuration is valid"};
  if (loaded) {
    out.detail = loaded->file.empty() ? "from flags, environment and defaults" : loaded->file;
    return out;
  }
  out.verdict = Verdict::fail;
  out.detail = loaded.error().message;
  out.fix = loaded.error().hint.empty() ? "weir config validate" : loaded.error().hint;
  return out;
}

int run(const Arguments& arguments, World& world) {
  const auto loaded = load_for(arguments, world);
  std::vector<Diagnosis> diagnoses{configuration(loaded)};
  if (loaded) {
    const SystemClock clock;
    for (Diagnosis& one : examine(patient_of(loaded->config, arguments, world), clock))
      diagnoses.push_back(std::move(one));
  }
  if (arguments.has("--json")) {
    world.out << to_json(as_json(diagnoses)) << '\n';
  } else {
    print(world.out, diagnoses);
  }
  const bool failed = std::ranges::find(diagnoses, Verdict::fail, &Diagnosis::verdict) != diagnoses.end();
  return failed ? kExitFailed : kExitOk;
}

}  // namespace

const Command kDoctorCommand = {
    "doctor", "look whether this machine gives Weir what it needs", "", 0, 0, kFlags, kHelp, run};

}  // namespace weir::main
