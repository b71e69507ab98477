#include "app/documents/reader.h"

#include "base/text.h"

namespace weir::app {

Result<ReadDocument> read_document(const RawDocument& raw) {
  if (trim(raw.bytes).empty()) return fail(Code::invalid_request, "the document is empty", "send its text");
  auto parser = choose_parser(raw.media_type, raw.source, raw.bytes);
  if (!parser) return fail(parser);
  if (!is_valid_utf8(raw.bytes)) {
    return fail(Code::invalid_request, "the document is not valid UTF-8",
                "convert it, for example with iconv -t UTF-8");
  }
  if (raw.bytes.find('\0') != std::string::npos) {
    return fail(Code::invalid_request, "the document contains NUL bytes, as binary files do",
                "send text, Markdown or HTML");
  }
  auto parsed = (*parser)->parse(raw.bytes);
  if (!parsed) return fail(parsed);
  if (trim(parsed->text).empty() || parsed->blocks.empty()) {
    return fail(Code::invalid_request, "there is nothing to read in the document", "check that it has text");
  }
  return ReadDocument{*std::move(parsed), std::string((*parser)->media_type)};
}

}  // namespace weir::app
