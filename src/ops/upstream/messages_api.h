// ops/upstream/messages_api.h: the fixed parts of the Messages API: errors, models, checks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace weir::ops::upstream {

// {"type":"error","error":{"type","message"},"request_id"} with the error type of that status.
std::string error_body(int status, std::string_view message, std::string_view request_id);
// The message that the API gives with a status when nothing particular is wrong.
std::string_view usual_error_message(int status);

struct Refusal {
  int status;
  std::string message;
};
// What the API checks before it answers: model, max_tokens, messages. nullopt: nothing is wrong.
std::optional<Refusal> check_messages_request(const json::value& request, bool needs_max_tokens);

bool is_known_model(std::string_view model);
std::string models_body();
std::string model_body(std::string_view model);

}  // namespace weir::ops::upstream
