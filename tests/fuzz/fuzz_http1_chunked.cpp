// The chunked coding of request bodies: any bytes mean the same in any pieces, and another reader of what is
// accepted (llhttp, which reads the provider's answers) finds the same body and the same end, or refuses.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/client/response_parser.h"
#include "net/http1/chunked.h"

namespace {

using weir::net::http1::ChunkedDecoder;

constexpr std::size_t kBodySizeMax = 4'096;

struct Outcome {
  bool done = false;
  std::string refusal;
  std::string body;
  std::size_t unused = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string_view bytes, std::size_t piece_size) {
  ChunkedDecoder decoder(kBodySizeMax);
  Outcome outcome;
  while (!bytes.empty()) {
    std::string_view input = bytes.substr(0, piece_size);
    bytes.remove_prefix(input.size());
    std::string_view piece;
    while (true) {
      const auto event = decoder.next(input, piece);
      if (event == ChunkedDecoder::Event::need_more) break;
      if (event == ChunkedDecoder::Event::data) {
        outcome.body += piece;
        continue;
      }
      outcome.done = event == ChunkedDecoder::Event::done;
      if (!outcome.done) outcome.refusal = decoder.refusal().reason;
      outcome.unused = outcome.done ? input.size() + bytes.size() : 0;
      return outcome;
    }
  }
  return outcome;
}

// The same coding as an answer's. llhttp knows no quoted values in extensions and refuses those.
bool other_reader_agrees(std::string_view bytes, const Outcome& outcome) {
  weir::net::ResponseParser parser(64 * 1024, false);
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  text += bytes.substr(0, bytes.size() - outcome.unused);
  return !parser.feed(text) || (parser.complete() && parser.body() == outcome.body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = decode(bytes, bytes.size());
  WEIR_ASSERT(whole == decode(bytes, 1));
  WEIR_ASSERT(whole == decode(bytes, data[0] % 32 + 1U));
  WEIR_ASSERT(whole.body.size() <= kBodySizeMax);
  if (whole.done) WEIR_ASSERT(other_reader_agrees(bytes, whole));
  return 0;
}
