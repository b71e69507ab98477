// app/documents/library.h: a tenant's documents as the application offers them: bytes in, parsed,
// chunked, stored, found again.
#pragma once

#include <cstdint>
#include <string>

#include "app/documents/reader.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/task.h"
#include "data/documents.h"
#include "net/worker_pool.h"

namespace weir::app {

struct LibraryConfig {
  std::size_t document_size_max = 16 * 1024 * 1024;
  std::size_t chunk_target_chars = 900;  // measured best on Claude's documentation (docs/retrieval.md)
  std::size_t chunks_max = 100'000;      // of one document
};

struct DocumentInput {
  std::string bytes;
  std::string media_type;  // from Content-Type or the file name; empty: guessed from name and content
  std::string title;       // empty: the first heading, <title>, or the file name
  std::string source;      // file name or URL
  std::string metadata_json = "{}";
  std::string id;  // of a new document; empty: made
};

using AddOutcome = data::PutOutcome;
using Added = data::PutDocument;

// What a removal took away.
struct Removed {
  std::string id;
  std::uint64_t text_bytes = 0;
  std::uint64_t passages = 0;
};

// Any loop may call. Parsing and cutting run on the worker pool.
class Library {
 public:
  Library(LibraryConfig config, data::Documents& store, const DocumentReader& reader, net::WorkerPool& pool,
          const Clock& clock, Random& random);
  // A source names one document, while several sources may hold the same content: see
  // Documents::put_by_source. The same content again, under the same source or under none, is `unchanged`;
  // another content under the same source is `updated` in place. invalid_request: empty, not UTF-8, nothing
  // to read in it; unsupported_media_type names those that are supported; too_large: in bytes, or in
  // passages.
  // What is unchanged is known by its hash, and not read again.
  Task<Result<Added>> add(data::TenantId tenant, DocumentInput input);
  Task<Result<data::Document>> get(data::TenantId tenant, std::string id);
  Task<Result<data::DocumentPage>> list(data::TenantId tenant, std::uint32_t limit, std::string cursor);
  // Removes text, passages, index entries and vectors in one transaction, and looks afterwards whether any
  // of them can still be found: internal when one can.
  Task<Result<Removed>> remove(data::TenantId tenant, std::string id);

 private:
  Task<Result<std::optional<data::Document>>> find_unchanged(data::TenantId tenant, std::string source,
                                                             std::string content_sha256);

  LibraryConfig config_;
  data::Documents& store_;
  const DocumentReader& reader_;
  net::WorkerPool& pool_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace weir::app
