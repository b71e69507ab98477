// main/cli/serve_tool.h: what the commands share that serve something else than Weir itself: a simulated
// provider, cassettes, a recording proxy.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "data/cassettes/redaction.h"
#include "main/cli/command.h"
#include "net/loops.h"
#include "net/server.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::main {

// Before the first thread starts, so that SIGINT and SIGTERM reach the wait for them and nobody else.
void block_stop_signals();

// --listen, or `otherwise`; for tools, whose answers are worth no long drain.
Result<net::ServerConfig> tool_server_config(const Arguments& arguments, std::string_view otherwise);

// Serves until a signal; says where on stderr: "`what` listens on http://…".
int serve_tool(World& world, const net::ServerConfig& config, net::Loops& loops, net::Handler handler,
               const Clock& clock, observe::Log& log, observe::Metrics& metrics, std::string_view what);

// "a, b" → {"a", "b"}.
std::vector<std::string> list_of(const std::string& text);

// --redact, and what this process's environment knows to be secret: the keys of providers and of Weir.
data::RedactionConfig redaction_from(const Arguments& arguments, const World& world);

}  // namespace weir::main
