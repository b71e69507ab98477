// A client of HTTP/2 that says exactly the frames it is given, right or wrong: for tests of the server.
#pragma once

#include <nghttp2/nghttp2.h>

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/headers.h"
#include "net_raw_client.h"

namespace weir::net::test {

enum FrameType : std::uint8_t {
  kData,
  kHeaders,
  kPriority,
  kReset,
  kSettings,
  kPushPromise,
  kPing,
  kGoaway,
  kWindow,
  kContinuation
};
constexpr std::uint8_t kEndStream = 1, kAck = 1, kEndHeaders = 4, kPadded = 8;

struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::int32_t id = 0;
  std::string payload;
};

struct Http2Answer {
  int status = 0;
  std::vector<int> interim;
  Headers headers;
  std::string body;
  std::size_t data_frames = 0;
  bool ended = false;
  std::optional<std::uint32_t> reset;
};

inline std::string number(std::uint32_t value, int bytes = 4) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
  return out;
}

inline std::string frame(std::uint8_t type, std::uint8_t flags, std::int32_t id,
                         std::string_view payload = {}) {
  return number(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + number(static_cast<std::uint32_t>(id)) + std::string(payload);
}

// RFC 7541 §5.1 and §6.2.2: literals, no table, no Huffman code.
inline std::string hpack_text(std::string_view text) {
  std::string out;
  std::size_t size = text.size();
  if (size < 127) {
    out += static_cast<char>(size);
  } else {
    out += static_cast<char>(127);
    for (size -= 127; size >= 128; size >>= 7U) out += static_cast<char>(0x80U | (size & 0x7FU));
    out += static_cast<char>(size);
  }
  return out + std::string(text);
}

using Fields = std::vector<std::pair<std::string, std::string>>;

inline std::string block(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) out += '\0' + hpack_text(name) + hpack_text(value);
  return out;
}

