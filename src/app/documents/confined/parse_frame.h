// app/documents/confined/parse_frame.h: what a reading process is asked, and what it answers, as bytes.
//
// Numbers are little-endian; texts stand behind their length. An answer comes from a process that has
// met hostile bytes: decode_answer() believes nothing of it and checks every promise of ParsedDocument.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/documents/reader.h"

namespace weir::app {

struct ParseLimits {
  std::uint64_t memory_max = std::uint64_t{512} << 20;  // bytes that the process may use beside the file
  std::uint64_t cpu_seconds_max = 20;
  std::uint64_t wall_seconds_max = 60;
  std::uint64_t answer_size_max = std::uint64_t{192} << 20;  // bytes of text and structure together
};

struct ParseQuestion {
  ParseLimits limits;
  RawDocument raw;  // views into what was decoded
};

// The beginning of a question; the document's bytes follow it.
std::string question_head(const ParseLimits& limits, const RawDocument& raw);
std::optional<ParseQuestion> decode_question(std::string_view bytes);

// Of a document that takes more memory than it may.
std::unexpected<Error> too_hungry(const ParseLimits& limits);

std::string encode_answer(const Result<ReadDocument>& answer);
// nullopt: not a whole answer that keeps its promises.
std::optional<Result<ReadDocument>> decode_answer(std::string_view bytes);

}  // namespace weir::app
