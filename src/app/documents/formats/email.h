// app/documents/formats/email.h: a message as mail programs save it (.eml; RFC 5322, 2045 to 2047).
//
// The subject is its title; who wrote to whom and when stand first. The plain text is read, or the HTML
// where there is none; attachments are named, not read.
#pragma once

#include <string_view>

#include "app/documents/parser.h"

namespace weir::app {

// `bytes` in whatever encodings the message declares.
Result<ParsedDocument> parse_email(std::string_view bytes);

// "=?utf-8?q?caf=C3=A9?=" → "café" (RFC 2047).
std::string decode_header_words(std::string_view value);
std::string decode_quoted_printable(std::string_view text);

}  // namespace weir::app
