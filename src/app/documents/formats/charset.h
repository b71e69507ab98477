// app/documents/formats/charset.h: text in the encodings that files still have → UTF-8. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::app {

// UTF-8, UTF-16 and UTF-32 with or without byte order, US-ASCII, ISO-8859-1 and -15, windows-1250 to
// -1252, KOI8-R, by any of their usual names. nullopt: not such text; unsupported_media_type: another
// encoding, named.
Result<std::optional<std::string>> to_utf8(std::string_view bytes, std::string_view charset);

// What a text file says by itself: its byte order mark, else valid UTF-8, else `declared` (empty: not),
// else windows-1252. invalid_request for what is no text at all: NUL bytes, control characters.
Result<std::string> decode_text(std::string_view bytes, std::string_view declared);

// The charset that a media type's parameter, HTML's meta or XML's declaration within the first KiB
// names; empty when none does.
std::string charset_of_media_type(std::string_view media_type);
std::string charset_of_markup(std::string_view bytes);

void append_utf8(std::string& out, char32_t code_point);  // U+FFFD for what is no character

}  // namespace weir::app
