// weir check: whether a deployment is fit for production, proved from outside.
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "main/cli/await.h"
#include "main/cli/commands.h"
#include "main/cli/server_call.h"
#include "net/client.h"
#include "ops/check/history.h"
#include "ops/check/registry.h"
#include "ops/check/report_formats.h"

namespace weir::main {
namespace {

using ops::check::Mode;
using ops::check::Report;
using ops::check::Status;
using ops::check::Target;

constexpr Flag kFlags[] = {
    {"--safe", "", "few cheap requests; the default"},
    {"--active", "", "also a burst against the rate limit, and two short questions"},
    {"--drill", "", "as --active; rehearsals that the target does not offer are skipped"},
    {"--key", "KEY", "the probe key (WEIR_API_KEY)"},
    {"--key-header", "NAME", "where the key goes (default: authorization, as Bearer)"},
    {"--origin", "ORIGIN", "a page that may call: https://app.example.com"},
    {"--ca", "FILE", "PEM of a private certificate authority"},
    {"--chat", "PATH", "default: /api/chat"},
    {"--chat-field", "NAME", "where the question stands in its body (default: message)"},
    {"--health", "PATH", "default: /api/health"},
    {"--live", "PATH", "default: /livez"},
    {"--ready", "PATH", "default: /readyz"},
    {"--metrics", "PATH", "default: /metrics"},
    {"--openapi", "PATH", "default: /openapi.json"},
    {"--page", "PATH", "default: /"},
    {"--stream", "PATH",
     "a GET route that streams; the chat's path asks the chat (default: /api/check/stream)"},
    {"--burst", "N", "requests that --active spends on the rate limit (default: 150)"},
    {"--load-test", "FILE", "the summary that k6 run --summary-export wrote"},
    {"--statements", "FILE", "accepted risks and attestations (default: ./weir-check.json if there)"},
    {"--history", "FILE", "where runs are kept (default: checks.jsonl in WEIR_DATA, if that is there)"},
    {"--build", "NAME", "the build that is deployed, where the target does not tell"},
    {"--fail-level", "LEVEL", "fail, warn or unknown: from which on the exit code is 1 (default: fail)"},
    kJsonFlag,
    {"--sarif", "", "print SARIF 2.1.0"},
    {"--junit", "", "print JUnit XML"},
    {"--md", "", "print a Markdown table"},
};

constexpr std::string_view kHelp =
    R"(Sends requests to a deployment, Weir or not, and says for each item of the production checklist
whether it holds, with what was sent, what came back, and what mends it. Nothing that is not seen
passes: it is skipped or unknown, with the reason. --safe sends no question that a model could answer.

Exit codes: 0 nothing failed, 1 something did (see --fail-level), 2 wrong usage, 3 nobody answers.

Examples:
  weir check https://weir.example.com --key wk_… --origin https://app.example.com
  weir check https://staging.example.com --active --junit > check.xml
  weir check https://app.example.com --chat /api/ask --chat-field question --stream /api/ask --active
)";

struct Wishes {
  Target target;
  ops::check::Statements statements;
  std::string history;
  std::string fail_level;
};

std::string variable(const World& world, const std::string& name) {
  const auto found = world.environment.find(name);
  return found == world.environment.end() ? std::string() : found->second;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Code::invalid_request, path + " cannot be read");
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

// At most one of `names` may be given.
Result<std::string> one_of(const Arguments& arguments, std::initializer_list<std::string_view> names) {
  std::string chosen;
  for (const std::string_view name : names) {
    if (!arguments.has(std::string(name))) continue;
    if (!chosen.empty())
      return fail(Code::invalid_request, chosen + " and " + std::string(name) + " exclude each other");
    chosen = name;
  }
  return chosen;
}

Result<> read_paths(const Arguments& arguments, Target& target) {
  const std::array<std::pair<std::string, std::string*>, 8> paths{{{"--chat", &target.chat},
                                                                   {"--health", &target.health},
                                                                   {"--live", &target.live},
                                                                   {"--ready", &target.ready},
                                                                   {"--metrics", &target.metrics},
                                                                   {"--openapi", &target.openapi},
                                                                   {"--page", &target.page},
                                                                   {"--stream", &target.stream}}};
  for (const auto& [flag, path] : paths) {
    *path = arguments.get(flag, *path);
    if (!path->starts_with('/')) return fail(Code::invalid_request, flag + " must begin with /");
  }
  return {};
}

Result<Target> read_target(const Arguments& arguments, const World& world) {
  const std::string url =
      arguments.positionals.empty() ? server_url(arguments, world) : std::string(arguments.positionals[0]);
  auto origin = net::Origin::parse(url);
  if (!origin) return fail(origin.error());
  Target target{.origin = *std::move(origin)};
  const auto mode = one_of(arguments, {"--safe", "--active", "--drill"});
  if (!mode) return fail(mode.error());
  if (*mode == "--active") target.mode = Mode::active;
  if (*mode == "--drill") target.mode = Mode::drill;
  target.key = arguments.get("--key", variable(world, "WEIR_API_KEY"));
  target.key_header = to_lower(arguments.get("--key-header", target.key_header));
  target.allowed_origin = arguments.get("--origin");
  target.ca_file = arguments.get("--ca");
  target.chat_field = arguments.get("--chat-field", target.chat_field);
  target.load_test_file = arguments.get("--load-test");
  target.build = arguments.get("--build");
  if (auto paths = read_paths(arguments, target); !paths) return fail(paths.error());
  const auto burst = parse_int(arguments.get("--burst", std::to_string(target.burst_max)));
  if (!burst || *burst < 1 || *burst > 100'000)
    return fail(Code::invalid_request, "--burst must be a number from 1 to 100000");
  target.burst_max = static_cast<int>(*burst);
  return target;
}

Result<ops::check::Statements> read_statements(const Arguments& arguments) {
  constexpr std::string_view kUsual = "weir-check.json";
  const bool named = arguments.has("--statements");
  if (!named && !std::filesystem::exists(kUsual)) return ops::check::Statements();
  const auto text = read_file(arguments.get("--statements", std::string(kUsual)));
  if (!text) return fail(text.error());
  return ops::check::parse_statements(*text, ops::check::rule_ids());
}

Result<Wishes> read_wishes(const Arguments& arguments, const World& world) {
  auto target = read_target(arguments, world);
  if (!target) return fail(target.error());
  auto statements = read_statements(arguments);
  if (!statements) return fail(statements.error());
  const auto format = one_of(arguments, {"--json", "--sarif", "--junit", "--md"});
  if (!format) return fail(format.error());
  Wishes wishes{.target = *std::move(target), .statements = *std::move(statements)};
  wishes.fail_level = arguments.get("--fail-level", "fail");
  if (wishes.fail_level != "fail" && wishes.fail_level != "warn" && wishes.fail_level != "unknown")
    return fail(Code::invalid_request, "--fail-level must be fail, warn or unknown");
  wishes.history = arguments.get("--history");
  const std::string data = variable(world, "WEIR_DATA").empty() ? "weir-data" : variable(world, "WEIR_DATA");
  if (wishes.history.empty() && std::filesystem::is_directory(data)) wishes.history = data + "/checks.jsonl";
  return wishes;
}

std::string formatted(const Arguments& arguments, const Report& report) {
  if (arguments.has("--json")) return to_json(report_json(report)) + "\n";
  if (arguments.has("--sarif")) return report_sarif(report) + "\n";
  if (arguments.has("--junit")) return report_junit(report);
  if (arguments.has("--md")) return report_markdown(report);
  return report_text(report, ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr);
}

int exit_code(const Report& report, std::string_view level) {
  std::size_t bad = report.count(Status::fail);
  if (level != "fail") bad += report.count(Status::warn) + report.count(Status::stale);
  if (level == "unknown") bad += report.count(Status::unknown);
  return bad == 0 ? kExitOk : kExitFailed;
}

int run(const Arguments& arguments, World& world) {
  const auto wishes = read_wishes(arguments, world);
  if (!wishes) {
    report(world, wishes.error());
    return kExitUsage;
  }
  const SystemClock clock;
  SystemRandom random;
  observe::Log log({.level = observe::Level::error}, clock);
  observe::Metrics metrics;
  net::WorkerPool resolver("resolver", 1, 8);
  net::Client client({.ca_file = wishes->target.ca_file}, resolver, log, metrics);
  const net::Peer peer(wishes->target.origin, wishes->target.ca_file, std::chrono::seconds(5));
  const std::function<Task<Result<Report>>()> work = [&] {
    return ops::check::run(wishes->target, wishes->statements, client, peer, clock, random);
  };
  auto done = await(log, work);
  if (!done) return report_call(world, done.error());
  if (!wishes->history.empty()) {
    if (const auto kept = remember(wishes->history, *done); !kept) report(world, kept.error());
  }
  world.out << formatted(arguments, *done);
  return exit_code(*done, wishes->fail_level);
}

}  // namespace

const Command kCheckCommand = {
    "check", "prove that a deployment is fit for production", "[URL]", 0, 1, kFlags, kHelp, run};

}  // namespace weir::main
