#include "app/documents/formats/content_kind.h"

#include <array>
#include <utility>

namespace weir::app {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kPdfMarkWithin = 1'024;

constexpr std::array kSignatures = {
    std::pair("PK\x03\x04"sv, "a ZIP archive"sv),
    std::pair("PK\x05\x06"sv, "an empty ZIP archive"sv),
    std::pair("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "an Office file of before 2007"sv),
    std::pair("\x89PNG\r\n\x1A\n"sv, "a PNG picture"sv),
    std::pair("\xFF\xD8\xFF"sv, "a JPEG picture"sv),
    std::pair("GIF8"sv, "a GIF picture"sv),
    std::pair("\x1F\x8B\x08"sv, "a gzip archive"sv),
    std::pair("7z\xBC\xAF\x27\x1C"sv, "a 7z archive"sv),
    std::pair("Rar!\x1A\x07"sv, "a RAR archive"sv),
    std::pair("BZh"sv, "a bzip2 archive"sv),
    std::pair("\xFD"
              "7zXZ\0"sv,
              "an xz archive"sv),
    std::pair("\x28\xB5\x2F\xFD"sv, "a zstd archive"sv),
    std::pair("\x7F"
              "ELF"sv,
              "a program"sv),
    std::pair("MZ\x90\0"sv, "a program"sv),
    std::pair("{\\rtf"sv, "an RTF file"sv),
    std::pair("SQLite format 3\0"sv, "a SQLite database"sv),
    std::pair("OggS"sv, "an Ogg recording"sv),
    std::pair("ID3"sv, "an MP3 recording"sv),
};

}  // namespace

std::string_view signature_of(std::string_view bytes) {
  if (bytes.starts_with("%PDF-")) return "a PDF";
  for (const auto& [mark, name] : kSignatures) {
    if (bytes.starts_with(mark)) return name;
  }
  return {};
}

bool is_pdf(std::string_view bytes) {
  return bytes.substr(0, kPdfMarkWithin).find("%PDF-") != std::string_view::npos;
}

bool is_zip(std::string_view bytes) {
  return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06");
}

bool is_compound_file(std::string_view bytes) {
  return bytes.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
}

bool is_encrypted_office(std::string_view compound_file) {
  // The name of the stream that holds it, in UTF-16 ([MS-OFFCRYPTO] §2.3.4.4).
  return compound_file.find("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"sv) != std::string_view::npos;
}

}  // namespace weir::app
