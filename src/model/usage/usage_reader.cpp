#include "model/usage/usage_reader.h"

#include "model/usage/bedrock_usage.h"
#include "model/usage/chat_usage.h"
#include "model/usage/messages_usage.h"
#include "model/usage/responses_usage.h"

namespace weir::model {

std::unique_ptr<UsageReader> usage_reader(Dialect dialect) {
  switch (dialect) {
    case Dialect::messages: return std::make_unique<MessagesUsage>();
    case Dialect::chat_completions:
    case Dialect::embeddings: return std::make_unique<ChatUsage>();
    case Dialect::responses: return std::make_unique<ResponsesUsage>();
    case Dialect::bedrock_invoke:
    case Dialect::bedrock_converse: return std::make_unique<BedrockUsage>();
    case Dialect::opaque: break;
  }
  return nullptr;
}

}  // namespace weir::model
