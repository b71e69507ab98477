#include "app/documents/library.h"

#include "app/documents/chunker.h"
#include "app/documents/parser.h"
#include "base/digest.h"
#include "base/ids.h"
#include "base/text.h"

namespace weir::app {
namespace {

struct Prepared {
  ParsedDocument parsed;
  std::string media_type;
};

Result<Prepared> prepare(const DocumentInput& input) {
  if (trim(input.bytes).empty()) {
    return fail(Code::invalid_request, "the document is empty", "send its text");
  }
  auto parser = choose_parser(input.media_type, input.source, input.bytes);
  if (!parser) return fail(parser);
  if (!is_valid_utf8(input.bytes)) {
    return fail(Code::invalid_request, "the document is not valid UTF-8", "convert it, for example with iconv -t UTF-8");
  }
  if (input.bytes.find('\0') != std::string::npos) {
    return fail(Code::invalid_request, "the document contains NUL bytes, as binary files do",
                "send text, Markdown or HTML");
  }
  auto parsed = (*parser)->parse(input.bytes);
  if (!parsed) return fail(parsed);
  if (trim(parsed->text).empty() || parsed->blocks.empty()) {
    return fail(Code::invalid_request, "there is nothing to read in the document", "check that it has text");
  }
  return Prepared{*std::move(parsed), std::string((*parser)->media_type)};
}

std::string title_of(const DocumentInput& input, const ParsedDocument& parsed) {
  if (!input.title.empty()) return input.title;
  if (!parsed.title.empty()) return parsed.title;
  const auto slash = input.source.find_last_of('/');
  const std::string name = slash == std::string::npos ? input.source : input.source.substr(slash + 1);
  return name.empty() ? "Untitled" : name;
}

}  // namespace

Library::Library(LibraryConfig config, data::Documents& store, net::WorkerPool& pool, const Clock& clock,
                 Random& random)
    : config_(config), store_(store), pool_(pool), clock_(clock), random_(random) {}

Task<Result<Added>> Library::add(data::TenantId tenant, DocumentInput input) {
  if (input.bytes.size() > config_.document_size_max) {
    co_return fail(Code::too_large,
                   "the document is larger than " + std::to_string(config_.document_size_max) + " bytes",
                   "split it");
  }
  // Shared, because a cancelled caller leaves the work on its thread behind.
  auto shared = std::make_shared<const DocumentInput>(std::move(input));
  auto work = [shared] { return prepare(*shared); };
  auto prepared = co_await pool_.run(std::move(work));
  if (!prepared) co_return fail(prepared);

  data::Document document;
  document.content_sha256 = to_hex(sha256(shared->bytes));
  auto same_content = co_await store_.find_by_hash(tenant, document.content_sha256);
  if (!same_content) co_return fail(same_content);
  if (*same_content && (*same_content)->source == shared->source) {
    co_return Added{std::move(**same_content), AddOutcome::unchanged};
  }
  AddOutcome outcome = AddOutcome::created;
  document.created_at = document.updated_at = clock_.wall();
  document.id = new_id("doc", clock_, random_);
  if (!shared->source.empty()) {
    auto same_source = co_await store_.find_by_source(tenant, shared->source);
    if (!same_source) co_return fail(same_source);
    if (*same_source) {
      outcome = AddOutcome::updated;
      document.id = (*same_source)->id;
      document.created_at = (*same_source)->created_at;
    }
  }
  document.title = title_of(*shared, prepared->parsed);
  document.source = shared->source;
  document.media_type = std::move(prepared->media_type);
  document.metadata_json = shared->metadata_json;
  document.size_bytes = shared->bytes.size();
  const ChunkerConfig chunker{config_.chunk_target_chars};
  auto chunks = cut_into_chunks(prepared->parsed, document.id, chunker);
  document.chunk_count = static_cast<std::uint32_t>(chunks.size());
  document.text = std::move(prepared->parsed.text);
  auto stored = co_await store_.put(std::move(tenant), document, std::move(chunks));
  if (!stored) co_return fail(stored);
  document.text.clear();
  co_return Added{std::move(document), outcome};
}

Task<Result<data::Document>> Library::get(data::TenantId tenant, std::string id) {
  return store_.get(std::move(tenant), std::move(id));
}

Task<Result<data::DocumentPage>> Library::list(data::TenantId tenant, std::uint32_t limit, std::string cursor) {
  return store_.list(std::move(tenant), limit, std::move(cursor));
}

Task<Result<>> Library::remove(data::TenantId tenant, std::string id) {
  return store_.remove(std::move(tenant), std::move(id));
}

}  // namespace weir::app
