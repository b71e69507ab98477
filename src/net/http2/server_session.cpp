#include "net/http2/server_session.h"

#include <algorithm>
#include <charconv>

#include "net/http1/response_head.h"

namespace weir::net::http2 {
namespace {

constexpr std::size_t kListSizeFactor = 4;  // of head_size_max: a head that large ends the connection
constexpr std::size_t kResetCost = 2;       // a stream opened and thrown away is two frames at least

nghttp2_nv field(std::string_view name, std::string_view value) {
  nghttp2_nv nv{};
  nv.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data()));
  nv.namelen = name.size();
  nv.value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data()));
  nv.valuelen = value.size();
  return nv;
}

std::string_view trim_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_servers_own(std::string_view name) {
  return name == "content-length" || name == "date" || is_connection_specific(name);
}

ServerStream& server_stream(Stream& stream) {
  return static_cast<ServerStream&>(stream);
}

std::string_view to_chars(std::array<char, 24>& out, std::int64_t number) {
  return {out.data(), std::to_chars(out.data(), out.data() + out.size(), number).ptr};
}

}  // namespace

ServerSession::ServerSession(const ServerConfig& limits, Listener& listener)
    : Session(true, Windows{limits.h2_stream_window_bytes, limits.h2_connection_window_bytes},
              {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.h2_streams_max},
               {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.head_size_max)}}),
      limits_(limits),
      listener_(listener),
      abuse_(limits.h2_abuse_frames_max) {}

void ServerSession::receive_at(std::string_view bytes, Monotonic now) {
  now_ = now;
  receive(bytes);
}

void ServerSession::calm_down(std::string_view reason) {
  listener_.on_refused(reason);
  terminate(NGHTTP2_ENHANCE_YOUR_CALM);
}

// RFC 9113 §5.1.1: ids rise. nghttp2 takes a lower one for a stream that has been closed; one that was never
// used is an error of the connection.
bool ServerSession::is_skipped(std::int32_t id) {
  if (id > highest_id_) {
    const std::int32_t next = highest_id_ == 0 ? 1 : highest_id_ + 2;
    if (id > next) skipped_.emplace_back(next, id - 2);
    if (skipped_.size() > kSkippedRangesMax) skipped_.erase(skipped_.begin());
    highest_id_ = id;
    return false;
  }
  return std::any_of(skipped_.begin(), skipped_.end(),
                     [id](const auto& range) { return id >= range.first && id <= range.second; });
}

bool ServerSession::on_frame_begins(const nghttp2_frame_hd& head) {
  empty_data_ = head.type == NGHTTP2_DATA && head.length == 0;
  if (head.type == NGHTTP2_HEADERS && head.stream_id % 2 == 1 && is_skipped(head.stream_id)) {
    listener_.on_refused("h2_stream_id");
    terminate(NGHTTP2_PROTOCOL_ERROR);
    return false;
  }
  return true;
}

void ServerSession::on_frame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_DATA) empty_data_ = frame.hd.length == frame.data.padlen;
}

void ServerSession::on_frame_ends(const nghttp2_frame_hd& head, bool accepted, bool known) {
  const std::size_t cost = cost_of(head, accepted, known);
  if (cost > 0 && abuse_.add(cost, now_)) {
    calm_down("h2_flood");
    return;
  }
  // Answers to what the client sends pile up while it reads none of them.
  const std::size_t queued = nghttp2_session_get_outbound_queue_size(raw());
  if (queued > limits_.h2_abuse_frames_max + 2 * open_streams()) calm_down("h2_flood");
}

std::size_t ServerSession::cost_of(const nghttp2_frame_hd& head, bool accepted, bool known) {
  switch (head.type) {
    case NGHTTP2_DATA:
      if (!accepted) return known ? kResetCost : 1;
      return empty_data_ && (head.flags & NGHTTP2_FLAG_END_STREAM) == 0 ? 1 : 0;
    case NGHTTP2_HEADERS: return accepted ? 0 : kResetCost;
    case NGHTTP2_RST_STREAM: return kResetCost;
    case NGHTTP2_SETTINGS: return 1;  // the acknowledgement of ours is the one that is not needless
    case NGHTTP2_WINDOW_UPDATE:
      if (!accepted && known) return kResetCost;
      if (window_credit_ == 0) return 1;
      --window_credit_;
      return 0;
    default: return 1;  // PING, PRIORITY, CONTINUATION, GOAWAY and what nobody knows
  }
}

