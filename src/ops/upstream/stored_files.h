// ops/upstream/stored_files.h: the files of the simulated provider, newest first. Contents lie in nameless
// files of the system's temporary directory and go with the process.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

namespace weir::ops::upstream {

// Written by one, then read by many. Blocking, but for a page cache.
class FileContent {
 public:
  static Result<std::shared_ptr<FileContent>> create();
  ~FileContent();
  FileContent(const FileContent&) = delete;
  FileContent& operator=(const FileContent&) = delete;

  Result<> append(std::string_view bytes);
  // Up to `size` bytes from `offset`; empty at the end.
  Result<std::string> read(std::uint64_t offset, std::size_t size) const;
  std::uint64_t size() const { return size_; }

 private:
  explicit FileContent(int descriptor) : descriptor_(descriptor) {}
  const int descriptor_;
  std::uint64_t size_ = 0;
};

struct StoredFile {
  std::string id;
  std::string filename;
  std::string media_type;
  WallTime created_at{};
  WallTime expires_at{};                 // 0: never
  std::shared_ptr<FileContent> content;  // shared with the answers that are under way

  json::object metadata() const;
};

// Thread-safe.
class StoredFiles {
 public:
  void add(StoredFile file);
  // Null: there is none, or it has expired.
  std::unique_ptr<StoredFile> find(std::string_view id, WallTime now) const;
  std::vector<StoredFile> all(WallTime now) const;  // newest first
  bool remove(std::string_view id);

 private:
  mutable std::mutex mutex_;
  std::vector<StoredFile> files_;  // oldest first
};

}  // namespace weir::ops::upstream
