// Any bytes, in any pieces, mean the same events; what is written is read back.
#include <cstdint>

#include "net/sse/sse.h"

namespace {

std::string events_of(std::string_view bytes, std::size_t piece_size) {
  weir::net::SseParser parser(64 * 1024);
  std::string seen;
  for (std::size_t at = 0; at < bytes.size(); at += piece_size) {
    const auto fed = parser.feed(bytes.substr(at, piece_size), [&seen](const weir::net::SseEvent& event) {
      weir::net::append_sse(seen, event.event, event.data, event.id);
    });
    if (!fed) return "too large";
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = events_of(bytes, bytes.size());
  WEIR_ASSERT(whole == events_of(bytes, data[0] % 32 + 1U));
  // Reading what was written changes nothing: the second time round is a fixed point.
  const std::string again = whole.empty() ? whole : events_of(whole, whole.size());
  WEIR_ASSERT(again == (again.empty() ? again : events_of(again, again.size())));
  return 0;
}
