// app/documents/formats/zip.h: the members of a ZIP archive in memory (APPNOTE 6.3.10: stored and deflated).
//
// What a hostile archive does is refused by name: members that overlap, sizes that lie, names that lead
// out of the archive, encryption, and more unpacked bytes than kUnpackedMax in all.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::app {

class ZipArchive {
 public:
  static constexpr std::size_t kMembersMax = 20'000;
  static constexpr std::uint64_t kUnpackedMax = std::uint64_t{512} << 20;

  // `bytes` outlives the archive.
  static Result<ZipArchive> open(std::string_view bytes);

  bool has(const std::string& name) const { return members_.contains(name); }
  const auto& members() const { return members_; }
  // Unpacks piece by piece; `take` returns false to stop.
  Result<> unpack(const std::string& name, const std::function<bool(std::string_view piece)>& take);

 private:
  struct Member {
    std::uint16_t method = 0;
    std::uint64_t packed = 0;
    std::uint64_t unpacked = 0;
    std::uint64_t offset = 0;  // of the local header
  };
  Result<std::string_view> packed_bytes(const Member& member) const;
  Result<> inflate(std::string_view packed, std::uint64_t size,
                   const std::function<bool(std::string_view)>& take);
  Result<> check_overlaps() const;

  std::string_view bytes_;
  std::map<std::string, Member> members_;
  std::uint64_t unpacked_ = 0;
};

}  // namespace weir::app
