// The meter of every dialect on any bytes in any pieces: the pieces must not change what it reads, and no
// count may be negative or grow beyond what prices can multiply.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "model/meter.h"
#include "model/prices.h"

namespace {

using weir::model::Dialect;
using weir::model::Meter;
using weir::model::MeterKind;

Meter metered(MeterKind kind, Dialect dialect, std::string_view text, std::size_t piece_size) {
  Meter meter(kind, dialect, {.event_size_max = 4096, .json_size_max = 4096});
  for (std::size_t at = 0; at < text.size(); at += piece_size) meter.feed(text.substr(at, piece_size));
  meter.finish();
  return meter;
}

// The lines as payloads of frames that are whole, as InvokeModel's chunks and as Converse's events: random
// bytes seldom have the right checksums.
std::string framed(std::string_view text) {
  constexpr std::array<std::string_view, 4> kEvents{"chunk", "contentBlockDelta", "metadata", "messageStop"};
  std::string out;
  std::size_t number = 0;
  for (const std::string_view line : weir::split(text, '\n')) {
    const std::string_view event = kEvents[number++ % kEvents.size()];
    const std::string payload =
        event == "chunk" ? "{\"bytes\":\"" + weir::to_base64(line) + "\"}" : std::string(line);
    const auto appended = weir::net::append_frame(
        out,
        {{{.name = ":event-type", .bytes = event}, {.name = ":message-type", .bytes = "event"}}, payload});
    WEIR_ASSERT(appended.has_value());
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  constexpr std::array kKinds{MeterKind::event_stream, MeterKind::json, MeterKind::frames};
  constexpr std::array kDialects{Dialect::messages, Dialect::chat_completions, Dialect::responses,
                                 Dialect::embeddings, Dialect::bedrock_invoke};
  const MeterKind kind = kKinds[data[0] % kKinds.size()];
  const Dialect dialect = kDialects[data[1] % kDialects.size()];
  const std::size_t piece_size = 1 + data[2] % 64;
  const std::string_view given(reinterpret_cast<const char*>(data) + 3, size - 3);
  const std::string frames = kind == MeterKind::frames && data[0] < 128 ? framed(given) : std::string();
  const std::string_view text = frames.empty() ? given : std::string_view(frames);
  const Meter whole = metered(kind, dialect, text, text.size() + 1);
  const Meter pieces = metered(kind, dialect, text, piece_size);
  WEIR_ASSERT(whole.usage() == pieces.usage());
  WEIR_ASSERT(whole.usage_estimated() == pieces.usage_estimated());
  WEIR_ASSERT(whole.ended() == pieces.ended());
  WEIR_ASSERT(whole.at_boundary() == pieces.at_boundary());
  WEIR_ASSERT(whole.saw_delta() == pieces.saw_delta());
  WEIR_ASSERT(whole.report().error_type == pieces.report().error_type);
  const auto usage = whole.usage();
  for (const std::int64_t count :
       {usage.input_tokens, usage.cache_write_5m_tokens, usage.cache_write_1h_tokens, usage.cache_read_tokens,
        usage.output_tokens, usage.web_search_requests}) {
    WEIR_ASSERT(count >= 0 && count <= 1'000'000'000'000);
  }
  static const weir::model::Prices kPrices = weir::model::Prices::builtin();
  const auto priced = kPrices.price(whole.report().model, usage, whole.report().modifiers, weir::WallTime{});
  WEIR_ASSERT(priced.cost >= weir::Money());
  return 0;
}
