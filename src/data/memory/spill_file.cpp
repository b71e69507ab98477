#include "data/memory/spill_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace weir::data {
namespace {

constexpr std::string_view kName = "streams.spill";  // for the moment between open and unlink

std::string reason(int error) {
  return std::generic_category().message(error);
}

off_t place_of(std::uint32_t block, std::size_t offset) {
  return static_cast<off_t>(std::size_t{block} * SpillFile::kBlockSize + offset);
}

}  // namespace

Result<std::unique_ptr<SpillFile>> SpillFile::open(const std::string& directory, std::size_t size_max) {
  const std::string file = directory + "/" + std::string(kName);
  // What a process left that died in between is taken over and emptied.
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (fd < 0) {
    return fail(Code::internal, "cannot make " + file + ": " + reason(errno),
                "check the data directory's permissions and its disk");
  }
  ::unlink(file.c_str());
  return std::unique_ptr<SpillFile>(new SpillFile(fd, static_cast<std::uint32_t>(size_max / kBlockSize)));
}

SpillFile::~SpillFile() {
  ::close(fd_);
}

std::optional<std::uint32_t> SpillFile::take() {
  const std::lock_guard lock(mutex_);
  if (!free_.empty()) return free_.extract(free_.begin()).value();
  if (next_ == blocks_max_) return std::nullopt;
  return next_++;
}

void SpillFile::give_back(std::uint32_t block) {
  const std::lock_guard lock(mutex_);
  free_.insert(block);
  if (free_.size() < next_) return;
  // A file that cannot be shortened keeps its space and works as before.
  if (::ftruncate(fd_, 0) != 0) return;
  free_.clear();
  next_ = 0;
}

Result<> SpillFile::write(std::uint32_t block, std::string_view bytes) {
  WEIR_ASSERT(bytes.size() <= kBlockSize);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t written = ::pwrite(fd_, bytes.data() + done, bytes.size() - done, place_of(block, done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(Code::internal, "cannot write a stream to the disk: " + reason(errno));
    done += static_cast<std::size_t>(written);
  }
  return {};
}

Result<std::string> SpillFile::read(std::uint32_t block, std::size_t offset, std::size_t size) {
  WEIR_ASSERT(offset + size <= kBlockSize);
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd_, bytes.data() + done, size - done, place_of(block, offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(Code::internal, "cannot read a stream from the disk: " + reason(errno));
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace weir::data
