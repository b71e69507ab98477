// net/http2/session.h: a connection of HTTP/2 (RFC 9113) without I/O, what both of its sides share: frames
// in, frames out, windows, and each stream's buffers. nghttp2 is the codec; what it leaves to its user is
// here and in the sessions of the two sides. Whoever owns the bytes calls receive() and gather().
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weir::net::http2 {

constexpr std::size_t kOutboundMax = 64 * 1024;  // bytes that a stream holds back for its peer
constexpr std::size_t kFrameHeadSize = 9;        // RFC 9113 §4.1

// Hears what happens to its stream. Called from inside receive() and gather(): only flags may be set and
// waiters be woken there, the session must not be called.
class StreamOwner {
 public:
  virtual void on_progress() = 0;  // something has arrived, or something has left
  virtual void on_closed() = 0;    // see Stream::close_code

 protected:
  ~StreamOwner() = default;
};

struct Stream {
  explicit Stream(std::int32_t stream_id) : id(stream_id) {}
  virtual ~Stream() = default;

  std::size_t outbound_size() const { return outbound.size() - outbound_at; }

  std::int32_t id;
  StreamOwner* owner = nullptr;

  // What has arrived and was not taken: bounded by the window, which opens only by Session::consume.
  std::string inbound;
  std::uint64_t received = 0;  // bytes of the body, ever
  bool head_complete = false;  // a trailer section may follow
  bool inbound_ended = false;  // END_STREAM has arrived
  bool discard = false;        // nobody will take what arrives

  // What is to be sent. The owner appends and then calls Session::resume.
  std::string outbound;
  std::size_t outbound_at = 0;  // sent so far
  bool outbound_ended = false;  // END_STREAM follows the last byte
  bool outbound_sent = false;   // END_STREAM has been sent
  bool head_sent = false;
  bool deferred = false;  // nghttp2 waits for resume

  bool closed = false;
  std::uint32_t close_code = 0;
};

class Session {
 public:
  virtual ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Takes everything, unless the connection has failed meanwhile: then ended() is true after the next
  // gather().
  void receive(std::string_view bytes);
  // Appends frames until `out` has size_max bytes (the last frame may go beyond) or nothing is left.
  void gather(std::string& out, std::size_t size_max);
  bool ended() const;                            // nothing is to be read or sent any more
  bool failed() const { return failed_; }        // by an error: GOAWAY said which one
  bool head_open() const { return head_open_; }  // in the middle of a header block
  bool greeted() const { return greeted_; }      // the peer's first frame has come

  // The owner has taken `size` bytes of the inbound side: the peer may send as many again.
  void consume(Stream& stream, std::size_t size);
  void resume(Stream& stream);                     // after a change of the outbound side
  void reset(Stream& stream, std::uint32_t code);  // RST_STREAM, unless it is closed
  void forget(Stream& stream);                     // the owner is done; resets what is open. Destroys it
  void terminate(std::uint32_t code);              // GOAWAY with an error; nothing is read after it
  // GOAWAY in two steps (RFC 9113 §6.8): first no new streams, please; then the last one that is served.
  void announce_goaway();  // followed by a PING, whose answer is on_ping_answered
  void finish_goaway();
  void abandon();  // the connection is gone: every stream is closed

  std::size_t open_streams() const { return streams_.size(); }
  Stream* find(std::int32_t id) const;

 protected:
  struct Windows {
    std::uint32_t stream_bytes;
    std::uint32_t connection_bytes;
    // Whether one stream that nobody reads may use up the window of all. If not, only its own holds it back.
    bool shared = true;
  };
  Session(bool server, Windows windows, std::vector<nghttp2_settings_entry> settings);

  // Before a frame is looked at. False: the connection ends, terminate() has been called.
  virtual bool on_frame_begins(const nghttp2_frame_hd& head) = 0;
  // After its last byte. accepted: nghttp2 found nothing wrong and did not ignore it. known: its stream was
  // open.
  virtual void on_frame_ends(const nghttp2_frame_hd& head, bool accepted, bool known) = 0;
  virtual void on_frame(const nghttp2_frame&) {}
  virtual void on_data_sent() {}
  virtual void on_ping_answered() {}
  virtual std::unique_ptr<Stream> make_stream(
      std::int32_t id) = 0;  // of the peer's opening; null: none is allowed
  // False: the field makes the message malformed.
  virtual bool on_field(Stream& stream, std::string_view name, std::string_view value) = 0;
  // The end of a header block; false: the message is malformed.
  virtual bool on_head(Stream& stream, const nghttp2_headers& block, bool ended) = 0;
  // What becomes of a piece of a body that is not discarded: kept for the owner; dropped, and counted as
  // taken; dropped without opening the stream's window again; or the stream is reset without an error.
  enum class BodyUse : std::uint8_t { keep, drop, hold, reset };
  virtual BodyUse on_body(Stream& stream, std::size_t size) = 0;
  virtual void on_stream_closed(const Stream&) {}

  void adopt(std::unique_ptr<Stream> stream);
  nghttp2_session* raw() const { return session_.get(); }
  static nghttp2_data_provider provider(Stream& stream);

 private:
  struct Callbacks;
  friend struct Callbacks;
  struct Free {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  void take_preface(std::string_view& bytes);
  void take_frame(std::string_view& bytes);
  void feed(std::string_view bytes);
  void end_frame();

  std::unique_ptr<nghttp2_session, Free> session_;
  std::unordered_map<std::int32_t, std::unique_ptr<Stream>> streams_;
  std::string* target_ = nullptr;  // of the gather() under way
  std::size_t target_size_max_ = 0;

  const bool window_shared_;
  std::size_t preface_left_ = 0;
  std::array<std::uint8_t, kFrameHeadSize> frame_head_{};
  std::size_t frame_head_size_ = 0;  // bytes of it that have arrived
  nghttp2_frame_hd frame_{};
  std::size_t payload_left_ = 0;
  bool frame_known_ = false;
  bool frame_accepted_ = false;
  bool head_open_ = false;
  bool greeted_ = false;
  bool failed_ = false;
};

}  // namespace weir::net::http2
