#include "ops/upstream/stored_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/time_format.h"

namespace weir::ops::upstream {

Result<std::shared_ptr<FileContent>> FileContent::create() {
  std::error_code ignored;
  const std::string directory = std::filesystem::temp_directory_path(ignored).string();
  const int descriptor = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(Code::internal, "cannot create a file in " + directory);
  return std::shared_ptr<FileContent>(new FileContent(descriptor));
}

FileContent::~FileContent() {
  ::close(descriptor_);
}

Result<> FileContent::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written <= 0) return fail(Code::internal, "cannot write a file's content");
    size_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> FileContent::read(std::uint64_t offset, std::size_t size) const {
  std::string bytes(size, '\0');
  const ssize_t got = ::pread(descriptor_, bytes.data(), size, static_cast<off_t>(offset));
  if (got < 0) return fail(Code::internal, "cannot read a file's content");
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

json::object StoredFile::metadata() const {
  json::object out{{"type", "file"},
                   {"id", id},
                   {"size_bytes", content->size()},
                   {"created_at", to_rfc3339(created_at)},
                   {"filename", filename},
                   {"mime_type", media_type},
                   {"downloadable", true}};
  if (expires_at.count() != 0) out["expires_at"] = to_rfc3339(expires_at);
  return out;
}

void StoredFiles::add(StoredFile file) {
  const std::lock_guard lock(mutex_);
  files_.push_back(std::move(file));
}

std::unique_ptr<StoredFile> StoredFiles::find(std::string_view id, WallTime now) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(files_, id, &StoredFile::id);
  if (found == files_.end() || (found->expires_at.count() != 0 && found->expires_at <= now)) return nullptr;
  return std::make_unique<StoredFile>(*found);
}

std::vector<StoredFile> StoredFiles::all(WallTime now) const {
  const std::lock_guard lock(mutex_);
  std::vector<StoredFile> newest(files_.rbegin(), files_.rend());
  std::erase_if(newest, [now](const StoredFile& file) {
    return file.expires_at.count() != 0 && file.expires_at <= now;
  });
  return newest;
}

bool StoredFiles::remove(std::string_view id) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(files_, [id](const StoredFile& file) { return file.id == id; }) > 0;
}

}  // namespace weir::ops::upstream
