#include "net/http2/session.h"

#include "base/error.h"

namespace weir::net::http2 {
namespace {

constexpr std::size_t kPrefaceSize = 24;         // RFC 9113 §3.4
constexpr std::size_t kOutboundKept = 4 * 1024;  // capacity that stays while a stream is quiet
constexpr std::size_t kCompactedAt = 32 * 1024;  // sent bytes that are worth moving the rest
constexpr std::size_t kSettingsEntriesMax = 32;  // in one frame of the peer
constexpr std::size_t kContinuationsMax = 8;     // of one header block

std::string_view text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_frame_hd parse_frame_head(const std::uint8_t* bytes) {
  nghttp2_frame_hd head{};
  head.length =
      static_cast<std::size_t>(bytes[0]) << 16U | static_cast<std::size_t>(bytes[1]) << 8U | bytes[2];
  head.type = bytes[3];
  head.flags = bytes[4];
  head.stream_id =
      static_cast<std::int32_t>((bytes[5] & 0x7FU) << 24U | static_cast<unsigned>(bytes[6]) << 16U |
                                static_cast<unsigned>(bytes[7]) << 8U | bytes[8]);
  return head;
}

std::uint32_t code_of(ssize_t failure) {
  switch (failure) {
    case NGHTTP2_ERR_FLOODED:
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
    case NGHTTP2_ERR_TOO_MANY_SETTINGS: return NGHTTP2_ENHANCE_YOUR_CALM;
    case NGHTTP2_ERR_NOMEM: return NGHTTP2_INTERNAL_ERROR;
    default: return NGHTTP2_PROTOCOL_ERROR;
  }
}

}  // namespace

// What nghttp2 calls. Nothing may throw through it.
struct Session::Callbacks {
  static Session& self(void* user) { return *static_cast<Session*>(user); }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Session& session = self(user);
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    auto stream = session.make_stream(frame->hd.stream_id);
    if (!stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    session.adopt(std::move(stream));
    return 0;
  }

  static int header(nghttp2_session* raw, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                    void* user) {
    Session& session = self(user);
    Stream* const stream = session.find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (session.on_field(*stream, text(name, name_size), text(value, value_size))) return 0;
    return refuse(raw, frame->hd.stream_id);
  }

  // nghttp2 would leave the field out; RFC 9113 §8.2.1 calls the message malformed.
  static int invalid_header(nghttp2_session* raw, const nghttp2_frame* frame, const std::uint8_t*,
                            std::size_t, const std::uint8_t*, std::size_t, std::uint8_t, void*) {
    return refuse(raw, frame->hd.stream_id);
  }

  // The rest of the block is decoded, but not shown (the compression state is the connection's).
  static int refuse(nghttp2_session* raw, std::int32_t id) {
    nghttp2_submit_rst_stream(raw, NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int frame_received(nghttp2_session* raw, const nghttp2_frame* frame, void* user) {
    Session& session = self(user);
    session.frame_accepted_ = true;
    session.on_frame(*frame);
    const bool ended = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0)
      session.on_ping_answered();
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    Stream* const stream = session.find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && !session.on_head(*stream, frame->headers, ended)) {
      session.frame_accepted_ = false;
      nghttp2_submit_rst_stream(raw, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_PROTOCOL_ERROR);
      return 0;
    }
    if (!ended) return 0;
    stream->inbound_ended = true;
    if (stream->owner != nullptr) stream->owner->on_progress();
    return 0;
  }

  static int data(nghttp2_session* raw, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                  std::size_t size, void* user) {
    Session& session = self(user);
    Stream* const stream = session.find(id);
    if (stream == nullptr) {
      nghttp2_session_consume(raw, id, size);
      return 0;
    }
    stream->received += size;
    switch (session.on_body(*stream, size)) {
      case BodyUse::keep:
        stream->inbound.append(text(bytes, size));
        if (!session.window_shared_) nghttp2_session_consume_connection(raw, size);
        if (stream->owner != nullptr) stream->owner->on_progress();
        return 0;
      case BodyUse::hold: nghttp2_session_consume_connection(raw, size); return 0;
      case BodyUse::reset: nghttp2_submit_rst_stream(raw, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR); break;
      case BodyUse::drop: break;
    }
    nghttp2_session_consume(raw, id, size);
    return 0;
  }

