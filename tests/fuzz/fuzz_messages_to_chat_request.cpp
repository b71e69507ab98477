// A Messages request on any bytes: it is refused with the name of what is wrong, or becomes a chat
// completions request that is JSON, names the configured model, and has each tool's result after its call
// was made or where the client put it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/json.h"
#include "model/dialects/messages_to_chat_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto out = weir::model::messages_to_chat(body, {.model = "m", .sampling = data[0] % 2 == 0});
  if (!out) {
    WEIR_ASSERT(out.error().code == weir::Code::invalid_request && !out.error().message.empty());
    return 0;
  }
  const auto chat = weir::parse_json(out->body, 128);
  WEIR_ASSERT(chat.has_value());
  WEIR_ASSERT(weir::string_member(*chat, "model") == "m");
  WEIR_ASSERT(chat->at("messages").is_array());
  WEIR_ASSERT((weir::find_member(*chat, "stream_options") != nullptr) == out->stream);
  for (const auto& message : chat->at("messages").get_array()) {
    const std::string_view role = weir::string_member(message, "role");
    WEIR_ASSERT(role == "system" || role == "user" || role == "assistant" || role == "tool");
    WEIR_ASSERT((role == "tool") == (weir::find_member(message, "tool_call_id") != nullptr));
  }
  return 0;
}
