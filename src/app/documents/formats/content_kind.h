// app/documents/formats/content_kind.h: what bytes are by their own signature, whatever their name says.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::app {

// What a parser wants to be given.
enum class ContentKind : std::uint8_t { text, pdf, zip, mail };

// "a PDF", "a PNG picture", …; empty when there is no signature that is known. Text has none.
std::string_view signature_of(std::string_view bytes);

bool is_pdf(std::string_view bytes);  // its mark may stand within the first KiB (ISO 32000-1, annex H)
bool is_zip(std::string_view bytes);
// The container of Office before 2007, in which encrypted documents of today are wrapped.
bool is_compound_file(std::string_view bytes);
bool is_encrypted_office(std::string_view compound_file);

}  // namespace weir::app
