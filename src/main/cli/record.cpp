// weir record: a proxy in front of a provider that keeps what passes as cassettes.
#include <charconv>

#include "main/cli/commands.h"
#include "main/cli/serve_tool.h"
#include "main/config/units.h"
#include "net/client.h"
#include "net/worker_pool.h"
#include "ops/record/recorder.h"

namespace weir::main {
namespace {

constexpr std::string_view kDefaultListen = "127.0.0.1:9100";
constexpr std::string_view kDefaultUpstream = "https://api.anthropic.com";

constexpr Flag kFlags[] = {
    {"--to", "DIR", "where the cassettes go, one file for each exchange"},
    {"--listen", "ADDR:PORT", "where to listen (default: 127.0.0.1:9100)"},
    {"--upstream", "URL", "the provider (default: https://api.anthropic.com)"},
    {"--paths", "LIST", "record only these, such as /v1/messages,/v1/chat/*"},
    {"--models", "LIST", "record only calls of these models, such as claude-*"},
    {"--sample", "SHARE", "record this share of them, such as 10% (default: 100%)"},
    {"--redact", "LIST", "further headers, query parameters and JSON members whose values are secret"},
    {"--size-max", "SIZE", "larger exchanges pass and are not kept (default: 32MiB)"},
};

constexpr std::string_view kHelp =
    R"(Passes every request on to the provider and keeps the exchanges as files that
`weir upstream --replay DIR` serves and `weir selftest --cassettes DIR` checks. Keys, cookies,
signatures and whatever looks like a secret are removed before anything is written. The proxy
has no keys of its own and needs none: callers bring the provider's. It listens on loopback;
whoever reaches it can use the provider through it only with a key.

Examples:
  weir record --to cassettes &
  ANTHROPIC_BASE_URL=http://127.0.0.1:9100 pytest
  weir record --to cassettes --upstream https://api.openai.com --models 'gpt-*' --sample 5%
)";

Result<double> share_from(const std::string& text) {
  const std::string_view digits = std::string_view(text).substr(0, text.find('%'));
  double value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (text.ends_with('%')) value /= 100;
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || value <= 0 || value > 1)
    return fail(Code::invalid_request, "--sample must be a share", "such as 10% or 0.1");
  return value;
}

Result<ops::record::RecorderConfig> config_from(const Arguments& arguments) {
  ops::record::RecorderConfig config;
  auto upstream = net::Origin::parse(arguments.get("--upstream", std::string(kDefaultUpstream)));
  if (!upstream) return fail(upstream);
  config.upstream = *std::move(upstream);
  config.paths = list_of(arguments.get("--paths"));
  config.models = list_of(arguments.get("--models"));
  const auto share = share_from(arguments.get("--sample", "100%"));
  if (!share) return fail(share.error());
  config.sample = *share;
  if (arguments.has("--size-max")) {
    const auto size = parse_size(arguments.get("--size-max"));
    if (!size || *size < 1) return fail(Code::invalid_request, "--size-max must be a size", "such as 4MiB");
    config.exchange_size_max = static_cast<std::size_t>(*size);
  }
  if (!arguments.has("--to"))
    return fail(Code::invalid_request, "--to is missing", "say where: --to cassettes");
  return config;
}

int run(const Arguments& arguments, World& world) {
  auto config = config_from(arguments);
  const auto server = tool_server_config(arguments, kDefaultListen);
  if (!config || !server) {
    report(world, config ? server.error() : config.error());
    return kExitUsage;
  }
  block_stop_signals();
  const SystemClock clock;
  SystemRandom random;
  observe::Log log({.level = observe::Level::warn}, clock);
  observe::Metrics metrics;
  data::CassetteWriterConfig writing{.directory = arguments.get("--to")};
  writing.redaction = redaction_from(arguments, world);
  data::CassetteWriter writer(std::move(writing), random, log, metrics);
  if (const auto opened = writer.open(); !opened) return report(world, opened.error());
  net::Loops loops(1);
  net::WorkerPool resolver("resolver", 1, 64);
  net::Client client({}, resolver, log, metrics);
  ops::record::Recorder recorder(*std::move(config), client, writer, clock, random);
  const int code =
      serve_tool(world, *server, loops, recorder.handler(), clock, log, metrics, "the recording proxy");
  writer.finish();
  world.err << writer.written() << " recorded, " << writer.dropped() << " dropped\n";
  return code;
}

}  // namespace

const Command kRecordCommand = {"record", "record a provider's answers as cassettes", "", 0, 0, kFlags, kHelp,
                                run};

}  // namespace weir::main
