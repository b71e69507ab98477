// model/providers/claude_name.h: what the Claude API calls a model that a cloud's client names. Pure.
#pragma once

#include <string>
#include <string_view>

namespace weir::model {

// "us.anthropic.claude-sonnet-4-5-20250929-v1:0" (also behind a profile's or foundation model's ARN) and
// "claude-sonnet-4-5@20250929" → "claude-sonnet-4-5-20250929". Whatever else stays, ARNs that name no model
// too.
std::string claude_name(std::string_view id);

}  // namespace weir::model
