#include "net/eventstream/eventstream.h"

#include <zlib.h>

#include <algorithm>
#include <optional>

namespace weir::net {
namespace {

constexpr std::size_t kPreludeSize = 12;  // two sizes and their checksum
constexpr std::size_t kOverhead = kPreludeSize + 4;
constexpr std::size_t kUuidSize = 16;

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::uint64_t read_unsigned(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::int64_t read_signed(std::string_view bytes) {
  const auto unused = static_cast<unsigned>(64 - 8 * bytes.size());
  return static_cast<std::int64_t>(read_unsigned(bytes) << unused) >> unused;
}

void append_number(std::string& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i > 0; --i) out += static_cast<char>(value >> (8 * (i - 1)) & 0xFF);
}

// Value bytes of the types with a fixed size; 0 for the booleans; nullopt for bytes and text.
std::optional<std::size_t> fixed_size(FrameHeaderType type) {
  switch (type) {
    case FrameHeaderType::yes:
    case FrameHeaderType::no: return 0;
    case FrameHeaderType::byte: return 1;
    case FrameHeaderType::int16: return 2;
    case FrameHeaderType::int32: return 4;
    case FrameHeaderType::int64:
    case FrameHeaderType::timestamp: return 8;
    case FrameHeaderType::uuid: return kUuidSize;
    case FrameHeaderType::bytes:
    case FrameHeaderType::text: return std::nullopt;
  }
  return std::nullopt;
}

std::unexpected<Error> broken(std::string_view what) {
  return fail(Code::upstream_failed, "the event stream is broken: " + std::string(what));
}

// Takes from the front of the headers' bytes.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool at_end() const { return bytes_.empty(); }
  std::optional<std::string_view> take(std::size_t size) {
    if (bytes_.size() < size) return std::nullopt;
    const std::string_view front = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return front;
  }
  std::optional<std::string_view> take_sized(std::size_t size_of_size) {
    const auto size = take(size_of_size);
    return size ? take(read_unsigned(*size)) : std::nullopt;
  }

 private:
  std::string_view bytes_;
};

Result<> read_headers(std::string_view bytes, std::vector<FrameHeader>& headers) {
  Reader reader(bytes);
  while (!reader.at_end()) {
    FrameHeader header;
    const auto name = reader.take_sized(1);
    const auto type = reader.take(1);
    if (!name || !type || name->empty()) return broken("a header is cut off, or has no name");
    if (static_cast<unsigned char>(type->front()) > 9) return broken("a header has an unknown type");
    header.name = *name;
    header.type = static_cast<FrameHeaderType>(type->front());
    const auto size = fixed_size(header.type);
    const auto value = size ? reader.take(*size) : reader.take_sized(2);
    if (!value) return broken("a header's value is cut off");
    if (!size || *size == kUuidSize) {
      header.bytes = *value;
    } else if (*size > 0) {
      header.number = read_signed(*value);
    }
    if (std::ranges::find(headers, header.name, &FrameHeader::name) != headers.end()) {
      return broken("a header stands twice");
    }
    headers.push_back(header);
  }
  return {};
}

Result<> append_header(std::string& out, const FrameHeader& header) {
  const auto size = fixed_size(header.type);
  const bool is_uuid = header.type == FrameHeaderType::uuid;
  if (header.name.empty() || header.name.size() > 0xFF || (!size && header.bytes.size() > 0xFFFF) ||
      (is_uuid && header.bytes.size() != kUuidSize)) {
    return fail(Code::invalid_request, "an event stream cannot carry the header " + std::string(header.name));
  }
  append_number(out, header.name.size(), 1);
  out += header.name;
  append_number(out, static_cast<std::uint64_t>(header.type), 1);
  if (!size) append_number(out, header.bytes.size(), 2);
  if (!size || is_uuid) {
    out += header.bytes;
  } else {
    append_number(out, static_cast<std::uint64_t>(header.number), *size);
  }
  return {};
}

}  // namespace

