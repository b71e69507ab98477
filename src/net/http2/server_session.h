// net/http2/server_session.h: the server's side of a connection of HTTP/2, without I/O: requests, answers,
// and the limits on what a client may do.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "net/http.h"
#include "net/http2/abuse.h"
#include "net/http2/request_head.h"
#include "net/http2/session.h"
#include "net/server.h"

namespace weir::net::http2 {

struct ServerStream final : Stream {
  ServerStream(std::int32_t stream_id, const ServerConfig& limits)
      : Stream(stream_id), head(limits, request) {}

  Request request;  // complete when on_request hears of it; body, peer and secure are the driver's
  RequestHead head;
  bool too_large = false;        // the body has outgrown body_size_max
  std::size_t discard_left = 0;  // with `discard`: bytes that may still come before the stream is reset
};

class ServerSession final : public Session {
 public:
  class Listener {
   public:
    // A request whose head is complete. With stream.head.refusal() it is to be answered with that.
    // May set stream.owner; the session must not be called from here.
    virtual void on_request(ServerStream& stream) = 0;
    virtual void on_drained() = 0;                         // the client has heard of announce_goaway()
    virtual void on_refused(std::string_view reason) = 0;  // of a stream or the connection: a metric label

   protected:
    ~Listener() = default;
  };

  ServerSession(const ServerConfig& limits, Listener& listener);

  // `now`: for what is counted over time.
  void receive_at(std::string_view bytes, Monotonic now);

  // The head of an answer. with_body: resume() and Stream::outbound bring it. Fields that only HTTP/1.1 has,
  // or that are the server's, are left out. False, and nothing is sent, when a field is not valid.
  bool respond(ServerStream& stream, int status, const Headers& headers, std::int64_t content_length,
               std::string_view date, bool with_body);
  void send_continue(ServerStream& stream);
  // After a whole answer: drops what is left of the request's body, up to `size`, then resets.
  void discard_body(ServerStream& stream, std::size_t size);

 private:
  bool on_frame_begins(const nghttp2_frame_hd& head) override;
  void on_frame_ends(const nghttp2_frame_hd& head, bool accepted, bool known) override;
  void on_frame(const nghttp2_frame& frame) override;
  void on_data_sent() override { window_credit_ = std::min(window_credit_ + 2, kWindowCreditMax); }
  void on_ping_answered() override { listener_.on_drained(); }
  std::unique_ptr<Stream> make_stream(std::int32_t id) override;
  bool on_field(Stream& stream, std::string_view name, std::string_view value) override;
  bool on_head(Stream& stream, const nghttp2_headers& block, bool ended) override;
  BodyUse on_body(Stream& stream, std::size_t size) override;
  void on_stream_closed(const Stream& stream) override;

  std::size_t cost_of(const nghttp2_frame_hd& head, bool accepted, bool known);
  bool is_skipped(std::int32_t id);
  void calm_down(std::string_view reason);

  // A client may grant window twice for each DATA frame that it got: to the stream and to the connection.
  static constexpr std::size_t kWindowCreditMax = 1'000;
  static constexpr std::size_t kSkippedRangesMax = 16;

  const ServerConfig& limits_;
  Listener& listener_;
  AbuseMeter abuse_;
  Monotonic now_{};
  std::size_t window_credit_ = 0;
  std::size_t trailer_size_ = 0;
  bool empty_data_ = false;  // the frame under way carries no byte of a body
  std::int32_t highest_id_ = 0;
  std::vector<std::pair<std::int32_t, std::int32_t>> skipped_;  // ids below it that were never used
};

}  // namespace weir::net::http2
