// net/http2/client_session.h: the client's side of a connection of HTTP/2, without I/O: requests and their
// answers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/headers.h"
#include "net/http2/session.h"

namespace weir::net::http2 {

struct ClientStream final : Stream {
  using Stream::Stream;

  int status = 0;
  Headers headers;  // of the final answer, once head_complete
  std::size_t head_size = 0;
};

class ClientSession final : public Session {
 public:
  // head_size_max: of an answer's fields.
  ClientSession(std::uint32_t stream_window_bytes, std::size_t head_size_max);

  // The fields in order, pseudo-fields first, checked by the caller. with_body: resume() and Stream::outbound
  // bring it. The stream is valid until forget(). Null: this connection has no ids left.
  ClientStream* request(const std::vector<std::pair<std::string, std::string>>& fields, bool with_body);

  // The server has said that it takes no new requests.
  bool going_away() const { return going_away_; }
  // How many requests it answers at a time.
  std::size_t streams_max() const;

 private:
  bool on_frame_begins(const nghttp2_frame_hd&) override { return true; }
  void on_frame_ends(const nghttp2_frame_hd&, bool, bool) override {}
  void on_frame(const nghttp2_frame& frame) override;
  std::unique_ptr<Stream> make_stream(std::int32_t) override { return nullptr; }
  bool on_field(Stream& stream, std::string_view name, std::string_view value) override;
  bool on_head(Stream& stream, const nghttp2_headers& block, bool ended) override;
  BodyUse on_body(Stream& stream, std::size_t size) override;

  const std::size_t head_size_max_;
  bool going_away_ = false;
};

}  // namespace weir::net::http2