  static int stream_closed(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
    Session& session = self(user);
    Stream* const stream = session.find(id);
    if (stream == nullptr) return 0;
    stream->closed = true;
    stream->close_code = code;
    session.on_stream_closed(*stream);
    if (stream->owner != nullptr) {
      stream->owner->on_closed();
      return 0;
    }
    if (session.window_shared_) nghttp2_session_consume_connection(session.raw(), stream->inbound.size());
    session.streams_.erase(id);
    return 0;
  }

  static ssize_t read_outbound(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t size,
                               std::uint32_t* flags, nghttp2_data_source* source, void*) {
    Stream& stream = *static_cast<Stream*>(source->ptr);
    const std::size_t ready = std::min(stream.outbound_size(), size);
    if (ready == 0 && !stream.outbound_ended) {
      stream.deferred = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (ready == stream.outbound_size() && stream.outbound_ended) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(ready);
  }

  static int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head, std::size_t size,
                       nghttp2_data_source* source, void* user) {
    Session& session = self(user);
    std::string& out = *session.target_;
    if (out.size() >= session.target_size_max_) return NGHTTP2_ERR_WOULDBLOCK;
    Stream& stream = *static_cast<Stream*>(source->ptr);
    out.append(text(head, kFrameHeadSize));
    out.append(stream.outbound, stream.outbound_at, size);
    stream.outbound_at += size;
    if (stream.outbound_size() == 0) {
      stream.outbound.clear();
      stream.outbound_at = 0;
      if (stream.outbound.capacity() > kOutboundKept) stream.outbound.shrink_to_fit();
    } else if (stream.outbound_at >= kCompactedAt && 2 * stream.outbound_at >= stream.outbound.size()) {
      stream.outbound.erase(0, stream.outbound_at);
      stream.outbound_at = 0;
    }
    return 0;
  }

  static int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Session& session = self(user);
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR)
      session.failed_ = true;
    if (frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS) return 0;
    if (frame->hd.type == NGHTTP2_DATA) session.on_data_sent();
    Stream* const stream = session.find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    stream->head_sent = true;
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) stream->outbound_sent = true;
    if (stream->owner != nullptr) stream->owner->on_progress();
    return 0;
  }

  static void set(nghttp2_session_callbacks* callbacks) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_received);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_closed);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, send_data);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frame_sent);
  }
};

Session::Session(bool server, Windows windows, std::vector<nghttp2_settings_entry> settings)
    : window_shared_(windows.shared), preface_left_(server ? kPrefaceSize : 0) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_option* option = nullptr;
  nghttp2_session* session = nullptr;
  WEIR_ASSERT(nghttp2_session_callbacks_new(&callbacks) == 0 && nghttp2_option_new(&option) == 0);
  Callbacks::set(callbacks);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_max_settings(option, kSettingsEntriesMax);
  nghttp2_option_set_max_continuations(option, kContinuationsMax);
  const int made = server ? nghttp2_session_server_new2(&session, callbacks, this, option)
                          : nghttp2_session_client_new2(&session, callbacks, this, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  WEIR_ASSERT(made == 0);
  session_.reset(session);
  settings.push_back({NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, windows.stream_bytes});
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
                                        static_cast<std::int32_t>(windows.connection_bytes));
}

Session::~Session() = default;

void Session::receive(std::string_view bytes) {
  while (!bytes.empty() && !failed_) {
    if (preface_left_ > 0) {
      take_preface(bytes);
    } else {
      take_frame(bytes);
    }
  }
}

void Session::take_preface(std::string_view& bytes) {
  const std::size_t size = std::min(preface_left_, bytes.size());
  feed(bytes.substr(0, size));
  preface_left_ -= size;
  bytes.remove_prefix(size);
}

