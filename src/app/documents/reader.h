// app/documents/reader.h: the bytes of a file of any supported kind → its text and structure.
//
// Files come from strangers, and their parsers are large. Weir's own reading is therefore done by a
// ConfinedReader (confined/confined_reader.h), in a process of its own that can do nothing but answer;
// what that process runs is read_document().
#pragma once

#include <string>
#include <string_view>

#include "app/documents/parser.h"
#include "base/error.h"

namespace weir::app {

struct RawDocument {
  std::string_view bytes;
  std::string_view media_type;  // from Content-Type; empty: guessed from name and content
  std::string_view source;      // file name or URL
};

struct ReadDocument {
  ParsedDocument parsed;
  std::string media_type;  // of the parser that read it
};

// Chooses the parser, makes text of other encodings UTF-8, and parses. invalid_request: empty, not what
// its name says, damaged, in need of a password, nothing to read in it; too_large when unpacked;
// unsupported_media_type names the supported ones.
Result<ReadDocument> read_document(const RawDocument& raw);

// Blocks the calling thread, which is one of a worker pool. Any number of threads may read at once.
class DocumentReader {
 public:
  virtual ~DocumentReader() = default;
  virtual Result<ReadDocument> read(const RawDocument& raw) const = 0;
};

// In this process: for tests, and for fuzzing.
class InlineReader : public DocumentReader {
 public:
  Result<ReadDocument> read(const RawDocument& raw) const override { return read_document(raw); }
};

}  // namespace weir::app
