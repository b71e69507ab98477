// Any bytes, in any pieces, mean the same frames; what is decoded encodes to the bytes that it came from.
#include <cstdint>

#include "net/eventstream/eventstream.h"

namespace {

struct Seen {
  std::string frames;
  bool failed = false;
  bool at_boundary = false;
};

Seen decoded(std::string_view bytes, std::size_t piece_size) {
  weir::net::FrameDecoder decoder(64 * 1024);
  Seen seen;
  for (std::size_t at = 0; at < bytes.size() && !seen.failed; at += piece_size) {
    const auto fed = decoder.feed(bytes.substr(at, piece_size), [&seen](const weir::net::Frame& frame) {
      WEIR_ASSERT(weir::net::append_frame(seen.frames, frame));
    });
    seen.failed = !fed;
  }
  seen.at_boundary = decoder.at_boundary();
  return seen;
}

// Mutation alone never finds a checksum: a frame is built from the input and must come back.
void round_trip(std::string_view bytes) {
  weir::net::Frame frame;
  if (bytes.size() > 40) {
    frame.headers.push_back({.name = bytes.substr(0, 7), .bytes = bytes.substr(7, 9)});
    frame.headers.push_back(
        {.name = bytes.substr(16, 4),
         .type = static_cast<weir::net::FrameHeaderType>(static_cast<unsigned char>(bytes[20]) % 9),
         .bytes = bytes.substr(21, 16),
         .number = bytes[37]});
    if (frame.headers[0].name == frame.headers[1].name) return;
  }
  frame.payload = bytes.substr(bytes.size() / 2);
  std::string coded;
  WEIR_ASSERT(weir::net::append_frame(coded, frame));
  const Seen seen = decoded(coded, 1 + bytes.size() % 17);
  WEIR_ASSERT(!seen.failed && seen.at_boundary && seen.frames == coded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Seen whole = decoded(bytes, bytes.size());
  const Seen pieces = decoded(bytes, data[0] % 32 + 1U);
  WEIR_ASSERT(whole.frames == pieces.frames && whole.failed == pieces.failed);
  WEIR_ASSERT(whole.failed || whole.at_boundary == pieces.at_boundary);
  WEIR_ASSERT(bytes.starts_with(whole.frames));
  round_trip(bytes);
  return 0;
}
