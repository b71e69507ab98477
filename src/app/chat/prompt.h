// app/chat/prompt.h: the request that a question and its passages become. Pure.
//
// Retrieved text is data: it stands only inside search_result blocks of the last user message, never in
// the system prompt. Instructions come first and do not change between questions, so that a provider's
// prompt cache can keep them.
#pragma once

#include <string>
#include <vector>

#include "app/chat/chat.h"
#include "app/documents/sentences.h"
#include "data/documents.h"

namespace weir::app {

// A source as the model sees it: one content block for each sentence, so that a citation of blocks maps
// to exact places. Spans are bytes of the document's text.
struct PromptSource {
  Source source;
  std::vector<Span> blocks;
};

std::vector<PromptSource> prompt_sources(const std::vector<data::FoundChunk>& passages);

// The body of POST /v1/messages (streamed).
std::string prompt_body(const ChatConfig& config, const ChatQuestion& question,
                        const std::vector<PromptSource>& sources);

// What to look for: the question, and when it leans on the turn before ("and how long?"), that as well.
std::string retrieval_query(const ChatQuestion& question);

}  // namespace weir::app
