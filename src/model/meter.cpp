#include "model/meter.h"

#include <algorithm>

namespace weir::model {
namespace {

// A delta's JSON around its text: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta",
// "text":""}} and the usual padding. English is about four bytes to the token.
constexpr std::uint64_t kDeltaEnvelopeBytes = 88;
constexpr std::uint64_t kBytesPerToken = 4;

// A delta carries one token at least.
std::int64_t estimated_tokens(std::uint64_t bytes, std::uint64_t deltas) {
  const std::uint64_t around = deltas * kDeltaEnvelopeBytes;
  return static_cast<std::int64_t>(std::max(deltas, (bytes > around ? bytes - around : 0) / kBytesPerToken));
}

}  // namespace

Meter::Meter(MeterKind kind, MeterLimits limits) : kind_(kind), limits_(limits), scanner_(limits.event_size_max) {}

void Meter::feed(std::string_view bytes) {
  bytes_ += bytes.size();
  if (kind_ == MeterKind::event_stream) feed_events(bytes);
  if (kind_ == MeterKind::json) feed_json(bytes);
}

void Meter::feed_events(std::string_view bytes) {
  while (scanner_.next(bytes)) {
    report_.type.clear();
    const bool read = report_.read(scanner_.data());
    if (report_.type == "message_start") begun_ = true;
    if (report_.type == "message_delta") final_ = final_ || (read && report_.has_usage);
    if (report_.type == "message_stop" || report_.type == "error") ended_ = true;
  }
}

void Meter::feed_json(std::string_view bytes) {
  if (bytes_ <= limits_.json_size_max) {
    json_ += bytes;
  } else {
    json_ = std::string();  // too large to keep: the estimate must do
  }
}

void Meter::finish() {
  if (kind_ != MeterKind::json || json_.empty()) return;
  const bool read = report_.read(json_);
  final_ = read;  // an error body, which has no usage, is final too: it used nothing
  ended_ = read;
  json_ = std::string();
}

data::Usage Meter::usage() const {
  data::Usage usage = report_.usage;
  if (usage_estimated()) {
    const std::int64_t estimate = kind_ == MeterKind::event_stream
                                      ? estimated_tokens(scanner_.delta_bytes(), scanner_.deltas())
                                      : estimated_tokens(bytes_, 0);
    usage.output_tokens = std::max(usage.output_tokens, estimate);
  }
  return usage;
}

bool Meter::usage_estimated() const {
  if (final_) return false;
  return kind_ == MeterKind::event_stream ? begun_ : bytes_ > 0;
}

}  // namespace weir::model
