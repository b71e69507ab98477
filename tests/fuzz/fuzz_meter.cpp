// The meter on any bytes in any pieces: the pieces must not change what it reads, and no count may be
// negative or grow beyond what prices can multiply.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "model/meter.h"

namespace {

using weir::model::Meter;
using weir::model::MeterKind;

Meter metered(MeterKind kind, std::string_view text, std::size_t piece_size) {
  Meter meter(kind, weir::model::Dialect::messages, {.event_size_max = 4096, .json_size_max = 4096});
  for (std::size_t at = 0; at < text.size(); at += piece_size) meter.feed(text.substr(at, piece_size));
  meter.finish();
  return meter;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const MeterKind kind = data[0] % 2 == 0 ? MeterKind::event_stream : MeterKind::json;
  const std::size_t piece_size = 1 + data[1] % 64;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Meter whole = metered(kind, text, text.size() + 1);
  const Meter pieces = metered(kind, text, piece_size);
  WEIR_ASSERT(whole.usage() == pieces.usage());
  WEIR_ASSERT(whole.usage_estimated() == pieces.usage_estimated());
  WEIR_ASSERT(whole.ended() == pieces.ended());
  WEIR_ASSERT(whole.open_size() == pieces.open_size());
  WEIR_ASSERT(whole.report().error_type == pieces.report().error_type);
  const auto usage = whole.usage();
  for (const std::int64_t count :
       {usage.input_tokens, usage.cache_write_5m_tokens, usage.cache_write_1h_tokens, usage.cache_read_tokens,
        usage.output_tokens, usage.web_search_requests}) {
    WEIR_ASSERT(count >= 0 && count <= 1'000'000'000'000);
  }
  return 0;
}
