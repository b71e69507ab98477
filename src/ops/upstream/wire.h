// ops/upstream/wire.h: how an API words an error: what differs between the APIs that the simulated
// provider speaks, whatever goes wrong.
#pragma once

#include <string>
#include <string_view>

namespace weir::ops::upstream {

struct Wire {
  // Of an answer with that status.
  std::string (*error_body)(int status, std::string_view message, std::string_view request_id);
  std::string_view error_event;      // says that the provider is overloaded
  std::string_view malformed_event;  // its JSON breaks off
};

// By the request's path: OpenAI's APIs, else the Messages API.
const Wire& wire_of(std::string_view path);

}  // namespace weir::ops::upstream
