#include "main/cli/serve_tool.h"

#include <csignal>

#include "base/text.h"
#include "main/config/units.h"
#include "model/providers/environment.h"

namespace weir::main {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// What this process knows to be secret, wherever it stands.
std::vector<std::string> known_secrets(const World& world) {
  std::vector<std::string> texts;
  const auto add = [&](std::string_view name) {
    const auto found = world.environment.find(std::string(name));
    if (found != world.environment.end() && found->second.size() >= 8) texts.push_back(found->second);
  };
  for (const std::string_view name :
       {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_API_KEY", "WEIR_API_KEY"})
    add(name);
  for (const std::string_view name : model::cloud_secret_variables()) add(name);
  return texts;
}

}  // namespace

void block_stop_signals() {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Result<net::ServerConfig> tool_server_config(const Arguments& arguments, std::string_view otherwise) {
  const auto endpoint = parse_endpoint(arguments.get("--listen", std::string(otherwise)));
  if (!endpoint) return fail(Code::invalid_request, "--listen must be a numeric address and a port");
  net::ServerConfig config;
  config.address = endpoint->address;
  config.port = endpoint->port;
  config.body_size_max = 64 * 1024 * 1024;
  config.drain_timeout = std::chrono::seconds(1);
  return config;
}

int serve_tool(World& world, const net::ServerConfig& config, net::Loops& loops, net::Handler handler,
               const Clock& clock, observe::Log& log, observe::Metrics& metrics, std::string_view what) {
  net::Server server(config, loops, std::move(handler), clock, log, metrics);
  if (const auto started = server.start(); !started) return report(world, started.error());
  loops.start();
  world.err << what << " listens on http://" << format_endpoint(config.address, server.port()) << '\n'
            << std::flush;
  const sigset_t signals = stop_signals();
  int signal = 0;
  sigwait(&signals, &signal);
  server.drain();
  loops.stop();
  loops.join();
  return kExitOk;
}

std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string_view part : split(text, ',')) {
    if (!trim(part).empty()) out.emplace_back(trim(part));
  }
  return out;
}

data::RedactionConfig redaction_from(const Arguments& arguments, const World& world) {
  return {.names = list_of(arguments.get("--redact")), .texts = known_secrets(world)};
}

}  // namespace weir::main
