// model/embedders/bert/mapped_file.h: a file as memory that is read from the disk where it is touched.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.h"

namespace weir::model::bert {

// Whoever shortens the file meanwhile kills the process that reads it: replace files, never write into them.
class MappedFile {
 public:
  // not_found, or invalid_request for what is no regular file or is empty.
  static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::string_view bytes() const { return {data_, size_}; }
  // What was read so far no longer counts as this process's memory; it is read again when it is touched.
  void release_pages() const;

 private:
  MappedFile(const char* data, std::size_t size) : data_(data), size_(size) {}
  const char* data_;
  std::size_t size_;
};

}  // namespace weir::model::bert
