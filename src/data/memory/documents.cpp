#include "data/memory/documents.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/json.h"
#include "data/document_cursor.h"
#include "data/words.h"

namespace weir::data {
namespace {

// Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with the constants of FTS5's
// bm25().
constexpr double kSaturation = 1.2;
constexpr double kLengthWeight = 0.75;
constexpr double kHeadingWeight = 2;  // also of the title
constexpr double kPartWeight = 0.5;   // of an identifier's part

struct Candidate {
  const Chunk* chunk;
  const Document* document;
  std::map<std::string, double> weights;  // of each word, the column weights included
  double length = 0;
};

void count_words(Candidate& candidate, std::string_view text, double weight) {
  for (std::string& word : words_of(text)) {
    candidate.weights[std::move(word)] += weight;
    candidate.length += 1;
  }
}

Candidate make_candidate(const Chunk& chunk, const Document& document) {
  Candidate candidate{.chunk = &chunk, .document = &document, .weights = {}};
  count_words(candidate, document.title, kHeadingWeight);
  count_words(candidate, chunk.heading, kHeadingWeight);
  count_words(candidate, chunk.text, 1);
  count_words(candidate, identifier_parts(chunk.heading + " " + chunk.text), kPartWeight);
  return candidate;
}

// The word's share in each candidate's score; `scores` runs parallel to `candidates`.
void add_scores(const std::string& word, const std::vector<Candidate>& candidates, double average_length,
                std::vector<double>& scores) {
  const auto holders = static_cast<double>(
      std::ranges::count_if(candidates, [&](const Candidate& c) { return c.weights.contains(word); }));
  const auto total = static_cast<double>(candidates.size());
  const double rarity = std::max(1e-6, std::log((total - holders + 0.5) / (holders + 0.5)));
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto found = candidates[i].weights.find(word);
    if (found == candidates[i].weights.end()) continue;
    const double frequency = found->second;
    const double length = candidates[i].length / average_length;
    scores[i] += rarity * frequency * (kSaturation + 1) /
                 (frequency + kSaturation * (1 - kLengthWeight + kLengthWeight * length));
  }
}

bool passes(const Document& document, const TextQuery& query) {
  if (!query.collection.empty() && document.collection != query.collection) return false;
  if (query.filter.empty()) return true;
  const auto metadata = parse_json(document.metadata_json);
  return metadata && metadata->is_object() && matches(query.filter, metadata->get_object());
}

Document without_text(const Document& document) {
  Document copy = document;
  copy.text.clear();
  return copy;
}

}  // namespace

Task<Result<>> MemoryDocuments::put(TenantId tenant, Document document, std::vector<Chunk> chunks,
                                    DocumentVectors) {
  const std::lock_guard lock(mutex_);
  keep(tenant, std::move(document), std::move(chunks));
  co_return Result<>();
}

Task<Result<PutDocument>> MemoryDocuments::put_by_source(TenantId tenant, Document document,
                                                         std::vector<Chunk> chunks, DocumentVectors) {
  const std::lock_guard lock(mutex_);
  auto known = document.source.empty()
                   ? find_newest(tenant, &Document::content_sha256, document.content_sha256)
                   : find_newest(tenant, &Document::source, document.source);
  if (known && known->content_sha256 == document.content_sha256) {
    co_return PutDocument{*std::move(known), PutOutcome::unchanged};
  }
  if (known) {
    document.id = std::move(known->id);
    document.created_at = known->created_at;
  }
  document.chunk_count = static_cast<std::uint32_t>(chunks.size());
  PutDocument put{without_text(document), known ? PutOutcome::updated : PutOutcome::created};
  keep(tenant, std::move(document), std::move(chunks));
  co_return put;
}

void MemoryDocuments::keep(const TenantId& tenant, Document document, std::vector<Chunk> chunks) {
  document.chunk_count = static_cast<std::uint32_t>(chunks.size());
  for (Chunk& chunk : chunks) {
    chunk.document_id = document.id;
    chunk.id = document.id + "#" + std::to_string(chunk.ordinal);
  }
  std::string id = document.id;
  tenants_[tenant].insert_or_assign(std::move(id), Entry{std::move(document), std::move(chunks)});
}

Task<Result<Document>> MemoryDocuments::get(TenantId tenant, std::string id) {
  const std::lock_guard lock(mutex_);
  const auto entries = tenants_.find(tenant);
  if (entries != tenants_.end()) {
    const auto entry = entries->second.find(id);
    if (entry != entries->second.end()) co_return entry->second.document;
  }
  co_return fail(Code::not_found, "there is no such document");
}

Task<Result<std::optional<Document>>> MemoryDocuments::find_by_hash(TenantId tenant,
                                                                    std::string content_sha256) {
  const std::lock_guard lock(mutex_);
  co_return find_newest(tenant, &Document::content_sha256, content_sha256);
}

