// Bedrock's frames become events and events become frames, whatever is inside and however it is cut; what
// comes out can be read.
#include <cstdint>

#include "base/text.h"
#include "model/providers/aws/bedrock_ingress.h"
#include "model/providers/aws/bedrock_reply.h"
#include "net/eventstream/eventstream.h"
#include "net/sse/sse.h"

namespace {

using weir::model::BedrockToMessages;
using weir::model::MessagesToBedrock;

std::string translated(weir::model::ReplyTranslator& translator, std::string_view bytes,
                       std::size_t piece_size) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece_size) {
    if (!translator.feed(bytes.substr(at, piece_size), out)) return out + "failed";
  }
  translator.finish(out);
  return out;
}

std::string to_events(std::string_view frames, std::size_t piece_size) {
  BedrockToMessages translator;
  return translated(translator, frames, piece_size);
}

std::string to_frames(std::string_view events, std::size_t piece_size) {
  const weir::ManualClock clock;
  MessagesToBedrock translator(clock);
  return translated(translator, events, piece_size);
}

// Each line of the input as what one frame holds: raw, or as the event inside a chunk.
std::string frames_of(std::string_view text) {
  std::string out;
  for (const std::string_view line : weir::split(text, '\n')) {
    const bool is_exception = line.starts_with('!');
    const std::string chunk =
        line.starts_with('#') ? std::string(line) : R"({"bytes":")" + weir::to_base64(line) + "\"}";
    weir::net::Frame frame;
    frame.headers = {
        {.name = is_exception ? ":exception-type" : ":event-type", .bytes = is_exception ? line : "chunk"},
        {.name = ":message-type", .bytes = is_exception ? "exception" : "event"}};
    frame.payload = chunk;
    WEIR_ASSERT(weir::net::append_frame(out, frame));
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 32 * 1024) return 0;
  const std::size_t piece_size = data[0] % 32 + 1U;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string frames = frames_of(text);
  const std::string events = to_events(frames, frames.size());
  WEIR_ASSERT(events == to_events(frames, piece_size));

  const std::string again = to_frames(text, text.size());
  WEIR_ASSERT(again == to_frames(text, piece_size));
  if (again.ends_with("failed")) return 0;
  weir::net::FrameDecoder decoder;
  WEIR_ASSERT(decoder.feed(again, [](const weir::net::Frame&) {}));
  WEIR_ASSERT(decoder.at_boundary());
  return 0;
}
