// app/chat/extractive.h: an answer without a model: the sentences of the passages that share most with
// the question, quoted word for word. Pure.
#pragma once

#include <string_view>

#include "app/chat/chat.h"
#include "app/chat/prompt.h"

namespace weir::app {

// kind is extractive with one to three quotes and a citation for each, or no_answer when no sentence
// shares enough of the question's words. Sources are filled in.
ChatAnswer extractive_answer(std::string_view question, const std::vector<PromptSource>& sources);

}  // namespace weir::app