Task<Result<std::optional<Document>>> MemoryDocuments::find_by_source(TenantId tenant, std::string source) {
  const std::lock_guard lock(mutex_);
  co_return find_newest(tenant, &Document::source, source);
}

Task<Result<DocumentPage>> MemoryDocuments::list(TenantId tenant, std::uint32_t limit, std::string cursor) {
  auto checked = check_page_limit(limit);
  if (!checked) co_return fail(checked);
  auto after = parse_document_cursor(cursor);
  if (!after) co_return fail(after);
  const std::lock_guard lock(mutex_);
  DocumentPage page;
  for (const Document* document : newest_first(tenant)) {
    if (std::tie(document->created_at, document->id) >= std::tie(after->created_at, after->id)) continue;
    if (page.documents.size() == limit) {
      const Document& last = page.documents.back();
      page.next_cursor = to_string(DocumentCursor{last.created_at, last.id});
      break;
    }
    page.documents.push_back(without_text(*document));
  }
  co_return page;
}

Task<Result<>> MemoryDocuments::remove(TenantId tenant, std::string id) {
  const std::lock_guard lock(mutex_);
  const auto entries = tenants_.find(tenant);
  const bool removed = entries != tenants_.end() && entries->second.erase(id) > 0;
  if (!removed) co_return fail(Code::not_found, "there is no such document");
  co_return Result<>();
}

Task<Result<std::uint64_t>> MemoryDocuments::count(TenantId tenant) {
  const std::lock_guard lock(mutex_);
  const auto entries = tenants_.find(tenant);
  co_return entries == tenants_.end() ? 0 : entries->second.size();
}

Task<Result<std::vector<FoundChunk>>> MemoryDocuments::search_text(TenantId tenant, TextQuery query) {
  auto checked = check_page_limit(query.limit);
  if (!checked) co_return fail(checked);
  const std::lock_guard lock(mutex_);
  std::vector<FoundChunk> found;
  const auto entries = tenants_.find(tenant);
  if (entries == tenants_.end()) co_return found;

  std::vector<Candidate> candidates;
  double length = 0;
  for (const auto& [id, entry] : entries->second) {
    if (!passes(entry.document, query)) continue;
    for (const Chunk& chunk : entry.chunks) {
      candidates.push_back(make_candidate(chunk, entry.document));
      length += candidates.back().length;
    }
  }
  std::vector<double> scores(candidates.size());
  for (const std::string& word : query_words(query.text)) {
    add_scores(word, candidates, length / static_cast<double>(candidates.size()), scores);
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (scores[i] <= 0) continue;
    const Candidate& candidate = candidates[i];
    found.push_back(
        FoundChunk{*candidate.chunk, candidate.document->title, candidate.document->source, scores[i]});
  }
  std::ranges::sort(found, [](const FoundChunk& a, const FoundChunk& b) {
    return std::tie(b.score, a.chunk.id) < std::tie(a.score, b.chunk.id);
  });
  if (found.size() > query.limit) found.resize(query.limit);
  co_return found;
}

Task<Result<std::vector<FoundChunk>>> MemoryDocuments::get_chunks(TenantId tenant,
                                                                  std::vector<ChunkKey> keys) {
  const std::lock_guard lock(mutex_);
  std::vector<FoundChunk> found;
  const auto entries = tenants_.find(tenant);
  if (entries == tenants_.end()) co_return found;
  for (const ChunkKey& key : keys) {
    const auto entry = entries->second.find(key.document_id);
    if (entry == entries->second.end() || key.ordinal >= entry->second.chunks.size()) continue;
    const Document& document = entry->second.document;
    found.push_back(FoundChunk{entry->second.chunks[key.ordinal], document.title, document.source, 0});
  }
  co_return found;
}

Task<Result<std::vector<Chunk>>> MemoryDocuments::chunks_of(TenantId tenant, std::string document_id) {
  const std::lock_guard lock(mutex_);
  const auto entries = tenants_.find(tenant);
  if (entries == tenants_.end()) co_return std::vector<Chunk>();
  const auto entry = entries->second.find(document_id);
  co_return entry == entries->second.end() ? std::vector<Chunk>() : entry->second.chunks;
}

std::vector<const Document*> MemoryDocuments::newest_first(const TenantId& tenant) const {
  std::vector<const Document*> documents;
  const auto entries = tenants_.find(tenant);
  if (entries == tenants_.end()) return documents;
  for (const auto& [id, entry] : entries->second) documents.push_back(&entry.document);
  std::ranges::sort(documents, [](const Document* a, const Document* b) {
    return std::tie(a->created_at, a->id) > std::tie(b->created_at, b->id);
  });
  return documents;
}

std::optional<Document> MemoryDocuments::find_newest(const TenantId& tenant, std::string Document::* field,
                                                     const std::string& value) const {
  for (const Document* document : newest_first(tenant)) {
    if (document->*field == value) return without_text(*document);
  }
  return std::nullopt;
}

}  // namespace weir::data
