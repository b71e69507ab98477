// main/cli/server_call.h: one request of a command to a running server, with the key of WEIR_API_KEY.
#pragma once

#include <string>

#include "main/cli/command.h"
#include "net/headers.h"

namespace weir::main {

constexpr Flag kUrlFlag = {"--url", "URL", "the server (WEIR_URL; default: http://127.0.0.1:8080)"};

// --url, then WEIR_URL, then the default.
std::string server_url(const Arguments& arguments, const World& world);

struct ServerRequest {
  std::string method = "GET";
  std::string target;
};

struct ServerAnswer {
  int status = 0;
  net::Headers headers;
  std::string body;
};

// An answer of success. Errors: unavailable (nobody answers there), upstream_failed with what the server said
// otherwise, invalid_request (the URL).
Result<ServerAnswer> call_server(const World& world, const Arguments& arguments, ServerRequest request);

// Says what went wrong; the exit code that fits.
int report_call(World& world, const Error& error);

}  // namespace weir::main