std::unique_ptr<Stream> ServerSession::make_stream(std::int32_t id) {
  trailer_size_ = 0;
  return std::make_unique<ServerStream>(id, limits_);
}

bool ServerSession::on_field(Stream& stream, std::string_view name, std::string_view value) {
  ServerStream& of = server_stream(stream);
  if (of.head_complete) {  // trailers, which are dropped (RFC 9110 §6.5.1)
    trailer_size_ += name.size() + value.size();
    return is_field(name, value) && trailer_size_ <= limits_.head_size_max;
  }
  const bool good = of.head.add(name, value);
  if (of.head.list_size() > kListSizeFactor * limits_.head_size_max) {
    calm_down("h2_head_size");
    return false;
  }
  return good;
}

bool ServerSession::on_head(Stream& stream, const nghttp2_headers&, bool ended) {
  ServerStream& of = server_stream(stream);
  trailer_size_ = 0;
  if (std::exchange(of.head_complete, true)) return ended;
  if (!of.head.finish(ended)) return false;
  of.inbound_ended = ended;
  window_credit_ = std::min(window_credit_ + 1, kWindowCreditMax);
  listener_.on_request(of);
  return true;
}

Session::BodyUse ServerSession::on_body(Stream& stream, std::size_t size) {
  ServerStream& of = server_stream(stream);
  if (of.discard) {
    if (size > of.discard_left) return BodyUse::reset;
    of.discard_left -= size;
    return BodyUse::drop;
  }
  if (of.received <= limits_.body_size_max) return BodyUse::keep;
  if (!std::exchange(of.too_large, true) && of.owner != nullptr) of.owner->on_progress();
  return BodyUse::hold;
}

void ServerSession::on_stream_closed(const Stream& stream) {
  if (stream.outbound_sent && stream.inbound_ended && stream.close_code == NGHTTP2_NO_ERROR)
    abuse_.forgive(1);
}

bool ServerSession::respond(ServerStream& stream, int status, const Headers& headers,
                            std::int64_t content_length, std::string_view date, bool with_body) {
  std::array<char, 24> status_text;
  std::array<char, 24> length_text;
  std::vector<nghttp2_nv> fields;
  fields.reserve(headers.size() + 3);
  fields.push_back(field(":status", to_chars(status_text, status)));
  for (const Field f : headers) {
    const std::string_view value = trim_blanks(f.value);
    if (!is_field(f.name, value)) return false;
    if (!is_servers_own(f.name)) fields.push_back(field(f.name, value));
  }
  fields.push_back(field("date", date));
  if (content_length >= 0 && http1::status_has_body(status)) {
    fields.push_back(field("content-length", to_chars(length_text, content_length)));
  }
  nghttp2_data_provider body = provider(stream);
  nghttp2_submit_response(raw(), stream.id, fields.data(), fields.size(), with_body ? &body : nullptr);
  return true;
}

void ServerSession::send_continue(ServerStream& stream) {
  const nghttp2_nv status = field(":status", "100");
  nghttp2_submit_headers(raw(), NGHTTP2_FLAG_NONE, stream.id, nullptr, &status, 1, nullptr);
}

void ServerSession::discard_body(ServerStream& stream, std::size_t size) {
  stream.discard = true;
  stream.discard_left = size;
  consume(stream, stream.inbound.size());
  stream.inbound = std::string();
  const std::int64_t length = stream.request.content_length;
  const bool too_long = stream.too_large || (length >= 0 && std::cmp_greater(length, stream.received + size));
  if (too_long) reset(stream, NGHTTP2_NO_ERROR);
}

}  // namespace weir::net::http2
