#include "app/documents/formats/zip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace weir::app {
namespace {

constexpr std::uint32_t kEndMark = 0x06054B50;
constexpr std::uint32_t kDirectoryMark = 0x02014B50;
constexpr std::uint32_t kLocalMark = 0x04034B50;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kDirectorySize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kCommentMax = 65'535;
constexpr std::uint16_t kStored = 0, kDeflated = 8;
constexpr std::uint16_t kEncryptedFlag = 1;
constexpr std::uint32_t kInZip64 = 0xFFFFFFFF;

std::uint64_t number(std::string_view bytes, std::size_t at, int size) {
  std::uint64_t value = 0;
  for (int i = size; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}
std::uint16_t u16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(number(bytes, at, 2));
}
std::uint32_t u32(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(number(bytes, at, 4));
}

std::unexpected<Error> damaged(const std::string& how) {
  return fail(Code::invalid_request, "its archive is damaged: " + how, "save or pack it again");
}

std::unexpected<Error> too_large() {
  return fail(
      Code::too_large,
      "it is too large when unpacked: more than " + std::to_string(ZipArchive::kUnpackedMax >> 20) + " MiB",
      "split it");
}

std::optional<std::size_t> find_end(std::string_view bytes) {
  if (bytes.size() < kEndSize) return std::nullopt;
  const std::size_t last = bytes.size() - kEndSize;
  const std::size_t first = last > kCommentMax ? last - kCommentMax : 0;
  for (std::size_t at = last + 1; at-- > first;) {
    if (u32(bytes, at) == kEndMark && at + kEndSize + u16(bytes, at + 20) <= bytes.size()) return at;
  }
  return std::nullopt;
}

bool leads_out(std::string_view name) {
  if (name.starts_with('/') || name.starts_with('\\') || name.find('\0') != std::string_view::npos)
    return true;
  if (name.size() > 1 && name[1] == ':') return true;
  for (std::size_t at = 0; (at = name.find("..", at)) != std::string_view::npos; at += 2) {
    const bool begins = at == 0 || name[at - 1] == '/' || name[at - 1] == '\\';
    const bool ends = at + 2 == name.size() || name[at + 2] == '/' || name[at + 2] == '\\';
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace

Result<ZipArchive> ZipArchive::open(std::string_view bytes) {
  const auto end = find_end(bytes);
  if (!end) return damaged("its directory is missing, as when it was cut short");
  const std::size_t count = u16(bytes, *end + 10);
  std::size_t at = u32(bytes, *end + 16);
  if (count > kMembersMax)
    return fail(Code::too_large, "its archive has more than 20,000 members", "split it");
  ZipArchive archive;
  archive.bytes_ = bytes;
  for (std::size_t i = 0; i < count; ++i) {
    if (at > *end || *end - at < kDirectorySize || u32(bytes, at) != kDirectoryMark) {
      return damaged("its directory is broken");
    }
    const std::size_t name_size = u16(bytes, at + 28);
    const std::size_t rest = name_size + u16(bytes, at + 30) + u16(bytes, at + 32);
    if (*end - at < kDirectorySize + rest) return damaged("its directory is broken");
    std::string name(bytes.substr(at + kDirectorySize, name_size));
    if (leads_out(name)) {
      return fail(Code::invalid_request, "its archive holds a path that leads out of it",
                  "save or pack it again");
    }
    if ((u16(bytes, at + 8) & kEncryptedFlag) != 0) {
      return fail(Code::invalid_request, "it needs a password", "save it without one");
    }
    const Member member{.method = u16(bytes, at + 10),
                        .packed = u32(bytes, at + 20),
                        .unpacked = u32(bytes, at + 24),
                        .offset = u32(bytes, at + 42)};
    if (member.packed == kInZip64 || member.unpacked == kInZip64 || member.offset == kInZip64)
      return too_large();
    if (!archive.members_.emplace(std::move(name), member).second)
      return damaged("two members have one name");
    at += kDirectorySize + rest;
  }
  auto checked = archive.check_overlaps();
  if (!checked) return fail(checked);
  return archive;
}

Result<> ZipArchive::check_overlaps() const {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
  for (const auto& [name, member] : members_) {
    places.emplace_back(member.offset, member.offset + kLocalSize + member.packed);
  }
  std::ranges::sort(places);
  for (std::size_t i = 1; i < places.size(); ++i) {
    if (places[i].first < places[i - 1].second) {
      return fail(Code::invalid_request, "its archive is hostile: members overlap", "save or pack it again");
    }
  }
  return {};
}

Result<std::string_view> ZipArchive::packed_bytes(const Member& member) const {
  if (member.offset > bytes_.size() || bytes_.size() - member.offset < kLocalSize)
    return damaged("a member is missing");
  const std::size_t at = member.offset;
  if (u32(bytes_, at) != kLocalMark) return damaged("a member is missing");
  const std::size_t head = kLocalSize + u16(bytes_, at + 26) + u16(bytes_, at + 28);
  if (bytes_.size() - at < head + member.packed) return damaged("a member is cut short");
  return bytes_.substr(at + head, member.packed);
}

Result<> ZipArchive::unpack(const std::string& name, const std::function<bool(std::string_view)>& take) {
  const auto found = members_.find(name);
  if (found == members_.end()) return damaged("it has no " + name);
  const Member& member = found->second;
  auto packed = packed_bytes(member);
  if (!packed) return fail(packed);
  if (member.method == kStored) {
    if (member.unpacked != packed->size()) return damaged("sizes differ");
    unpacked_ += packed->size();
    if (unpacked_ > kUnpackedMax) return too_large();
    (void)take(*packed);
    return {};
  }
  if (member.method != kDeflated) {
    return fail(Code::invalid_request,
                "its archive is packed by method " + std::to_string(member.method) + ", which is not read",
                "pack it by deflate");
  }
  return inflate(*packed, member.unpacked, take);
}

Result<> ZipArchive::inflate(std::string_view packed, std::uint64_t size,
                             const std::function<bool(std::string_view)>& take) {
  z_stream stream{};
  if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  const auto end = [](z_stream* open) { ::inflateEnd(open); };
  const std::unique_ptr<z_stream, decltype(end)> guard(&stream, end);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::array<char, 64 * 1024> piece;
  std::uint64_t made = 0;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    status = ::inflate(&stream, Z_NO_FLUSH);
    const std::size_t got = piece.size() - stream.avail_out;
    if (status != Z_OK && status != Z_STREAM_END) return damaged("a member does not unpack");
    made += got;
    unpacked_ += got;
    if (unpacked_ > kUnpackedMax) return too_large();
    if (made > size) return damaged("a member is larger than it says");
    if (got == 0 && status == Z_OK) return damaged("a member is cut short");
    if (!take({piece.data(), got})) return {};
  }
  if (made != size) return damaged("a member is smaller than it says");
  return {};
}

}  // namespace weir::app
