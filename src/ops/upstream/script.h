// ops/upstream/script.h: an answer made up from the request, always the same for the same request: the
// simulated provider's when there is no recording.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace weir::ops::upstream {

struct Script {
  json::object message;             // the whole answer, as without `stream`
  std::vector<std::string> events;  // the same as server-sent events, each with its empty line
};

struct ScriptOptions {
  std::string message_id;
  std::int64_t deltas = 0;  // text deltas, one word each; 0: as many as the answer has
};

// What is answered, first match: tool_choice `any` or `tool` → a tool_use block whose input has the
// schema's required properties; a search_result or document with citations enabled → its first sentence,
// cited; anything else → a sentence about the question. `thinking` puts a thinking block before it.
Script write_script(const json::value& request, const ScriptOptions& options);

// Deterministic, and near enough: a token for every four bytes of the prompt.
std::int64_t count_input_tokens(const json::value& request);

}  // namespace weir::ops::upstream
