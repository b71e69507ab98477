// data/documents.h: where a tenant's documents and their chunks live, and how chunks are found by
// their words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/task.h"
#include "data/filter.h"
#include "data/tenant.h"
#include "data/vectors.h"

namespace weir::data {

// A passage of a document. Offsets are bytes into Document::text, so that
// text.substr(begin, end - begin) is the passage as the source has it.
struct Chunk {
  std::string id;  // "<document id>#<ordinal>"
  std::string document_id;
  std::uint32_t ordinal = 0;
  std::string heading;  // the path of headings above it: "Install > Debian"
  std::string text;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

enum class DocumentStatus : std::uint8_t { ready, failed };
std::string_view to_string(DocumentStatus status);

struct Document {
  std::string id;
  std::string title;
  std::string source;                // file name or URL it came from; may be empty
  std::string media_type;            // of the original: text/markdown, text/html, text/plain
  std::string text;                  // extracted plain text; what offsets point into
  std::string metadata_json = "{}";  // the caller's object
  std::string collection = "default";
  std::string content_sha256;    // hex, of the original bytes
  std::uint64_t size_bytes = 0;  // of the original
  DocumentStatus status = DocumentStatus::ready;
  WallTime created_at{};
  WallTime updated_at{};
  std::uint32_t chunk_count = 0;
};

// What became of a document that was put by its source.
enum class PutOutcome : std::uint8_t { created, updated, unchanged };
struct PutDocument {
  Document document;  // without text
  PutOutcome outcome = PutOutcome::created;
};

struct DocumentPage {
  std::vector<Document> documents;  // without text
  std::string next_cursor;          // empty: no more
};

struct TextQuery {
  std::string text;             // plain words, never query syntax
  std::uint32_t limit = 10;     // 1 to 1000
  std::string collection = {};  // empty: all of the tenant's
  Filter filter = {};           // on the documents' metadata
};

// Names a passage.
struct ChunkKey {
  std::string document_id;
  std::uint32_t ordinal = 0;
  friend auto operator<=>(const ChunkKey&, const ChunkKey&) = default;
};

struct FoundChunk {
  Chunk chunk;
  std::string document_title;
  std::string document_source;
  double score = 0;  // higher is better; comparable within one answer only
};

// Safe to call from any loop's coroutine; never blocks it. What put() acknowledged survives a crash.
// Errors: not_found, overloaded (queue full), internal; invalid_request for a limit outside 1 to 1000 or
// a cursor that no page gave.
class Documents {
 public:
  virtual ~Documents() = default;
  // Inserts, or replaces the document of the same id with all its chunks, in one transaction, and in the
  // same one its vectors where the store keeps them too; `vectors` may be empty, for others to follow.
  virtual Task<Result<>> put(TenantId tenant, Document document, std::vector<Chunk> chunks,
                             DocumentVectors vectors) = 0;
  Task<Result<>> put(TenantId tenant, Document document, std::vector<Chunk> chunks) {
    return put(std::move(tenant), std::move(document), std::move(chunks), DocumentVectors());
  }
  // The same, where a source names one document however many put it at once, and what has no source is named
  // by its hash. In one transaction the newest of the same name is found: with this hash it stays as it is
  // (unchanged), with another it is replaced and keeps its id and created_at (updated).
  virtual Task<Result<PutDocument>> put_by_source(TenantId tenant, Document document,
                                                  std::vector<Chunk> chunks, DocumentVectors vectors) = 0;
  Task<Result<PutDocument>> put_by_source(TenantId tenant, Document document, std::vector<Chunk> chunks) {
    return put_by_source(std::move(tenant), std::move(document), std::move(chunks), DocumentVectors());
  }
  // not_found when the id is absent or belongs to another tenant (we do not tell which).
  virtual Task<Result<Document>> get(TenantId tenant, std::string id) = 0;
  // The document whose original has this hash, or whose source is this, if there is one (without text).
  virtual Task<Result<std::optional<Document>>> find_by_hash(TenantId tenant, std::string content_sha256) = 0;
  virtual Task<Result<std::optional<Document>>> find_by_source(TenantId tenant, std::string source) = 0;
  // Newest first. limit 1 to 1000.
  virtual Task<Result<DocumentPage>> list(TenantId tenant, std::uint32_t limit, std::string cursor) = 0;
  // Removes document, chunks and index entries together.
  virtual Task<Result<>> remove(TenantId tenant, std::string id) = 0;
  virtual Task<Result<std::uint64_t>> count(TenantId tenant) = 0;
  // BM25 over document title, heading (both weigh double) and text. A chunk needs one of the words, not
  // all. Best first.
  virtual Task<Result<std::vector<FoundChunk>>> search_text(TenantId tenant, TextQuery query) = 0;
  Task<Result<std::vector<FoundChunk>>> search_text(TenantId tenant, std::string words, std::uint32_t limit) {
    return search_text(std::move(tenant), TextQuery{.text = std::move(words), .limit = limit});
  }
  // Those of the named passages that there are, in the order of `keys` (1,000 at most); score is 0.
  virtual Task<Result<std::vector<FoundChunk>>> get_chunks(TenantId tenant, std::vector<ChunkKey> keys) = 0;
  // Every passage of a document, in order; empty when there is no such document.
  virtual Task<Result<std::vector<Chunk>>> chunks_of(TenantId tenant, std::string document_id) = 0;
};

}  // namespace weir::data
