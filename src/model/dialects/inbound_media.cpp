#include "model/dialects/inbound_media.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "model/dialects/inbound_conversation.h"
#include "model/dialects/inbound_json.h"

namespace weir::model::inbound {
namespace {

struct DataUrl {
  std::string media_type;  // lower case, without parameters
  std::string_view base64;
};

// RFC 2397, of which only the base64 form is read.
std::optional<DataUrl> parse_data_url(std::string_view url) {
  if (!iequals(url.substr(0, 5), "data:")) return std::nullopt;
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::string_view head = url.substr(5, comma - 5);
  constexpr std::string_view mark = ";base64";
  if (head.size() < mark.size() || !iequals(head.substr(head.size() - mark.size()), mark))
    return std::nullopt;
  return DataUrl{to_lower(trim(head.substr(0, head.find(';')))), url.substr(comma + 1)};
}

// Claude names image/jpeg only.
std::string_view image_type(std::string_view media_type) {
  if (media_type == "image/jpg") return "image/jpeg";
  constexpr std::array<std::string_view, 4> known = {"image/jpeg", "image/png", "image/gif", "image/webp"};
  return std::ranges::find(known, media_type) == known.end() ? std::string_view() : media_type;
}

std::string source_block(std::string_view type, std::string_view media_type, std::string_view base64) {
  std::string block =
      R"({"type":)" + quoted(type) + R"(,"source":{"type":"base64","media_type":)" + quoted(media_type);
  block.reserve(block.size() + base64.size() + 64);
  block += R"(,"data":)";
  append_quoted(block, base64);
  block += '}';
  return block;
}

std::string titled(std::string block, std::string_view title) {
  if (!title.empty()) (block += R"(,"title":)") += quoted(title);
  return block;
}

}  // namespace

Result<std::string> image_block(std::string_view field, std::string_view url) {
  if (iequals(url.substr(0, 8), "https://")) {
    return R"({"type":"image","source":{"type":"url","url":)" + quoted(url) + '}';
  }
  const auto data = parse_data_url(url);
  if (!data || data->base64.empty()) {
    return refuse(std::string(field), "is neither an https address nor a data: URL with base64",
                  "send https://… or data:image/png;base64,…");
  }
  const std::string_view type = image_type(data->media_type);
  if (type.empty()) {
    return refuse(std::string(field),
                  "has the media type \"" + data->media_type + "\", which Claude does not see",
                  "send image/jpeg, image/png, image/gif or image/webp");
  }
  return source_block("image", type, data->base64);
}

Result<std::string> file_block(std::string_view field, std::string_view file_data, std::string_view title) {
  DataUrl data{"application/pdf", file_data};
  if (const auto url = parse_data_url(file_data)) {
    data = *url;
  } else if (!file_data.starts_with("JVBER")) {  // base64 of %PDF
    return refuse(std::string(field), "is neither a data: URL with base64 nor a PDF",
                  "send data:application/pdf;base64,…");
  }
  if (!image_type(data.media_type).empty())
    return source_block("image", image_type(data.media_type), data.base64);
  if (data.media_type == "application/pdf") {
    return titled(source_block("document", data.media_type, data.base64), title);
  }
  const auto text = from_base64(data.base64);
  if (!data.media_type.starts_with("text/") || !text || !is_valid_utf8(*text)) {
    return refuse(std::string(field),
                  "has the media type \"" + data.media_type + "\", or a content of another",
                  "send a PDF, an image, or text in UTF-8");
  }
  return titled(
      R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":)" + quoted(*text) + '}',
      title);
}

Result<std::string> file_url_block(std::string_view field, std::string_view url, std::string_view title) {
  if (!iequals(url.substr(0, 8), "https://")) {
    return refuse(std::string(field), "is no https address",
                  "send https://… of a PDF, or the file as file_data");
  }
  return titled(R"({"type":"document","source":{"type":"url","url":)" + quoted(url) + '}', title);
}

std::string text_block(std::string_view text) {
  std::string block;
  block.reserve(text.size() + 32);
  block += R"({"type":"text","text":)";
  append_quoted(block, text);
  return block;
}

}  // namespace weir::model::inbound
