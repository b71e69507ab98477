// ops/upstream/chat_api.h: OpenAI's Chat Completions as the simulated provider serves them: the scripted
// text (script.h) in that API's form.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "ops/upstream/script.h"

namespace weir::ops::upstream {

// With or without the version, as base URLs have it or not.
bool is_chat_path(std::string_view path);

// {"error":{"message","type","param","code"}} with the error type of that status.
std::string chat_error_body(int status, std::string_view message, std::string_view request_id);

// The script's text as a completion and as chunks, `stream_options.include_usage` honoured; the last
// event is [DONE].
Script chat_script(const json::value& request, Script script);

}  // namespace weir::ops::upstream
