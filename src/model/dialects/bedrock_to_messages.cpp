#include "model/dialects/bedrock_to_messages.h"

#include "model/json_span.h"
#include "model/providers/aws/bedrock_ingress.h"
#include "model/providers/aws/bedrock_request.h"

namespace weir::model {

Result<TranslatedRequest> bedrock_to_messages(std::string_view body, const RequestOptions& options) {
  if (!find_json_member(body, "anthropic_version")) {
    Error error(Code::invalid_request, "only InvokeModel bodies of Claude can be translated",
                "send anthropic_version \"" + std::string(kBedrockVersion) + "\", or ask a Bedrock provider");
    error.field = "anthropic_version";
    return fail(std::move(error));
  }
  auto read = from_bedrock_invoke(body, {.model = options.model, .stream = options.stream});
  if (!read) return fail(read);
  TranslatedRequest out;
  out.body = std::move(read->body);
  out.stream = options.stream;
  return out;
}

std::unique_ptr<ReplyTranslator> messages_to_bedrock(ReplyOptions options) {
  WEIR_ASSERT(options.clock != nullptr);
  return std::make_unique<MessagesToBedrock>(*options.clock);
}

}  // namespace weir::model
