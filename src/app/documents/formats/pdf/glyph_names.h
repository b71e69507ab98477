// app/documents/formats/pdf/glyph_names.h: what characters the names of glyphs mean (Adobe Glyph List).
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::app {

// 0: unknown. "uni00E9" and "u1F600" are themselves; what follows a full stop is a variant's name.
char32_t glyph_character(std::string_view name);

// Code → character of PDF's own encodings (ISO 32000-1, annex D); 0: none.
enum class BaseEncoding : std::uint8_t { standard, win_ansi, mac_roman };
char32_t encoded_character(BaseEncoding encoding, unsigned char code);

}  // namespace weir::app
