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
  std::vector<data::Chunk> chunks;
};

Result<Prepared> prepare(const DocumentReader& reader, const DocumentInput& input, ChunkerConfig chunker) {
  auto read = reader.read({.bytes = input.bytes, .media_type = input.media_type, .source = input.source});
  if (!read) return fail(read);
  auto chunks = cut_into_chunks(read->parsed, chunker);
  if (!chunks) return fail(chunks);
  return Prepared{std::move(read->parsed), std::move(read->media_type), *std::move(chunks)};
}

std::string title_of(const DocumentInput& input, const ParsedDocument& parsed) {
  if (!input.title.empty()) return input.title;
  if (!parsed.title.empty()) return parsed.title;
  const auto slash = input.source.find_last_of('/');
  const std::string name = slash == std::string::npos ? input.source : input.source.substr(slash + 1);
  return name.empty() ? "Untitled" : name;
}

}  // namespace

Library::Library(LibraryConfig config, data::Documents& store, const DocumentReader& reader,
                 net::WorkerPool& pool, const Clock& clock, Random& random)
    : config_(config), store_(store), reader_(reader), pool_(pool), clock_(clock), random_(random) {}

Task<Result<Added>> Library::add(data::TenantId tenant, DocumentInput input) {
  if (input.bytes.size() > config_.document_size_max) {
    co_return fail(Code::too_large,
                   "the document is larger than " + std::to_string(config_.document_size_max) + " bytes",
                   "split it");
  }
  // Shared, because a cancelled caller leaves the work on its thread behind.
  auto shared = std::make_shared<const DocumentInput>(std::move(input));
  auto hashing = [shared]() -> Result<std::string> { return to_hex(sha256(shared->bytes)); };
  auto hash = co_await pool_.run(std::move(hashing));
  if (!hash) co_return fail(hash);
  auto known = co_await find_unchanged(tenant, shared->source, *hash);
  if (!known) co_return fail(known);
  if (*known) co_return Added{std::move(**known), AddOutcome::unchanged};

  const ChunkerConfig chunker{.target_chars = config_.chunk_target_chars, .chunks_max = config_.chunks_max};
  auto work = [&reader = reader_, shared, chunker] { return prepare(reader, *shared, chunker); };
  auto prepared = co_await pool_.run(std::move(work));
  if (!prepared) co_return fail(prepared);

  data::Document document;
  document.content_sha256 = *std::move(hash);
  document.created_at = document.updated_at = clock_.wall();
  document.id = shared->id.empty() ? new_id("doc", clock_, random_) : shared->id;
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

Task<Result<Removed>> Library::remove(data::TenantId tenant, std::string id) {
  auto document = co_await store_.get(tenant, id);
  if (!document) co_return fail(document);
  Removed removed{.id = id, .text_bytes = document->text.size(), .passages = document->chunk_count};
  auto done = co_await store_.remove(tenant, id);
  if (!done) co_return fail(done);
  auto left = co_await store_.chunks_of(tenant, id);
  if (!left) co_return fail(left);
  auto there = co_await store_.get(tenant, id);
  if (!left->empty() || there) {
    co_return fail(Code::internal, "the document was removed, and parts of it can still be found",
                   "remove it again, and report this");
  }
  co_return removed;
}

Task<Result<std::optional<data::Document>>> Library::find_unchanged(data::TenantId tenant, std::string source,
                                                                    std::string content_sha256) {
  // As in put_by_source: what has no source is named by its hash.
  Result<std::optional<data::Document>> known;
  if (source.empty()) {
    known = co_await store_.find_by_hash(std::move(tenant), content_sha256);
  } else {
    known = co_await store_.find_by_source(std::move(tenant), std::move(source));
  }
  if (known && *known && (*known)->content_sha256 != content_sha256) known->reset();
  co_return known;
}

}  // namespace weir::app
