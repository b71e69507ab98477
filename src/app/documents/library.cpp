#include "app/documents/library.h"

#include "app/documents/chunker.h"
#include "base/digest.h"
#include "base/ids.h"
#include "base/text.h"

namespace weir::app {
namespace {

// What a worker makes of the bytes, so that the loop is left with the questions to the store.
struct Prepared {
  ParsedDocument parsed;
  std::string media_type;
  std::string content_sha256;
  std::vector<data::Chunk> chunks;
};

Result<Prepared> prepare(const DocumentReader& reader, const DocumentInput& input, ChunkerConfig chunker) {
  auto read = reader.read({.bytes = input.bytes, .media_type = input.media_type, .source = input.source});
  if (!read) return fail(read);
  auto chunks = cut_into_chunks(read->parsed, chunker);
  if (!chunks) return fail(chunks);
  return Prepared{std::move(read->parsed), std::move(read->media_type), to_hex(sha256(input.bytes)),
                  *std::move(chunks)};
}

std::string title_of(const DocumentInput& input, const ParsedDocument& parsed) {
  if (!input.title.empty()) return input.title;
  if (!parsed.title.empty()) return parsed.title;
  const auto slash = input.source.find_last_of('/');
  const std::string name = slash == std::string::npos ? input.source : input.source.substr(slash + 1);
  return name.empty() ? "Untitled" : name;
}

}  // namespace

Library::Library(LibraryConfig config, data::Documents& store, const DocumentReader& reader, net::WorkerPool& pool,
                 const Clock& clock, Random& random)
    : config_(config), store_(store), reader_(reader), pool_(pool), clock_(clock), random_(random) {}

Task<Result<Added>> Library::add(data::TenantId tenant, DocumentInput input) {
  if (input.bytes.size() > config_.document_size_max) {
    co_return fail(Code::too_large,
                   "the document is larger than " + std::to_string(config_.document_size_max) + " bytes",
                   "split it");
  }
  // Shared, because a cancelled caller leaves the work on its thread behind.
  auto shared = std::make_shared<const DocumentInput>(std::move(input));
  const ChunkerConfig chunker{.target_chars = config_.chunk_target_chars, .chunks_max = config_.chunks_max};
  auto work = [&reader = reader_, shared, chunker] { return prepare(reader, *shared, chunker); };
  auto prepared = co_await pool_.run(std::move(work));
  if (!prepared) co_return fail(prepared);

  data::Document document;
  document.content_sha256 = std::move(prepared->content_sha256);
  document.created_at = document.updated_at = clock_.wall();
  document.id = new_id("doc", clock_, random_);
  document.title = title_of(*shared, prepared->parsed);
  document.source = shared->source;
  document.media_type = std::move(prepared->media_type);
  document.metadata_json = shared->metadata_json;
  document.size_bytes = shared->bytes.size();
  document.text = std::move(prepared->parsed.text);
  co_return co_await store_.put_by_source(std::move(tenant), std::move(document),
                                          std::move(prepared->chunks));
}

Task<Result<data::Document>> Library::get(data::TenantId tenant, std::string id) {
  return store_.get(std::move(tenant), std::move(id));
}

Task<Result<data::DocumentPage>> Library::list(data::TenantId tenant, std::uint32_t limit,
                                               std::string cursor) {
  return store_.list(std::move(tenant), limit, std::move(cursor));
}

Task<Result<>> Library::remove(data::TenantId tenant, std::string id) {
  return store_.remove(std::move(tenant), std::move(id));
}

}  // namespace weir::app
