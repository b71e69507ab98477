#include "app/documents/reader.h"

#include "app/documents/formats/charset.h"
#include "base/text.h"

namespace weir::app {

Result<ReadDocument> read_document(const RawDocument& raw) {
  if (trim(raw.bytes).empty()) return fail(Code::invalid_request, "the document is empty", "send its text");
  auto parser = choose_parser(raw.media_type, raw.source, raw.bytes);
  if (!parser) return fail(parser);
  Result<ParsedDocument> parsed = ParsedDocument();
  if ((*parser)->content == ContentKind::text) {
    std::string charset = charset_of_media_type(raw.media_type);
    if (charset.empty() && (*parser)->media_type == "text/html") charset = charset_of_markup(raw.bytes);
    auto text = decode_text(raw.bytes, charset);
    if (!text) return fail(text);
    parsed = (*parser)->parse(*text);
  } else {
    parsed = (*parser)->parse(raw.bytes);
  }
  if (!parsed) return fail(parsed);
  if (trim(parsed->text).empty() || parsed->blocks.empty()) {
    return fail(Code::invalid_request, "there is nothing to read in the document", "check that it has text");
  }
  return ReadDocument{*std::move(parsed), std::string((*parser)->media_type)};
}

}  // namespace weir::app
