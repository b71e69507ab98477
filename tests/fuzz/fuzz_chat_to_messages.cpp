// Any bytes as a Chat Completions request: what comes out is JSON with turns in it, or an error that says
// what is wrong.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "model/dialects/chat_to_messages_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  weir::model::RequestOptions options{.model = "claude-\"x\""};
  options.sampling = (data[0] & 1) != 0;
  options.system_turns = (data[0] & 2) != 0;
  options.thinking_optional = (data[0] & 4) != 0;
  const auto request = weir::model::chat_to_messages(body, options);
  if (!request) {
    WEIR_ASSERT(request.error().code == weir::Code::invalid_request && !request.error().message.empty());
    return 0;
  }
  const auto translated = weir::parse_json(request->body, 256);
  WEIR_ASSERT(translated.has_value());
  WEIR_ASSERT(weir::string_member(*translated, "model") == options.model);
  const auto* messages = weir::find_member(*translated, "messages");
  WEIR_ASSERT(messages != nullptr && messages->is_array() && !messages->get_array().empty());
  std::string_view last;
  for (const auto& message : messages->get_array()) {
    const std::string_view role = weir::string_member(message, "role");
    WEIR_ASSERT(role != last && !message.at("content").as_array().empty());
    WEIR_ASSERT(role != "system" || last == "user");
    last = role;
  }
  return 0;
}
