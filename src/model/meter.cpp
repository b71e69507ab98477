#include "model/meter.h"

#include <algorithm>

#include "model/usage/bedrock_usage.h"

namespace weir::model {
namespace {

constexpr std::uint64_t kBytesPerToken = 4;  // of English

EventKind no_event(std::string_view) {
  return EventKind::other;
}

// A piece of an answer carries one token at least.
std::uint64_t tokens_of(std::uint64_t deltas, std::uint64_t bytes, std::uint64_t envelopes) {
  return std::max(deltas, (bytes > envelopes ? bytes - envelopes : 0) / kBytesPerToken);
}

}  // namespace

Meter::Meter(MeterKind kind, Dialect dialect, MeterLimits limits)
    : kind_(kind),
      limits_(limits),
      reader_(kind == MeterKind::opaque ? nullptr : usage_reader(dialect)),
      // The Responses API repeats the whole answer in the event that tells its usage.
      scanner_(dialect == Dialect::responses ? limits.json_size_max : limits.event_size_max,
               reader_ == nullptr ? no_event : reader_->event_kinds()),
      frames_(limits.json_size_max) {
  if (reader_ == nullptr) kind_ = MeterKind::opaque;
}

void Meter::take_counts(const net::Headers& answer) {
  counted_ = read_bedrock_counts(answer, report_);
}

void Meter::feed(std::string_view bytes) {
  bytes_ += bytes.size();
  switch (kind_) {
    case MeterKind::event_stream:
      while (scanner_.next(bytes)) reader_->read_event(scanner_.data(), progress_, report_);
      break;
    case MeterKind::frames: feed_frames(bytes); break;
    case MeterKind::json: feed_json(bytes); break;
    case MeterKind::opaque: break;
  }
}

void Meter::feed_frames(std::string_view bytes) {
  if (broken_) return;
  const auto fed = frames_.feed(bytes, [this](const net::Frame& frame) {
    ++frames_read_;
    reader_->read_frame(frame, progress_, report_);
  });
  broken_ = !fed;
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
  const BodyRead read = reader_->read_body(json_, report_);
  progress_.final = read.final;
  progress_.ended = read.whole;
  json_ = std::string();
}

data::Usage Meter::usage() const {
  data::Usage usage = report_.usage;
  if (!usage_estimated()) return usage;
  usage.output_tokens = std::max(usage.output_tokens, estimated_output_tokens());
  const bool told_prompt = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_5m_tokens +
                               usage.cache_write_1h_tokens >
                           0;
  if (!told_prompt) usage.input_tokens = prompt_estimate_;
  return usage;
}

std::int64_t Meter::estimated_output_tokens() const {
  if (!is_stream()) return static_cast<std::int64_t>(bytes_ / kBytesPerToken);
  const std::uint64_t envelope = reader_->delta_envelope_bytes();
  return static_cast<std::int64_t>(
      tokens_of(scanner_.deltas(), scanner_.delta_bytes(), scanner_.deltas() * envelope) +
      tokens_of(progress_.deltas, progress_.text_bytes, 0));
}

bool Meter::usage_estimated() const {
  if (progress_.final || counted_) return false;
  return is_stream() ? progress_.begun || saw_delta() : bytes_ > 0;
}

std::size_t Meter::open_size() const {
  if (kind_ != MeterKind::frames) return scanner_.open_size();
  return broken_ ? kOpenSizeUnknown : frames_.open_size();
}

}  // namespace weir::model