// nghttp2 is fed one frame at a time, so that what each one costs is judged before the next.
void Session::take_frame(std::string_view& bytes) {
  if (frame_head_size_ < kFrameHeadSize) {
    const std::size_t size = std::min(kFrameHeadSize - frame_head_size_, bytes.size());
    std::copy_n(bytes.data(), size, frame_head_.begin() + static_cast<std::ptrdiff_t>(frame_head_size_));
    frame_head_size_ += size;
    bytes.remove_prefix(size);
    if (frame_head_size_ < kFrameHeadSize) return;
    frame_ = parse_frame_head(frame_head_.data());
    payload_left_ = frame_.length;
    frame_accepted_ = false;
    const Stream* const stream = find(frame_.stream_id);
    frame_known_ = stream != nullptr && !stream->closed;
    if (!on_frame_begins(frame_)) {
      failed_ = true;
      return;
    }
    if (frame_.type == NGHTTP2_HEADERS) head_open_ = true;
    feed(text(frame_head_.data(), kFrameHeadSize));
  }
  const std::size_t size = std::min(payload_left_, bytes.size());
  if (size > 0 && !failed_) feed(bytes.substr(0, size));
  payload_left_ -= size;
  bytes.remove_prefix(size);
  if (payload_left_ == 0 && !failed_) end_frame();
}

void Session::end_frame() {
  frame_head_size_ = 0;
  greeted_ = true;
  const bool block = frame_.type == NGHTTP2_HEADERS || frame_.type == NGHTTP2_CONTINUATION;
  const bool block_ended = block && (frame_.flags & NGHTTP2_FLAG_END_HEADERS) != 0;
  if (block_ended) head_open_ = false;
  // The verdict on a header block stands at its end.
  on_frame_ends(frame_, frame_accepted_ || (block && !block_ended), frame_known_);
}

void Session::feed(std::string_view bytes) {
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const ssize_t taken = nghttp2_session_mem_recv(session_.get(), data, bytes.size());
  if (taken < 0) terminate(code_of(taken));
}

void Session::gather(std::string& out, std::size_t size_max) {
  target_ = &out;
  target_size_max_ = size_max;
  while (out.size() < size_max) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (size <= 0) break;  // below zero: no memory, or a frame of ours that is wrong; the peer will miss it
    out.append(text(bytes, static_cast<std::size_t>(size)));
  }
  target_ = nullptr;
}

bool Session::ended() const {
  return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

void Session::consume(Stream& stream, std::size_t size) {
  if (size == 0) return;
  if (window_shared_) {
    nghttp2_session_consume(session_.get(), stream.id, size);
  } else if (!stream.closed) {
    nghttp2_session_consume_stream(session_.get(), stream.id, size);
  }
}

void Session::resume(Stream& stream) {
  if (!std::exchange(stream.deferred, false) || stream.closed) return;
  nghttp2_session_resume_data(session_.get(), stream.id);
}

void Session::reset(Stream& stream, std::uint32_t code) {
  if (!stream.closed) nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream.id, code);
}

void Session::forget(Stream& stream) {
  stream.owner = nullptr;
  stream.discard = true;
  consume(stream, stream.inbound.size());
  stream.inbound = std::string();
  if (stream.closed) {
    streams_.erase(stream.id);
  } else {
    reset(stream, NGHTTP2_CANCEL);
  }
}

void Session::terminate(std::uint32_t code) {
  failed_ = true;
  nghttp2_session_terminate_session(session_.get(), code);
}

void Session::announce_goaway() {
  nghttp2_submit_shutdown_notice(session_.get());
  nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
}

void Session::finish_goaway() {
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_.get()), NGHTTP2_NO_ERROR, nullptr,
                        0);
}

void Session::abandon() {
  for (auto& [id, stream] : streams_) {
    if (std::exchange(stream->closed, true)) continue;
    stream->close_code = NGHTTP2_INTERNAL_ERROR;
    if (stream->owner != nullptr) stream->owner->on_closed();
  }
}

Stream* Session::find(std::int32_t id) const {
  const auto found = streams_.find(id);
  return found != streams_.end() ? found->second.get() : nullptr;
}

void Session::adopt(std::unique_ptr<Stream> stream) {
  streams_[stream->id] = std::move(stream);
}

nghttp2_data_provider Session::provider(Stream& stream) {
  nghttp2_data_provider made{};
  made.source.ptr = &stream;
  made.read_callback = &Callbacks::read_outbound;
  return made;
}

}  // namespace weir::net::http2
