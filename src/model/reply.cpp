#include "model/reply.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "model/providers/end_to_end.h"
#include "net/sse/sse.h"

namespace weir::model {
namespace {

bool has_media_type(const net::Headers& headers, std::string_view type) {
  const std::string_view value = headers.get("content-type");
  return iequals(trim(value.substr(0, value.find(';'))), type);
}

std::int64_t declared_length(const net::Headers& headers) {
  return parse_int(headers.get("content-length")).value_or(-1);
}

// What the Messages API sends when a stream fails.
std::string error_event(const CallRecord& record, const std::optional<Error>& failure) {
  std::string data = R"({"type":"error","error":{"details":null,"type":"api_error","message":)";
  append_json_string(data, failure && failure->code == Code::timed_out
                               ? "The provider stopped sending before the answer was complete."
                               : "The provider's stream ended before the answer was complete.");
  data += '}';
  if (!record.upstream_request_id().empty()) {
    data += R"(,"request_id":)";
    append_json_string(data, record.upstream_request_id());
  }
  data += '}';
  // Of an event that is too large to be kept the client has a part. It must not be read as whole: the
  // last `event` line of an event is the one that counts (WHATWG HTML §9.2.6), and pings are ignored.
  std::string text = record.meter().open_size() > kOpenEventSizeMax ? "\nevent: ping\n\n" : "";
  net::append_sse(text, "error", data);
  return text;
}

}  // namespace

bool is_event_stream(const net::Headers& headers) {
  return has_media_type(headers, "text/event-stream");
}

MeterKind meter_kind(const net::Headers& headers) {
  const std::string_view encoding = headers.get("content-encoding");
  if (!encoding.empty() && !iequals(encoding, "identity")) return MeterKind::opaque;
  if (is_event_stream(headers)) return MeterKind::event_stream;
  return has_media_type(headers, "application/json") ? MeterKind::json : MeterKind::opaque;
}

MeteredReply::MeteredReply(std::unique_ptr<net::ClientResponse> response, HeldBytes held,
                           std::unique_ptr<CallRecord> record, const Clock& clock, Monotonic deadline)
    : response_(std::move(response)),
      held_(std::move(held)),
      record_(std::move(record)),
      clock_(clock),
      deadline_(deadline),
      headers_(response_fields(response_->headers())),
      is_event_stream_(model::is_event_stream(headers_)),
      is_message_stream_(record_->metered() && response_->status() < 300 &&
                         meter_kind(headers_) == MeterKind::event_stream),
      content_length_(is_event_stream_ ? -1 : declared_length(response_->headers())) {}

Task<Result<std::string_view>> MeteredReply::read() {
  if (!held_given_) {
    held_given_ = true;
    const std::string_view events = complete_events(held_.text);
    if (!events.empty()) co_return events;
  }
  while (true) {
    if (failure_) co_return fail(*failure_);
    if (ended_) co_return std::string_view();
    auto piece = co_await read_piece();
    if (!piece) co_return end(std::move(piece.error()));
    if (piece->empty()) co_return end(std::nullopt);
    record_->feed(*piece);
    const std::string_view events = complete_events(*piece);
    if (!events.empty()) co_return events;
  }
}

// What may go to the client now that `piece` is here, which the meter has seen. Usually that is the
// piece as it stands: providers write whole events.
std::string_view MeteredReply::complete_events(std::string_view piece) {
  if (!is_message_stream_) return piece;
  const std::uint64_t open = record_->meter().open_size();
  const std::size_t kept = open > kOpenEventSizeMax ? 0 : std::min<std::uint64_t>(open, piece.size());
  std::string_view events = piece.substr(0, piece.size() - kept);
  if (!events.empty() && !open_event_.empty()) {
    given_ = std::exchange(open_event_, std::string());
    given_ += events;
    events = given_;
  }
  open_event_ += piece.substr(piece.size() - kept);
  return events;
}

Task<Result<std::string_view>> MeteredReply::read_piece() {
  if (held_.ended) co_return std::string_view();
  if (held_.failure) co_return fail(*held_.failure);
  const Monotonic began_at = clock_.monotonic();
  if (began_at >= deadline_) co_return fail(Code::timed_out, "the call took longer than its total timeout");
  auto piece = co_await response_->read();
  record_->add_wait(clock_.monotonic() - began_at);
  co_return piece;
}

Result<std::string_view> MeteredReply::end(std::optional<Error> failure) {
  ended_ = true;
  if (failure && failure->code == Code::cancelled) {
    record_->close(kClientGone);
    failure_ = std::move(failure);
    return fail(*failure_);
  }
  if (is_message_stream_ && !record_->meter().ended()) {
    given_ = error_event(*record_, failure);
    record_->close(failure ? to_string(failure->code) : to_string(Code::upstream_failed));
    return given_;
  }
  // After the stream's last event nothing can be missing, however the connection ends.
  if (failure && !is_message_stream_) {
    record_->close(to_string(failure->code));
    failure_ = std::move(failure);
    return fail(*failure_);
  }
  record_->close({});
  given_ = std::exchange(open_event_, std::string());  // what follows the last event is passed on too
  return given_;
}

}  // namespace weir::model
