// app/documents/formats/pdf/font.h: the bytes that a page shows in a font → characters and their widths.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/documents/formats/pdf/cmap.h"
#include "app/documents/formats/pdf/qpdf.h"

namespace weir::app {

class PdfFont {
 public:
  explicit PdfFont(QPDFObjectHandle dictionary);

  struct Glyph {
    std::string text;            // UTF-8; empty: nothing says what it means
    double width = 0;            // in text space, of size 1
    bool is_word_space = false;  // to which word spacing applies (§9.3.3)
  };
  // Calls `take` for each glyph of a shown string.
  template <class Take>
  void decode(std::string_view bytes, Take take) const {
    while (!bytes.empty()) {
      const std::size_t size = std::min(code_size(bytes), bytes.size());
      take(glyph(bytes.substr(0, size)));
      bytes.remove_prefix(size);
    }
  }
  bool is_bold() const { return bold_; }

 private:
  void read_simple(QPDFObjectHandle dictionary);
  void read_encoding(QPDFObjectHandle encoding, bool symbolic);
  void read_composite(QPDFObjectHandle dictionary);
  void read_widths(QPDFObjectHandle widths);
  std::size_t code_size(std::string_view bytes) const;
  Glyph glyph(std::string_view code) const;

  bool composite_ = false;
  bool codes_are_utf16_ = false;
  bool bold_ = false;
  CMap to_unicode_, encoding_map_;
  std::array<char32_t, 256> characters_{};
  std::map<std::uint32_t, double> widths_;
  double default_width_ = 0.5;
};

}  // namespace weir::app
