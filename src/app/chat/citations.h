// app/chat/citations.h: what the provider cites → the exact place in the document. Pure.
#pragma once

#include <optional>

#include "app/chat/prompt.h"
#include "base/json.h"

namespace weir::app {

// `citation` is the object of a citations_delta. nullopt when it names no source of ours, or when what
// it cites does not stand there: such a citation is dropped, not shown.
std::optional<Citation> locate_citation(const json::value& citation, const std::vector<PromptSource>& sources,
                                        std::uint64_t answer_at);

}  // namespace weir::app
