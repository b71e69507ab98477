// weir upstream: the simulated provider.
#include <csignal>

#include "base/text.h"
#include "main/cli/commands.h"
#include "main/cli/serve_tool.h"
#include "main/config/units.h"
#include "net/server.h"
#include "ops/replay/replayer.h"
#include "ops/upstream/simulator.h"

namespace weir::main {
namespace {

constexpr std::string_view kDefaultListen = "127.0.0.1:9000";
constexpr std::int64_t kLoopsMax = 256;
constexpr std::size_t kBodySizeMax = std::size_t{16} * 1024 * 1024 * 1024;  // files lie on the disk

constexpr Flag kFlags[] = {
    {"--listen", "ADDR:PORT", "where to listen (default: 127.0.0.1:9000)"},
    {"--recordings", "DIR", "recorded exchanges, one JSON file each"},
    {"--first-delay", "TIME", "pause before each answer, such as 50ms"},
    {"--event-delay", "TIME", "pause before each event of a stream, such as 20ms"},
    {"--faults", "LIST", "what goes wrong with every request, such as 529=2,times=1"},
    {"--replay", "DIR", "answer with the cassettes of this directory, and with nothing else"},
    {"--match", "strict|loose", "how near a request must come to its cassette (default: strict)"},
    {"--timings", "", "replay with the pauses that were recorded"},
    {"--redact", "LIST", "names whose values are secret, as they were when the cassettes were recorded"},
    {"--aws-key", "ID:SECRET",
     "the key whose signatures the simulated AWS takes (default: its documentation's)"},
    {"--token-life", "TIME", "how long the simulated clouds' tokens are good (default: 1h)"},
    {"--permissive", "", "answer for models, files and batches that do not exist, too"},
    {"--loops", "N", "event loops (default: 1)"},
};

constexpr std::string_view kHelp =
    R"(Serves the Messages API and Chat Completions without Claude or OpenAI, to develop and
test against: answers are made up from the request, or are recorded exchanges, byte for byte. Any API key will do.

A request can steer it by its headers:
  x-weir-recording: FILE   answer with this recording
  x-weir-fault: LIST       429, 500, 529[=SECONDS], status=N, retry_after=SECONDS,
                           first_delay_ms=N, event_delay_ms=N, byte_delay_ms=N, events=N,
                           padding_mib=N, stall, stall_first, stall_start, cut, error_first,
                           error_midway, malformed_sse, wrong_content_type, percent=N,
                           times=N (with x-weir-fault-id: ID)
GET /__stats counts requests, open streams, and completed and aborted answers.
PUT /__faults sets such a list for all requests that bring none.

With --replay it serves what `weir record` has recorded (docs/record_replay.md): strict compares
method, path, query, versions and the JSON of the body; loose neither order nor ids and dates.
The same in the clouds' paths, bodies, frames and errors, with the issuers of their
credentials: Bedrock, Mantle, Claude Platform on AWS, Vertex AI, Azure AI Foundry
(docs/simulated_provider.md).

Examples:
  weir upstream --replay cassettes --match loose &
  weir upstream &
  ANTHROPIC_BASE_URL=http://127.0.0.1:9000 ANTHROPIC_API_KEY=any weir serve
)";

// The flags that pace and spoil every request, as the one text that the simulator reads.
Result<std::string> faults_of(const Arguments& arguments) {
  std::string faults = arguments.get("--faults");
  for (const auto& [flag, name] :
       {std::pair("--first-delay", "first_delay_ms"), {"--event-delay", "event_delay_ms"}}) {
    if (!arguments.has(flag)) continue;
    const auto pause = parse_duration(arguments.get(flag));
    if (!pause)
      return fail(Code::invalid_request, std::string(flag) + " must be a duration", "such as 50ms or 2s");
    faults += (faults.empty() ? "" : ",") + std::string(name) + "=" + std::to_string(pause->count());
  }
  return faults;
}

Result<> read_cloud_flags(const Arguments& arguments, ops::upstream::CloudConfig& cloud) {
  if (arguments.has("--aws-key")) {
    const std::string pair = arguments.get("--aws-key");
    const std::size_t colon = std::min(pair.find(':'), pair.size());
    cloud.aws_key_id = pair.substr(0, colon);
    cloud.aws_secret = Secret(pair.substr(std::min(colon + 1, pair.size())));
    if (cloud.aws_key_id.empty() || cloud.aws_secret.empty())
      return fail(Code::invalid_request, "--aws-key must be ID:SECRET");
  }
  if (arguments.has("--token-life")) {
    const auto life = parse_duration(arguments.get("--token-life"));
    if (!life) return fail(Code::invalid_request, "--token-life must be a duration", "such as 30s or 1h");
    cloud.token_life = std::chrono::duration_cast<std::chrono::seconds>(*life);
  }
  return {};
}

struct Plan {
  net::ServerConfig server;
  ops::upstream::SimulatorConfig simulator;
  std::size_t loops = 1;
};

Result<Plan> plan_from(const Arguments& arguments) {
  Plan plan;
  const auto endpoint = parse_endpoint(arguments.get("--listen", std::string(kDefaultListen)));
  if (!endpoint) return fail(Code::invalid_request, "--listen must be a numeric address and a port");
  plan.server.address = endpoint->address;
  plan.server.port = endpoint->port;
  plan.server.drain_timeout = std::chrono::seconds(1);  // what it streams is worth nothing
  const auto loops = parse_int(arguments.get("--loops", "1"));
  if (!loops || *loops < 1 || *loops > kLoopsMax)
    return fail(Code::invalid_request, "--loops must be 1 to 256");
  plan.loops = static_cast<std::size_t>(*loops);
  if (auto clouds = read_cloud_flags(arguments, plan.simulator.cloud); !clouds) return fail(clouds);
  auto faults = faults_of(arguments);
  if (!faults) return fail(faults);
  plan.simulator.faults = *std::move(faults);
  plan.simulator.permissive = arguments.has("--permissive");
  plan.server.body_size_max = kBodySizeMax;
  plan.simulator.recordings_directory = arguments.get("--recordings");
  return plan;
}

int replay(const Arguments& arguments, World& world) {
  const std::string match = arguments.get("--match", "strict");
  const auto server = tool_server_config(arguments, kDefaultListen);
  if (!server || (match != "strict" && match != "loose")) {
    report(world, server ? Error(Code::invalid_request, "--match must be strict or loose") : server.error());
    return kExitUsage;
  }
  block_stop_signals();
  const SystemClock clock;
  observe::Log log({.level = observe::Level::warn}, clock);
  observe::Metrics metrics;
  auto cassettes = data::load_cassettes(arguments.get("--replay"));
  if (!cassettes) return report(world, cassettes.error());
  if (cassettes->empty())
    return report(world,
                  Error(Code::invalid_request, "there are no cassettes in " + arguments.get("--replay"),
                        "`weir record --to DIR` makes some"));
  ops::replay::ReplayerConfig config{
      .match = match == "loose" ? ops::replay::MatchMode::loose : ops::replay::MatchMode::strict,
      .timings = arguments.has("--timings")};
  config.redaction = redaction_from(arguments, world);
  ops::replay::Replayer replayer(std::move(config), *std::move(cassettes), clock, log);
  net::Loops loops(1);
  return serve_tool(world, *server, loops, replayer.handler(), clock, log, metrics,
                    "a provider that replays " + std::to_string(replayer.size()) + " cassettes");
}

int run(const Arguments& arguments, World& world) {
  if (arguments.has("--replay")) return replay(arguments, world);
  auto plan = plan_from(arguments);
  if (!plan) {
    report(world, plan.error());
    return kExitUsage;
  }
  // Blocked before the first thread starts, so that the signals reach sigwait and nobody else.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const SystemClock clock;
  SystemRandom random;
  observe::Log log({.level = observe::Level::warn}, clock);
  observe::Metrics metrics;
  ops::upstream::Simulator simulator(plan->simulator, clock, random);
  if (const auto loaded = simulator.load(); !loaded) return report(world, loaded.error());
  net::Loops loops(plan->loops);
  net::Server server(plan->server, loops, simulator.handler(), clock, log, metrics);
  simulator.count_connections_with([&server] { return server.connections(); });
  if (const auto started = server.start(); !started) return report(world, started.error());
  loops.start();
  world.err << "a simulated provider listens on http://"
            << format_endpoint(plan->server.address, server.port()) << '\n'
            << std::flush;
  int signal = 0;
  sigwait(&signals, &signal);
  server.drain();
  return kExitOk;
}

}  // namespace

const Command kUpstreamCommand = {"upstream", "run a simulated provider", "", 0, 0, kFlags, kHelp, run};

}  // namespace weir::main
