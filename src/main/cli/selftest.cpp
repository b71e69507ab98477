// weir selftest: recordings through a gateway, and what comes out of it compared.
#include <filesystem>

#include "main/app.h"
#include "main/cli/await.h"
#include "main/cli/commands.h"
#include "main/cli/serve_tool.h"
#include "main/cli/server_call.h"
#include "net/client.h"
#include "ops/replay/replayer.h"
#include "ops/selftest/runner.h"

namespace weir::main {
namespace {

using ops::selftest::Report;

constexpr Flag kFlags[] = {
    {"--cassettes", "DIR", "recorded exchanges (default: a few that Weir brings along)"},
    {"--url", "URL", "a gateway that runs already, before `weir upstream --replay` of the same cassettes"},
};

constexpr std::string_view kHelp =
    R"(Sends each recorded request through a gateway whose provider replays the recorded answer, and
compares status, bytes, token counts and cost. By default it starts both itself, on free ports of
loopback and with an empty data directory, and needs neither key nor network. Prints the counts and
each difference by the cassette's name; the exit code is 1 when there is one.

Examples:
  weir selftest
  weir selftest --cassettes cassettes
  weir selftest --cassettes cassettes --url http://127.0.0.1:8080
)";

// A directory that goes with it.
class ScratchDirectory {
 public:
  static Result<std::unique_ptr<ScratchDirectory>> make() {
    std::string path = (std::filesystem::temp_directory_path() / "weir-selftest-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr)
      return fail(Code::internal, "cannot make a directory for the test");
    return std::unique_ptr<ScratchDirectory>(new ScratchDirectory(std::move(path)));
  }
  ~ScratchDirectory() {
    std::error_code ec;
    std::filesystem::remove_all(path_, ec);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

// What the test's own parts stand on.
struct Tools {
  SystemClock clock;
  observe::Log log{observe::LogConfig{.level = observe::Level::error}, clock};
  observe::Metrics metrics;
  net::WorkerPool resolver{"resolver", 1, 8};
  model::Prices prices = model::Prices::builtin();
};

Result<> send_all(Tools& tools, const ops::selftest::Target& target,
                  const std::vector<data::Cassette>& cassettes, Report& report) {
  net::Client client({}, tools.resolver, tools.log, tools.metrics);
  const std::function<Task<Result<bool>>()> work = [&]() -> Task<Result<bool>> {
    auto done = co_await ops::selftest::run(client, target, cassettes, tools.prices, tools.clock, report);
    if (!done) co_return fail(done);
    co_return true;
  };
  auto outcome = await(tools.log, work);
  if (!outcome) return fail(outcome);
  return {};
}

enum class Api : std::uint8_t { anthropic, openai, bedrock };

// Nothing but what the test needs: one try, so that a recorded error comes through, and no limits that a
// thousand requests from one address would meet.
Config gateway_config(const std::string& data_dir, const std::string& provider_url, Api api) {
  Config config;
  config.data_dir = data_dir;
  config.loops = 1;
  config.server.port = 0;
  config.log.level = observe::Level::error;
  config.edge.rate_limit_enabled = false;
  config.edge.json_depth_max = 512;
  config.gateway.bedrock.region = "us-east-1";  // of an API that is none of AWS's
  model::ProviderConfig& provider = api == Api::openai    ? config.gateway.openai
                                    : api == Api::bedrock ? config.gateway.bedrock
                                                          : config.gateway.anthropic;
  provider.base_url = provider_url;
  provider.api_key = Secret("selftest-key");
  config.gateway.retry.tries_max = 1;
  config.gateway.breaker.tries_min = 1'000'000;  // recorded errors are no illness
  return config;
}

Api api_of(const data::Cassette& cassette) {
  if (cassette.request.path.starts_with("/model/")) return Api::bedrock;
  return cassette.request.path.starts_with("/v1/messages") ? Api::anthropic : Api::openai;
}

// Each dialect through a gateway with a provider that speaks it, so that nothing is translated.
Result<> run_own(Tools& tools, const std::vector<data::Cassette>& cassettes, Report& report) {
  ops::replay::Replayer replayer({}, cassettes, tools.clock, tools.log);
  net::Loops loops(1);
  net::ServerConfig server_config{.port = 0, .body_size_max = 64 * 1024 * 1024};
  server_config.drain_timeout = std::chrono::seconds(1);
  net::Server provider(server_config, loops, replayer.handler(), tools.clock, tools.log, tools.metrics);
  if (auto started = provider.start(); !started) return started;
  loops.start();
  const std::string provider_url = "http://127.0.0.1:" + std::to_string(provider.port());
  Result<> outcome;
  for (const Api api : {Api::anthropic, Api::openai, Api::bedrock}) {
    std::vector<data::Cassette> some;
    std::ranges::copy_if(cassettes, std::back_inserter(some),
                         [api](const data::Cassette& cassette) { return api_of(cassette) == api; });
    if (some.empty() || !outcome) continue;
    auto directory = ScratchDirectory::make();
    if (!directory) return fail(directory);
    auto app = App::build(gateway_config((*directory)->path(), provider_url, api));
    if (!app) return fail(app);
    if (auto started = (*app)->start(); !started) return started;
    auto gateway = net::Origin::parse("http://127.0.0.1:" + std::to_string((*app)->port()));
    outcome = send_all(tools, {.gateway = *std::move(gateway)}, some, report);
  }
  provider.drain();
  loops.stop();
  loops.join();
  return outcome;
}

Result<> run_elsewhere(Tools& tools, const std::string& url, const World& world,
                       const std::vector<data::Cassette>& cassettes, Report& report) {
  auto gateway = net::Origin::parse(url);
  if (!gateway) return fail(gateway);
  ops::selftest::Target target{.gateway = *std::move(gateway)};
  if (const auto key = world.environment.find("WEIR_API_KEY"); key != world.environment.end())
    target.api_key = key->second;
  return send_all(tools, target, cassettes, report);
}

void print(std::ostream& out, const Report& report) {
  for (const ops::selftest::Finding& finding : report.findings) {
    for (const std::string& difference : finding.differences)
      out << finding.cassette << ": " << difference << '\n';
  }
  out << report.equal() << " equal: " << report.streams << " streams (" << report.cut
      << " recorded without their end), " << report.documents << " documents, " << report.errors
      << " errors; " << report.priced << " with equal usage and cost\n";
  for (const auto& [reason, count] : report.left_out) out << count << " left out: " << reason << '\n';
  out << report.findings.size() << " different\n";
}

int run(const Arguments& arguments, World& world) {
  Tools tools;
  std::vector<data::Cassette> cassettes = ops::selftest::builtin_cassettes();
  if (arguments.has("--cassettes")) {
    auto loaded = data::load_cassettes(arguments.get("--cassettes"));
    if (!loaded) return report(world, loaded.error());
    cassettes = *std::move(loaded);
  }
  Report found;
  const auto done = arguments.has("--url")
                        ? run_elsewhere(tools, arguments.get("--url"), world, cassettes, found)
                        : run_own(tools, cassettes, found);
  if (!done) return report_call(world, done.error());
  print(world.out, found);
  if (found.equal() + found.findings.size() == 0)
    return report(world, Error(Code::invalid_request, "there is nothing that could be compared"));
  return found.findings.empty() ? kExitOk : kExitFailed;
}

}  // namespace

const Command kSelftestCommand = {
    "selftest", "replay recordings through a gateway and compare", "", 0, 0, kFlags, kHelp, run};

}  // namespace weir::main
