// data/memory/spill_file.h: blocks of bytes on the disk that are nobody's but this process's: the file
// has no name, so that the kernel removes it with the process, however that ends.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::data {

// Thread-safe. A block belongs to who took it until it is given back.
class SpillFile {
 public:
  static constexpr std::size_t kBlockSize = 64 * 1024;

  // In `directory`; of the size there are as many whole blocks as it has room for.
  static Result<std::unique_ptr<SpillFile>> open(const std::string& directory, std::size_t size_max);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  std::optional<std::uint32_t> take();  // the lowest that is free; nullopt: none is
  void give_back(std::uint32_t block);  // with the last one the file becomes empty

  // These two block. At most kBlockSize bytes.
  Result<> write(std::uint32_t block, std::string_view bytes);
  Result<std::string> read(std::uint32_t block, std::size_t offset, std::size_t size);

 private:
  SpillFile(int fd, std::uint32_t blocks_max) : fd_(fd), blocks_max_(blocks_max) {}

  const int fd_;
  const std::uint32_t blocks_max_;
  std::mutex mutex_;
  std::set<std::uint32_t> free_;  // below next_
  std::uint32_t next_ = 0;        // never used since the file was empty
};

}  // namespace weir::data
