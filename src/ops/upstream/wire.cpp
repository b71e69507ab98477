#include "ops/upstream/wire.h"

#include "ops/upstream/chat_api.h"
#include "ops/upstream/messages_api.h"

namespace weir::ops::upstream {
namespace {

constexpr Wire kMessages{.error_body = error_body,
                         .error_event =
                             "event: error\n"
                             "data: "
                             "{\"type\":\"error\",\"error\":{\"details\":null,\"type\":\"overloaded_error\","
                             "\"message\":\"Overloaded\"}}\n\n",
                         .malformed_event =
                             "event: content_block_delta\n"
                             "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\n\n"};

constexpr Wire kChat{
    .error_body = chat_error_body,
    .error_event =
        "data: "
        "{\"error\":{\"message\":\"The server is overloaded\",\"type\":\"server_error\","
        "\"param\":null,\"code\":null}}\n\n",
    .malformed_event =
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\n\n"};

}  // namespace

const Wire& wire_of(std::string_view path) {
  return is_chat_path(path) ? kChat : kMessages;
}

}  // namespace weir::ops::upstream
