// A provider's stream on any bytes in any pieces: what the client gets keeps the order of Anthropic's events,
// always ends, and does not depend on the pieces. Any body becomes a message or an error.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "../support/model_messages_stream.h"
#include "base/json.h"
#include "model/dialects/chat_to_messages_reply.h"

namespace {

using weir::model::MessagesStreamReader;
using weir::model::StreamedMessage;

StreamedMessage translated(std::string_view text, std::size_t piece_size) {
  const auto translator = weir::model::chat_to_messages_reply({.id = "msg_1", .model = "m"});
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece_size) {
    if (!translator->feed(text.substr(at, piece_size), out)) break;
  }
  translator->finish(out);
  return MessagesStreamReader().read(out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece_size = 1 + data[0] % 64;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const StreamedMessage whole = translated(text, text.size() + 1);
  const StreamedMessage pieces = translated(text, piece_size);
  for (const StreamedMessage* message : {&whole, &pieces}) {
    WEIR_ASSERT(message->problem.empty());
    WEIR_ASSERT(message->stopped != !message->error_type.empty());
  }
  WEIR_ASSERT(whole.stopped == pieces.stopped);
  WEIR_ASSERT(whole.stop_reason == pieces.stop_reason);
  WEIR_ASSERT(whole.error_message == pieces.error_message);
  WEIR_ASSERT(whole.usage == pieces.usage);
  WEIR_ASSERT(whole.blocks.size() == pieces.blocks.size());
  for (std::size_t i = 0; i < whole.blocks.size(); ++i) {
    WEIR_ASSERT(whole.blocks[i].text == pieces.blocks[i].text && whole.blocks[i].id == pieces.blocks[i].id);
  }

  const auto translator = weir::model::chat_to_messages_reply({.id = "msg_1", .model = "m"});
  if (const auto message = translator->whole(text)) WEIR_ASSERT(weir::parse_json(*message, 128).has_value());
  const auto error = weir::parse_json(translator->error(400 + data[1] % 200, text));
  WEIR_ASSERT(error.has_value() && weir::string_member(*error, "type") == "error");
  return 0;
}
