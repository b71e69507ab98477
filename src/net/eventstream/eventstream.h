// net/eventstream/eventstream.h: application/vnd.amazon.eventstream, the binary frames in which AWS streams
// answers, without I/O. Source: the AWS SDKs ("Event Stream Encoding", smithy.io/2.0/aws/amazon-eventstream).
//
//   total size u32 | headers size u32 | CRC-32 of these 8 bytes u32 | headers | payload | CRC-32 of all
//   before u32
//
// Everything is big-endian. A header is: name size u8, name, type u8, value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace weir::net {

enum class FrameHeaderType : std::uint8_t {
  yes = 0,   // boolean true, no value bytes
  no = 1,    // boolean false, no value bytes
  byte = 2,  // i8
  int16 = 3,
  int32 = 4,
  int64 = 5,
  bytes = 6,      // u16 size, bytes
  text = 7,       // u16 size, UTF-8
  timestamp = 8,  // i64, milliseconds since 1970
  uuid = 9,       // 16 bytes
};

struct FrameHeader {
  std::string_view name;
  FrameHeaderType type = FrameHeaderType::text;
  std::string_view bytes = {};  // of bytes, text and uuid
  std::int64_t number = 0;      // of byte, int16, int32, int64 and timestamp
};

struct Frame {
  std::vector<FrameHeader> headers;
  std::string_view payload;

  std::string_view text(std::string_view name) const;  // a text header; empty when absent
};

// What the format allows (the AWS SDKs refuse more).
constexpr std::size_t kFrameHeadersSizeMax = 128 * 1024;
constexpr std::size_t kFramePayloadSizeMax = 24 * 1024 * 1024;

// Finds frames in bytes that arrive in any pieces. Both checksums are verified, that of the sizes before
// they are believed.
class FrameDecoder {
 public:
  explicit FrameDecoder(std::size_t payload_size_max = kFramePayloadSizeMax)
      : payload_size_max_(payload_size_max) {}
  // Calls on_frame for each frame that `bytes` completes; its views are valid during the call. too_large: a
  // frame over the limits; upstream_failed: bytes that are no frame. The decoder is of no use after that.
  Result<> feed(std::string_view bytes, const std::function<void(const Frame&)>& on_frame);
  // The bytes so far end where a frame ends.
  bool at_boundary() const { return pending_.empty(); }
  std::size_t open_size() const { return pending_.size(); }  // of the frame that has not ended

 private:
  Result<std::size_t> frame_size(std::string_view prelude) const;
  Result<> take(std::string_view bytes, const std::function<void(const Frame&)>& on_frame);

  std::size_t payload_size_max_;
  std::string pending_;  // the beginning of a frame that an earlier piece held
  Frame frame_;          // keeps its memory from one frame to the next
};

// Appends one frame. invalid_request: a name or value of a size that the format cannot carry; too_large:
// headers or payload over its limits. Nothing is appended then.
Result<> append_frame(std::string& out, const Frame& frame);

}  // namespace weir::net