std::string_view Frame::text(std::string_view name) const {
  for (const FrameHeader& header : headers) {
    if (header.name == name) return header.type == FrameHeaderType::text ? header.bytes : std::string_view();
  }
  return {};
}

Result<std::size_t> FrameDecoder::frame_size(std::string_view prelude) const {
  if (checksum(prelude.substr(0, 8)) != read_unsigned(prelude.substr(8, 4))) {
    return broken("the checksum of a frame's sizes is wrong");
  }
  const std::size_t total = read_unsigned(prelude.substr(0, 4));
  const std::size_t headers = read_unsigned(prelude.substr(4, 4));
  if (total < kOverhead || headers > total - kOverhead)
    return broken("the sizes of a frame contradict each other");
  if (headers > kFrameHeadersSizeMax || total - kOverhead - headers > payload_size_max_) {
    return fail(Code::too_large, "a frame of the event stream is larger than its limit");
  }
  return total;
}

// `bytes` are one whole frame, its sizes checked.
Result<> FrameDecoder::take(std::string_view bytes, const std::function<void(const Frame&)>& on_frame) {
  const std::size_t end = bytes.size() - 4;
  if (checksum(bytes.substr(0, end)) != read_unsigned(bytes.substr(end))) {
    return broken("the checksum of a frame is wrong");
  }
  const std::size_t headers_size = read_unsigned(bytes.substr(4, 4));
  frame_.headers.clear();
  auto headers = read_headers(bytes.substr(kPreludeSize, headers_size), frame_.headers);
  if (!headers) return fail(headers);
  frame_.payload = bytes.substr(kPreludeSize + headers_size, end - kPreludeSize - headers_size);
  on_frame(frame_);
  return {};
}

Result<> FrameDecoder::feed(std::string_view bytes, const std::function<void(const Frame&)>& on_frame) {
  while (!bytes.empty()) {
    if (pending_.empty() &&
        bytes.size() >= kPreludeSize) {  // the usual case: whole frames, read where they stand
      const auto size = frame_size(bytes);
      if (!size) return std::unexpected(size.error());
      if (bytes.size() >= *size) {
        auto taken = take(bytes.substr(0, *size), on_frame);
        if (!taken) return fail(taken);
        bytes.remove_prefix(*size);
        continue;
      }
    }
    std::size_t wanted = kPreludeSize;
    if (pending_.size() >= kPreludeSize) {
      const auto size = frame_size(pending_);
      if (!size) return std::unexpected(size.error());
      wanted = *size;
    }
    const std::size_t taken = std::min(bytes.size(), wanted - pending_.size());
    pending_ += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    if (pending_.size() < wanted) continue;
    if (wanted == kPreludeSize) {
      const auto size = frame_size(pending_);
      if (!size) return std::unexpected(size.error());
      continue;  // the smallest frame is larger than its prelude
    }
    auto whole = take(pending_, on_frame);
    if (!whole) return fail(whole);
    pending_.clear();
  }
  return {};
}

Result<> append_frame(std::string& out, const Frame& frame) {
  std::string headers;
  for (const FrameHeader& header : frame.headers) {
    auto appended = append_header(headers, header);
    if (!appended) return fail(appended);
  }
  if (headers.size() > kFrameHeadersSizeMax || frame.payload.size() > kFramePayloadSizeMax) {
    return fail(Code::too_large, "an event stream cannot carry a frame of " +
                                     std::to_string(frame.payload.size()) + " bytes with headers of " +
                                     std::to_string(headers.size()));
  }
  const std::size_t begin = out.size();
  const std::size_t total = kOverhead + headers.size() + frame.payload.size();
  out.reserve(begin + total);
  append_number(out, total, 4);
  append_number(out, headers.size(), 4);
  append_number(out, checksum(std::string_view(out).substr(begin)), 4);
  out += headers;
  out += frame.payload;
  append_number(out, checksum(std::string_view(out).substr(begin)), 4);
  return {};
}

}  // namespace weir::net
