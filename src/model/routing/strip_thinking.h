// model/routing/strip_thinking.h: a Messages request without the thinking of earlier turns.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::model {

// Thinking blocks are signed for the model that made them; another model refuses them. Cuts `thinking` and
// `redacted_thinking` blocks out of the messages, and a message that held nothing else; every other byte
// stays. nullopt: there is none.
std::optional<std::string> strip_thinking(std::string_view body);

}  // namespace weir::model
