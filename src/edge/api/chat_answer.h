// edge/api/chat_answer.h: an answer and its parts as JSON. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "app/chat/chat.h"
#include "base/clock.h"
#include "base/json.h"

namespace weir::edge {

json::array sources_json(const std::vector<app::Source>& sources);
json::object citation_json(const app::Citation& citation);
// In the Messages API's names.
json::object usage_json(const data::Usage& usage);

// {"success": true, "answer", "timestamp", "kind", "sources", "citations", "usage"?, "model"?,
// "stop_reason"?, "fallback_reason"?, "request_id"}.
json::object answer_json(const app::ChatAnswer& answer, std::string_view request_id, WallTime now);

}  // namespace weir::edge
