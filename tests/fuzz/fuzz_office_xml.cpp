// Any bytes as the main part of an office document, in an archive that is whole.
#include <zlib.h>

#include "documents.h"

namespace {

void put(std::string& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

// A ZIP of one stored member (APPNOTE 6.3.10, §4.3).
std::string archive_of(std::string_view name, std::string_view content) {
  std::string head;
  for (const std::uint64_t field : {20, 0, 0, 0, 0}) put(head, field, 2);
  put(head, ::crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())), 4);
  put(head, content.size(), 4);
  put(head, content.size(), 4);
  put(head, name.size(), 2);
  put(head, 0, 2);
  std::string out = "PK\x03\x04" + head + std::string(name) + std::string(content);
  const std::size_t at = out.size();
  out += "PK\x01\x02";
  put(out, 20, 2);
  out += head;
  for (const int size : {2, 2, 2, 4, 4}) put(out, 0, size);
  out += name;
  const std::size_t directory = out.size() - at;
  out += "PK\x05\x06";
  for (const std::uint64_t field : {0, 0, 1, 1}) put(out, field, 2);
  put(out, directory, 4);
  put(out, at, 4);
  put(out, 0, 2);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  weir::app::fuzz::check(archive_of("word/document.xml", bytes), "a.docx");
  return 0;
}
