// model/dialects/inbound_media.h: images and files of an OpenAI request as content blocks of Claude.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::model::inbound {

// All return the JSON text of a block without its closing brace, for cache_control to follow. field names
// the part in the caller's body.

// url: data: with base64, or https.
Result<std::string> image_block(std::string_view field, std::string_view url);
// file_data: a data: URL or plain base64 of a PDF; text, PDF or image. The title may be empty.
Result<std::string> file_block(std::string_view field, std::string_view file_data, std::string_view title);
// An https address of a PDF.
Result<std::string> file_url_block(std::string_view field, std::string_view url, std::string_view title);
std::string text_block(std::string_view text);

}  // namespace weir::model::inbound
