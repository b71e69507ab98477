#include "net/http2/client_session.h"

#include "base/text.h"

namespace weir::net::http2 {
namespace {

constexpr std::uint32_t kWindowMax = 0x7FFF'FFFF;  // RFC 9113 §6.9.1
constexpr int kSwitchingProtocols = 101;           // RFC 9113 §8.6: not in HTTP/2

ClientStream& client_stream(Stream& stream) {
  return static_cast<ClientStream&>(stream);
}

std::uint8_t* bytes(const std::string& text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

ClientSession::ClientSession(std::uint32_t stream_window_bytes, std::size_t head_size_max)
    : Session(false, Windows{stream_window_bytes, kWindowMax, false},
              {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
               {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(head_size_max)}}),
      head_size_max_(head_size_max) {}

ClientStream* ClientSession::request(const std::vector<std::pair<std::string, std::string>>& fields,
                                     bool with_body) {
  std::vector<nghttp2_nv> list;
  list.reserve(fields.size());
  for (const auto& [name, value] : fields) {
    list.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  auto stream = std::make_unique<ClientStream>(0);
  nghttp2_data_provider body = provider(*stream);
  const std::int32_t id =
      nghttp2_submit_request(raw(), nullptr, list.data(), list.size(), with_body ? &body : nullptr, nullptr);
  if (id < 0) return nullptr;
  stream->id = id;
  ClientStream* const opened = stream.get();
  adopt(std::move(stream));
  return opened;
}

std::size_t ClientSession::streams_max() const {
  return nghttp2_session_get_remote_settings(raw(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

void ClientSession::on_frame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_GOAWAY) going_away_ = true;
}

bool ClientSession::on_field(Stream& stream, std::string_view name, std::string_view value) {
  ClientStream& of = client_stream(stream);
  of.head_size += name.size() + value.size();
  if (of.head_size > head_size_max_) return false;
  if (of.head_complete) return true;  // trailers, for which nobody asked
  if (name != ":status") {
    of.headers.add(name, value);
    return true;
  }
  of.status = static_cast<int>(parse_int(value).value_or(0));
  return of.status >= 100 && of.status != kSwitchingProtocols;
}

bool ClientSession::on_head(Stream& stream, const nghttp2_headers&, bool ended) {
  ClientStream& of = client_stream(stream);
  if (of.head_complete) return ended;
  if (of.status < 200) {  // an interim answer
    of.headers.clear();
    return !ended;
  }
  of.head_complete = true;
  of.head_size = 0;
  if (of.owner != nullptr) of.owner->on_progress();
  return true;
}

Session::BodyUse ClientSession::on_body(Stream& stream, std::size_t) {
  return stream.discard ? BodyUse::drop : BodyUse::keep;
}

}  // namespace weir::net::http2
