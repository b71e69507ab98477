#include "model/reply.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "model/providers/end_to_end.h"
#include "model/stream_end.h"

namespace weir::model {
namespace {

std::int64_t declared_length(const net::Headers& headers) {
  return parse_int(headers.get("content-length")).value_or(-1);
}

// A translated body is of another type, and was never encoded.
net::Headers fields_for(net::Headers from_provider, bool translated, Dialect dialect, bool stream) {
  net::Headers fields = response_fields(std::move(from_provider));
  if (!translated) return fields;
  fields.remove("content-encoding");
  fields.set("content-type", stream ? stream_media_type(dialect) : "application/json");
  return fields;
}

std::string_view describe(const std::optional<Error>& failure) {
  return failure && failure->code == Code::timed_out
             ? "The provider stopped sending before the answer was complete."
             : "The provider's stream ended before the answer was complete.";
}

}  // namespace

MeteredReply::MeteredReply(OpenedAnswer answer, std::unique_ptr<CallRecord> record, const Clock& clock,
                           ReplySettings settings)
    : response_(std::move(answer.response)),
      held_(std::move(answer.held)),
      occupancy_(std::move(answer.occupancy)),
      translator_(std::move(answer.translator)),
      record_(std::move(record)),
      clock_(clock),
      settings_(settings),
      status_(response_->status()),
      is_stream_(record_->metered() && status_ < 300 && record_->meter().is_stream()),
      content_length_(declared_length(response_->headers())),
      headers_(fields_for(response_->take_headers(), translator_ != nullptr, settings.dialect, is_stream_)),
      is_event_stream_(model::is_event_stream(headers_)) {
  if (is_event_stream_ || translator_) content_length_ = -1;
  if (is_stream_ && settings.ping_interval.count() > 0) idle_.emplace(std::move(response_), *settings.log);
}

Task<Result<std::string_view>> MeteredReply::read() {
  if (translator_ == nullptr) return read_untouched();
  return is_stream_ ? read_translated_stream() : read_translated_whole();
}

Task<Result<std::string_view>> MeteredReply::read_untouched() {
  if (failure_) co_return fail(*failure_);
  while (!ended_) {
    auto next = co_await next_piece();
    if (!next) {
      if (ping()) co_return std::string_view(out_);
      continue;
    }
    out_.clear();
    if (!*next) co_return end(std::move(next->error()));
    if ((*next)->empty()) co_return end(std::nullopt);
    const std::string_view events = complete_events(**next);
    if (!events.empty()) co_return events;
  }
  co_return std::string_view();
}

// What may go to the client now that `piece` is here, which the meter has seen. Usually that is the
// piece as it stands: providers write whole events.
std::string_view MeteredReply::complete_events(std::string_view piece) {
  if (!is_stream_) return piece;
  const std::size_t open = record_->meter().open_size();
  const std::size_t kept = open > kOpenEventSizeMax ? 0 : std::min(open, piece.size());
  std::string_view events = piece.substr(0, piece.size() - kept);
  if (!events.empty() && !open_event_.empty()) {
    out_ = std::exchange(open_event_, std::string());
    out_ += events;
    events = out_;
  }
  open_event_ += piece.substr(piece.size() - kept);
  return events;
}

// The client has nothing but whole events, so that what comes next is read on its own.
bool MeteredReply::client_at_boundary() const {
  return translator_ != nullptr || record_->meter().open_size() <= kOpenEventSizeMax;
}

Task<Result<std::string_view>> MeteredReply::read_translated_stream() {
  if (failure_) co_return fail(*failure_);
  out_.clear();
  while (!ended_ && out_.empty()) {
    auto next = co_await next_piece();
    if (!next) {
      if (ping()) break;
      continue;
    }
    auto& piece = *next;
    Code problem = Code::upstream_failed;  // of a stream that is not whole
    bool readable = true;
    if (!piece) {
      if (piece.error().code == Code::cancelled) co_return break_off(std::move(piece.error()));
      problem = piece.error().code;
    } else if (!piece->empty()) {
      readable = translator_->feed(*piece, out_).has_value();
      if (readable) continue;
    }
    ended_ = true;
    translator_->finish(out_);
    close(readable && record_->meter().ended() ? std::string_view() : to_string(problem));
  }
  co_return std::string_view(out_);
}

Task<Result<std::string_view>> MeteredReply::read_translated_whole() {
  if (failure_) co_return fail(*failure_);
  if (std::exchange(ended_, true)) co_return std::string_view();
  std::string body;
  while (true) {
    auto next = co_await next_piece();  // always with a value: there are no pings within a document
    auto& piece = *next;
    if (!piece) co_return break_off(std::move(piece.error()));
    if (piece->empty()) break;
    body += *piece;
    if (body.size() > settings_.whole_size_max) {
      co_return break_off(
          Error(Code::upstream_failed, "the provider's answer is too large to be translated"));
    }
  }
  if (status() >= 300) {
    out_ = translator_->error(status(), body);
  } else {
    auto translated = translator_->whole(body);
    if (!translated) co_return break_off(std::move(translated.error()));
    out_ = *std::move(translated);
  }
  close({});
  co_return std::string_view(out_);
}

Task<std::optional<Result<std::string_view>>> MeteredReply::next_piece() {
  if (!std::exchange(held_given_, true) && !held_.text.empty()) co_return std::string_view(held_.text);
  held_.text = std::string();  // it is not needed for as long as the body streams
  auto piece = co_await read_piece();
  if (piece && *piece && !(*piece)->empty()) record_->feed(**piece);
  co_return piece;
}

Task<std::optional<Result<std::string_view>>> MeteredReply::read_piece() {
  if (held_.ended) co_return std::string_view();
  if (held_.failure) co_return Result<std::string_view>(fail(*held_.failure));
  const Monotonic began_at = clock_.monotonic();
  if (began_at >= settings_.deadline) {
    co_return Result<std::string_view>(fail(Code::timed_out, "the call took longer than its total timeout"));
  }
  std::optional<Result<std::string_view>> piece;
  if (idle_) {
    piece = co_await idle_->read_for(settings_.ping_interval);
  } else {
    piece = co_await response_->read();
  }
  record_->add_wait(clock_.monotonic() - began_at);
  co_return piece;
}

// Between two events only: within one it would become part of it.
bool MeteredReply::ping() {
  out_.clear();
  if (!client_at_boundary()) return false;
  return append_ping(out_, settings_.dialect);
}

Result<std::string_view> MeteredReply::end(std::optional<Error> failure) {
  ended_ = true;
  if (failure && failure->code == Code::cancelled) return break_off(*std::move(failure));
  if (is_stream_ && !record_->meter().ended()) {
    const StreamCut cut{.message = describe(failure),
                        .request_id = record_->upstream_request_id(),
                        .at_boundary = client_at_boundary()};
    if (!append_stream_error(out_, settings_.dialect, cut)) {
      return break_off(failure ? *std::move(failure)
                               : Error(Code::upstream_failed, std::string(cut.message)));
    }
    close(failure ? to_string(failure->code) : to_string(Code::upstream_failed));
    return out_;
  }
  // After the stream's last event nothing can be missing, however the connection ends.
  if (failure && !is_stream_) return break_off(*std::move(failure));
  close({});
  out_ = std::exchange(open_event_, std::string());  // what follows the last event is passed on too
  return std::string_view(out_);
}

Result<std::string_view> MeteredReply::break_off(Error failure) {
  ended_ = true;
  close(failure.code == Code::cancelled ? kClientGone : to_string(failure.code));
  failure_ = std::move(failure);
  return fail(*failure_);
}

// The head has been logged by its status; of what happens after it nothing else tells.
void MeteredReply::close(std::string_view error_type) {
  const std::string_view problem =
      error_type.empty() ? std::string_view(record_->meter().report().error_type) : error_type;
  if (settings_.log != nullptr && status_ < 300 && !problem.empty() && problem != kClientGone) {
    settings_.log->warn(
        "the provider's answer went wrong after its beginning",
        {{"request_id", record_->request_id()},
         {"provider",
          record_->trace().tries.empty() ? std::string_view() : record_->trace().tries.back().provider},
         {"error", problem},
         {"upstream_request_id", record_->upstream_request_id()}});
  }
  record_->close(error_type);
}

}  // namespace weir::model
