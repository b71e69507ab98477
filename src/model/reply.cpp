#include "model/reply.h"

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

// What the Messages API sends when a stream fails (WHATWG HTML §9.2.6: a blank line ends the event
// that was cut, so that this one is read on its own).
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
  std::string text = record.meter().at_boundary() ? "" : "\n\n";
  net::append_sse(text, "error", data);
  return text;
}

}  // namespace

bool is_event_stream(const net::Headers& headers) { return has_media_type(headers, "text/event-stream"); }

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
  if (!held_given_ && !held_.text.empty()) {
    held_given_ = true;
    co_return held_.text;
  }
  if (failure_) co_return fail(*failure_);
  if (ended_) co_return std::string_view();
  auto piece = co_await read_piece();
  if (!piece) co_return end(std::move(piece.error()));
  if (piece->empty()) co_return end(std::nullopt);
  record_->feed(*piece);
  co_return piece;
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
    tail_ = error_event(*record_, failure);
    record_->close(failure ? to_string(failure->code) : to_string(Code::upstream_failed));
    return tail_;
  }
  // After the stream's last event nothing can be missing, however the connection ends.
  if (failure && !is_message_stream_) {
    record_->close(to_string(failure->code));
    failure_ = std::move(failure);
    return fail(*failure_);
  }
  record_->close({});
  return std::string_view();
}

}  // namespace weir::model