inline Fields request_fields(std::string_view method, std::string_view path, const Fields& more = {}) {
  Fields fields{{":method", std::string(method)},
                {":scheme", "http"},
                {":path", std::string(path)},
                {":authority", "weir"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

class Http2Client {
 public:
  // Sends the preface and SETTINGS with this payload.
  explicit Http2Client(std::uint16_t port, std::string_view settings = {}) : raw_(port) {
    nghttp2_hd_inflate_new(&inflater_);
    raw_.send(std::string(kHttp2Preface) + frame(kSettings, 0, 0, settings));
  }
  ~Http2Client() { nghttp2_hd_inflate_del(inflater_); }
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;

  RawClient& raw() { return raw_; }
  bool send(std::string_view bytes) { return raw_.send(bytes); }

  // Opens the next stream.
  std::int32_t head(const Fields& fields, bool ended = true) {
    const std::int32_t id = std::exchange(next_id_, next_id_ + 2);
    constexpr std::size_t kPart = 16'000;
    std::string left = block(fields);
    auto type = kHeaders;
    std::uint8_t flags = ended ? kEndStream : 0;
    for (; left.size() > kPart; left.erase(0, kPart)) {
      send(frame(type, flags, id, left.substr(0, kPart)));
      type = kContinuation;
      flags = 0;
    }
    send(frame(type, static_cast<std::uint8_t>(flags | kEndHeaders), id, left));
    return id;
  }
  std::int32_t get(std::string_view path, const Fields& more = {}) {
    return head(request_fields("GET", path, more));
  }
  std::int32_t post(std::string_view path, std::string_view body, const Fields& more = {}) {
    const std::int32_t id = head(request_fields("POST", path, more), false);
    send(frame(kData, kEndStream, id, body));
    return id;
  }
  void window(std::int32_t id, std::uint32_t increment) { send(frame(kWindow, 0, id, number(increment))); }
  void reset(std::int32_t id, std::uint32_t code = NGHTTP2_CANCEL) {
    send(frame(kReset, 0, id, number(code)));
  }

  // Reads one frame and takes note of it. Empty: none came in time, or the connection has ended.
  std::optional<Frame> next(std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    std::string& bytes = raw_.received();
    const auto at = [&](std::size_t i) {
      return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i]));
    };
    while (bytes.size() < 9 || bytes.size() < 9 + (at(0) << 16U | at(1) << 8U | at(2))) {
      if (!raw_.fill(timeout)) return std::nullopt;
    }
    const std::size_t size = at(0) << 16U | at(1) << 8U | at(2);
    Frame got{static_cast<std::uint8_t>(at(3)), static_cast<std::uint8_t>(at(4)),
              static_cast<std::int32_t>((at(5) & 0x7FU) << 24U | at(6) << 16U | at(7) << 8U | at(8)),
              bytes.substr(9, size)};
    bytes.erase(0, 9 + size);
    note(got);
    return got;
  }

  // Reads until the stream has ended, one way or another.
  Http2Answer& answer(std::int32_t id, std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    Http2Answer& of = answers_[id];
    while (!of.ended && !of.reset && next(timeout)) {
    }
    return of;
  }
  // Reads until one frame of that type has come.
  std::optional<Frame> next_of(std::uint8_t type,
                               std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    while (auto got = next(timeout)) {
      if (got->type == type) return got;
    }
    return std::nullopt;
  }
  Http2Answer& so_far(std::int32_t id) { return answers_[id]; }

  // Reads to the end of the connection: the code of its GOAWAY.
  std::optional<std::uint32_t> end(std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    while (next(timeout)) {
    }
    return goaway_;
  }
  std::optional<std::uint32_t> goaway() const { return goaway_; }
  std::int32_t goaway_last_id() const { return goaway_last_id_; }
  std::size_t pings_answered() const { return pings_answered_; }

 private:
  static std::uint32_t number_at(const std::string& text, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) value = value << 8U | static_cast<unsigned char>(text[i]);
    return value;
  }

  void note(const Frame& got) {
    Http2Answer& of = answers_[got.id];
    if (got.type == kSettings && (got.flags & kAck) == 0) send(frame(kSettings, kAck, 0));
    if (got.type == kPing && (got.flags & kAck) == 0) send(frame(kPing, kAck, 0, got.payload));
    if (got.type == kPing && (got.flags & kAck) != 0) ++pings_answered_;
    if (got.type == kReset) of.reset = number_at(got.payload, 0);
    if (got.type == kGoaway) {
      goaway_last_id_ = static_cast<std::int32_t>(number_at(got.payload, 0));
      goaway_ = number_at(got.payload, 4);
    }
    if (got.type == kHeaders) note_head(of, got.payload);
    if (got.type == kData) {
      of.body += got.payload;
      ++of.data_frames;
    }
    if ((got.type == kHeaders || got.type == kData) && (got.flags & kEndStream) != 0) of.ended = true;
  }

  void note_head(Http2Answer& of, const std::string& payload) {
    const auto* in = reinterpret_cast<const std::uint8_t*>(payload.data());
    std::size_t left = payload.size();
    while (true) {
      nghttp2_nv nv{};
      int flags = 0;
      const ssize_t taken = nghttp2_hd_inflate_hd2(inflater_, &nv, &flags, in, left, 1);
      if (taken < 0) return;
      in += taken;
      left -= static_cast<std::size_t>(taken);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        const std::string name(reinterpret_cast<const char*>(nv.name), nv.namelen);
        const std::string value(reinterpret_cast<const char*>(nv.value), nv.valuelen);
        if (name != ":status") {
          of.headers.add(name, value);
        } else if (value.starts_with('1')) {
          of.interim.push_back(std::stoi(value));
        } else {
          of.status = std::stoi(value);
        }
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
  }

  RawClient raw_;
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::int32_t next_id_ = 1;
  std::map<std::int32_t, Http2Answer> answers_;
  std::optional<std::uint32_t> goaway_;
  std::int32_t goaway_last_id_ = 0;
  std::size_t pings_answered_ = 0;
};

}  // namespace weir::net::test
