// model/dialects/inbound_reasoning.h: how Claude's thinking travels through a Responses client and back.
#pragma once

#include <string_view>

namespace weir::model::inbound {

// The encrypted_content of a reasoning item is one of these and Claude's signature, or its redacted data.
// Reasoning of any other origin cannot be shown to Claude.
constexpr std::string_view kSignatureMark = "claude.signature.";
constexpr std::string_view kRedactedMark = "claude.redacted.";

}  // namespace weir::model::inbound
