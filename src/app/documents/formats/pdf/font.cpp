#include "app/documents/formats/pdf/font.h"

#include "app/documents/formats/charset.h"
#include "app/documents/formats/pdf/glyph_names.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr int kSymbolicFlag = 4;  // of a font descriptor's Flags (§9.8.2)
constexpr int kForceBoldFlag = 1 << 18;
constexpr int kWidthsMax = 100'000;
constexpr double kWidthLimit = 20;  // no real glyph is wider than 20 times its size

double width_of(QPDFObjectHandle number) {
  return number.isNumber() ? std::clamp(number.getNumericValue() / 1000, 0.0, kWidthLimit) : 0;
}

CMap read_cmap(QPDFObjectHandle stream) {
  if (!stream.isStream()) return {};
  const auto data = stream.getStreamData(qpdf_dl_generalized);
  return CMap::parse({reinterpret_cast<const char*>(data->getBuffer()), data->getSize()});
}

std::string name_of(QPDFObjectHandle value) {
  return value.isName() ? value.getName().substr(1) : std::string();
}

}  // namespace

PdfFont::PdfFont(QPDFObjectHandle dictionary) {
  to_unicode_ = read_cmap(dictionary.getKey("/ToUnicode"));
  bold_ = to_lower(name_of(dictionary.getKey("/BaseFont"))).contains("bold");
  composite_ = name_of(dictionary.getKey("/Subtype")) == "Type0";
  composite_ ? read_composite(dictionary) : read_simple(dictionary);
}

void PdfFont::read_simple(QPDFObjectHandle dictionary) {
  const std::string base = name_of(dictionary.getKey("/BaseFont"));
  bool symbolic = base.contains("Symbol") || base.contains("Dingbats");
  QPDFObjectHandle descriptor = dictionary.getKey("/FontDescriptor");
  if (descriptor.isDictionary() && descriptor.getKey("/Flags").isInteger()) {
    const int flags = descriptor.getKey("/Flags").getIntValueAsInt();
    symbolic = (flags & kSymbolicFlag) != 0;
    bold_ = bold_ || (flags & kForceBoldFlag) != 0;
  }
  read_encoding(dictionary.getKey("/Encoding"), symbolic);
  if (base.contains("Courier")) default_width_ = 0.6;
  // A Type 3 font's widths are in its own glyph space, usually a thousandth as well.
  QPDFObjectHandle widths = dictionary.getKey("/Widths");
  QPDFObjectHandle first = dictionary.getKey("/FirstChar");
  if (!widths.isArray() || !first.isInteger()) return;
  double scale = 1;
  QPDFObjectHandle matrix = dictionary.getKey("/FontMatrix");
  if (matrix.isMatrix()) scale = std::abs(matrix.getArrayAsMatrix().a) * 1000;
  const int count = std::min(widths.getArrayNItems(), 256);
  for (int i = 0; i < count; ++i) {
    const auto code = static_cast<std::uint32_t>(first.getIntValueAsInt()) + static_cast<std::uint32_t>(i);
    widths_[code] = std::min(width_of(widths.getArrayItem(i)) * scale, kWidthLimit);
  }
}

void PdfFont::read_encoding(QPDFObjectHandle encoding, bool symbolic) {
  BaseEncoding base = BaseEncoding::standard;
  const auto choose = [&](const std::string& name) {
    if (name == "WinAnsiEncoding") base = BaseEncoding::win_ansi;
    if (name == "MacRomanEncoding") base = BaseEncoding::mac_roman;
  };
  choose(name_of(encoding));
  if (encoding.isDictionary()) choose(name_of(encoding.getKey("/BaseEncoding")));
  // A TrueType font without an encoding is most often a Windows one.
  if (encoding.isNull() && !symbolic) base = BaseEncoding::win_ansi;
  for (unsigned code = 0; code < 256; ++code) {
    characters_[code] = encoded_character(base, static_cast<unsigned char>(code));
  }
  if (!encoding.isDictionary()) return;
  QPDFObjectHandle differences = encoding.getKey("/Differences");
  if (!differences.isArray()) return;
  int code = 0;
  for (QPDFObjectHandle item : differences.aitems()) {
    if (item.isInteger()) {
      code = item.getIntValueAsInt();
    } else if (item.isName() && code >= 0 && code < 256) {
      characters_[static_cast<std::size_t>(code++)] = glyph_character(name_of(item));
    }
  }
}

void PdfFont::read_composite(QPDFObjectHandle dictionary) {
  QPDFObjectHandle encoding = dictionary.getKey("/Encoding");
  encoding_map_ = read_cmap(encoding);
  const std::string name = name_of(encoding);
  codes_are_utf16_ = name.contains("UCS2") || name.contains("UTF16");
  default_width_ = 1;
  QPDFObjectHandle descendants = dictionary.getKey("/DescendantFonts");
  if (!descendants.isArray() || descendants.getArrayNItems() == 0) return;
  QPDFObjectHandle font = descendants.getArrayItem(0);
  if (!font.isDictionary()) return;
  if (font.getKey("/DW").isNumber()) default_width_ = width_of(font.getKey("/DW"));
  if (font.getKey("/W").isArray()) read_widths(font.getKey("/W"));
}

// "first [w w …]" and "first last w" (§9.7.4.3).
void PdfFont::read_widths(QPDFObjectHandle widths) {
  const int count = std::min(widths.getArrayNItems(), kWidthsMax);
  for (int at = 0; at + 1 < count;) {
    if (!widths.getArrayItem(at).isInteger()) return;
    auto code = static_cast<std::uint32_t>(widths.getArrayItem(at).getIntValueAsInt());
    QPDFObjectHandle next = widths.getArrayItem(at + 1);
    if (next.isArray()) {
      for (QPDFObjectHandle width : next.aitems()) widths_[code++] = width_of(width);
      at += 2;
    } else if (next.isInteger() && at + 2 < count) {
      const auto last = static_cast<std::uint32_t>(next.getIntValueAsInt());
      const double width = width_of(widths.getArrayItem(at + 2));
      for (int left = kWidthsMax; code <= last && left > 0; --left) widths_[code++] = width;
      at += 3;
    } else {
      return;
    }
    if (widths_.size() > kWidthsMax) return;
  }
}

std::size_t PdfFont::code_size(std::string_view bytes) const {
  if (!composite_) return 1;
  // The encoding's code space rules; where it is a name, nearly all such have two bytes.
  return encoding_map_.code_size(bytes, 2);
}

PdfFont::Glyph PdfFont::glyph(std::string_view bytes) const {
  std::uint32_t code = 0;
  for (const char c : bytes) code = code << 8 | static_cast<unsigned char>(c);
  Glyph glyph;
  const auto width = widths_.find(code);
  glyph.width = width == widths_.end() ? default_width_ : width->second;
  glyph.is_word_space = bytes.size() == 1 && code == 32;
  if (const std::string* text = to_unicode_.find(code, bytes.size())) {
    glyph.text = *text;
  } else if (composite_) {
    if (codes_are_utf16_ && code != 0) append_utf8(glyph.text, code);
  } else if (characters_[code & 0xFF] != 0) {
    append_utf8(glyph.text, characters_[code & 0xFF]);
  }
  return glyph;
}

}  // namespace weir::app
