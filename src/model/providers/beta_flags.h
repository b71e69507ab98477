// model/providers/beta_flags.h: which anthropic-beta flags a cloud refuses. One flag that it does not know
// fails the whole request there ("invalid beta flag"), and Claude Code sends flags of Anthropic's own API.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::model {

enum class Cloud : std::uint8_t { bedrock, mantle, vertex };

// The flags of a list ("a, b") that the cloud takes, in their order, each once, some under the cloud's own
// name. What the table does not know passes. Not for Anthropic's API: there every flag passes unread.
std::vector<std::string> accepted_betas(Cloud cloud, std::string_view list);
// The same as a list again; empty: send no header.
std::string accepted_beta_list(Cloud cloud, std::string_view list);

}  // namespace weir::model
