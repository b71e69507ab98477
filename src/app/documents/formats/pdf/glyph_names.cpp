#include "app/documents/formats/pdf/glyph_names.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "app/documents/formats/charset_tables.h"

namespace weir::app {
namespace {

struct Glyph {
  std::string_view name;
  char32_t character;
};

constexpr Glyph kGlyphs[] = {
#include "app/documents/formats/pdf/glyph_names.inc"
};
static_assert(std::ranges::is_sorted(kGlyphs, {}, &Glyph::name));

// StandardEncoding from 0xA0 on, as names; "" is none.
constexpr std::string_view kStandardHigh[96] = {"",
                                                "exclamdown",
                                                "cent",
                                                "sterling",
                                                "fraction",
                                                "yen",
                                                "florin",
                                                "section",
                                                "currency",
                                                "quotesingle",
                                                "quotedblleft",
                                                "guillemotleft",
                                                "guilsinglleft",
                                                "guilsinglright",
                                                "fi",
                                                "fl",
                                                "",
                                                "endash",
                                                "dagger",
                                                "daggerdbl",
                                                "periodcentered",
                                                "",
                                                "paragraph",
                                                "bullet",
                                                "quotesinglbase",
                                                "quotedblbase",
                                                "quotedblright",
                                                "guillemotright",
                                                "ellipsis",
                                                "perthousand",
                                                "",
                                                "questiondown",
                                                "",
                                                "grave",
                                                "acute",
                                                "circumflex",
                                                "tilde",
                                                "macron",
                                                "breve",
                                                "dotaccent",
                                                "dieresis",
                                                "",
                                                "ring",
                                                "cedilla",
                                                "",
                                                "hungarumlaut",
                                                "ogonek",
                                                "caron",
                                                "emdash",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "AE",
                                                "",
                                                "ordfeminine",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "Lslash",
                                                "Oslash",
                                                "OE",
                                                "ordmasculine",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "",
                                                "ae",
                                                "",
                                                "",
                                                "",
                                                "dotlessi",
                                                "",
                                                "",
                                                "lslash",
                                                "oslash",
                                                "oe",
                                                "germandbls",
                                                "",
                                                "",
                                                "",
                                                ""};

char32_t hexadecimal(std::string_view digits) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return error == std::errc() && end == digits.data() + digits.size() ? value : 0;
}

}  // namespace

char32_t glyph_character(std::string_view name) {
  if (const auto dot = name.find('.'); dot != std::string_view::npos && dot > 0) name = name.substr(0, dot);
  if (name.size() == 1) return static_cast<unsigned char>(name[0]);
  const auto found = std::ranges::lower_bound(kGlyphs, name, {}, &Glyph::name);
  if (found != std::end(kGlyphs) && found->name == name) return found->character;
  if (name.starts_with("uni") && name.size() >= 7) return hexadecimal(name.substr(3, 4));
  if (name.starts_with('u') && name.size() >= 5 && name.size() <= 7) return hexadecimal(name.substr(1));
  return 0;
}

char32_t encoded_character(BaseEncoding encoding, unsigned char code) {
  if (code < 0x20) return 0;
  if (encoding == BaseEncoding::standard) {
    if (code == 0x27) return 0x2019;
    if (code == 0x60) return 0x2018;
    if (code < 0x7F) return code;
    return code >= 0xA0 && !kStandardHigh[code - 0xA0u].empty() ? glyph_character(kStandardHigh[code - 0xA0u])
                                                                : 0;
  }
  if (code < 0x7F) return code;
  if (code == 0x7F) return encoding == BaseEncoding::win_ansi ? 0x2022 : 0;
  const char32_t character = (encoding == BaseEncoding::win_ansi ? kWindows1252 : kMacRoman)[code - 0x80u];
  // WinAnsiEncoding has a bullet wherever nothing is assigned (annex D.2, note 3).
  return character == 0 && encoding == BaseEncoding::win_ansi ? 0x2022 : character;
}

}  // namespace weir::app
