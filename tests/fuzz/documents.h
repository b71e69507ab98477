// tests/fuzz/documents.h: what holds for whatever a parser of documents makes of any bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "app/documents/chunker.h"
#include "app/documents/confined/parse_frame.h"
#include "app/documents/reader.h"
#include "base/error.h"

namespace weir::app::fuzz {

// A refusal has a reason; a document keeps its promises, survives the way through the pipe unchanged, and
// is cut into passages that lie within it.
inline void check(std::string_view bytes, std::string_view source) {
  const Result<ReadDocument> read = read_document({.bytes = bytes, .source = source});
  const std::string answer = encode_answer(read);
  const auto decoded = decode_answer(answer);
  WEIR_ASSERT(decoded.has_value());
  WEIR_ASSERT(encode_answer(*decoded) == answer);
  if (!read) {
    WEIR_ASSERT(!read.error().message.empty());
    return;
  }
  const auto chunks = cut_into_chunks(read->parsed, {});
  if (!chunks) return;
  for (const data::Chunk& chunk : *chunks) {
    WEIR_ASSERT(chunk.text ==
                std::string_view(read->parsed.text).substr(chunk.begin, chunk.end - chunk.begin));
  }
}

}  // namespace weir::app::fuzz
