#include "data/sqlite/vector_memory.h"

#include <algorithm>
#include <tuple>

#include "base/json.h"

namespace weir::data {

bool VectorMemory::NameOrder::operator()(const DocumentName& a, const DocumentName& b) const {
  return std::tie(a.tenant, a.document_id) < std::tie(b.tenant, b.document_id);
}

Result<> VectorMemory::catch_up() {
  const std::lock_guard lock(changing_);
  return database_.read([&](Connection& connection) -> Result<> {
    auto range = change_range(connection);
    if (!range) return fail(range);
    if (seen_ && range->last == *seen_) return {};
    auto spaces = read_known_spaces(connection);
    if (!spaces) return spaces;
    // The log holds every change since when its oldest entry follows the last one seen.
    const bool log_suffices = seen_ && range->first != 0 && range->first <= *seen_ + 1;
    auto read = log_suffices ? read_changes(connection) : read_everything(connection);
    if (!read) {
      seen_.reset();  // half taken over: begin again
      return read;
    }
    seen_ = range->last;
    return {};
  });
}

Result<> VectorMemory::read_known_spaces(Connection& connection) {
  auto spaces = read_spaces(connection);
  if (!spaces) return fail(spaces);
  const std::unique_lock lock(mutex_);
  spaces_ = *std::move(spaces);
  return {};
}

Result<> VectorMemory::read_changes(Connection& connection) {
  auto changed = changed_since(connection, *seen_);
  if (!changed) return fail(changed);
  std::vector<ScanIndex*> touched;
  for (const DocumentName& name : *changed) {
    auto document = read_document_vectors(connection, name);
    if (!document) return fail(document);
    remove(name, touched);
    if (*document) put(**document, touched);
  }
  for (ScanIndex* index : touched) index->publish();
  return {};
}

Result<> VectorMemory::read_everything(Connection& connection) {
  homes_.clear();
  {
    const std::unique_lock lock(mutex_);
    indexes_.clear();  // searches under way keep theirs
  }
  std::vector<ScanIndex*> touched;
  auto read = read_all_vectors(connection, [&](const DocumentRow& document) { put(document, touched); });
  if (!read) return read;
  for (ScanIndex* index : touched) index->publish();
  return {};
}

void VectorMemory::put(const DocumentRow& document, std::vector<ScanIndex*>& touched) {
  std::map<Place, std::vector<ScanIndex::Row>> rows;
  for (const VectorRow& vector : document.vectors) {
    rows[{vector.space, document.tenant, document.collection, vector.level}].push_back(
        {vector.ordinal, vector.halves});
  }
  if (rows.empty()) return;
  const auto metadata = parse_json(document.metadata_json);
  static const json::object kNothing;
  const json::object* object = metadata ? metadata->if_object() : nullptr;
  auto& homes = homes_[{document.tenant, document.document_id}];
  for (const auto& [place, place_rows] : rows) {
    ScanIndex& index = index_at(place, static_cast<std::uint32_t>(place_rows.front().halves.size()));
    index.put(document.document_id, object != nullptr ? *object : kNothing, place_rows);
    homes.push_back(&index);
    if (std::ranges::find(touched, &index) == touched.end()) touched.push_back(&index);
  }
}

void VectorMemory::remove(const DocumentName& name, std::vector<ScanIndex*>& touched) {
  const auto known = homes_.find(name);
  if (known == homes_.end()) return;
  for (ScanIndex* index : known->second) {
    index->remove(name.document_id);
    if (std::ranges::find(touched, index) == touched.end()) touched.push_back(index);
  }
  homes_.erase(known);
}

ScanIndex& VectorMemory::index_at(const Place& place, std::uint32_t dimensions) {
  const std::unique_lock lock(mutex_);
  auto& index = indexes_[place];
  if (!index) index = std::make_shared<ScanIndex>(dimensions);
  return *index;
}

std::vector<VectorHit> VectorMemory::search(const TenantId& tenant, const VectorQuery& query) const {
  std::vector<std::shared_ptr<ScanIndex>> searched;
  {
    const std::shared_lock lock(mutex_);
    const auto space = std::ranges::find(spaces_, query.space, &std::pair<std::int64_t, VectorSpace>::second);
    if (space == spaces_.end()) return {};
    // The map is in the order of (space, tenant, collection, level): a tenant's indexes are neighbours.
    const Place first{space->first, tenant, query.collection, VectorLevel::passage};
    for (auto at = indexes_.lower_bound(first); at != indexes_.end(); ++at) {
      if (at->first.space != space->first || at->first.tenant != tenant) break;
      if (!query.collection.empty() && at->first.collection != query.collection) break;
      if (at->first.level == query.level) searched.push_back(at->second);
    }
  }
  std::vector<VectorHit> hits;
  for (const auto& index : searched) {
    auto found = index->search(query);
    std::ranges::move(found, std::back_inserter(hits));
  }
  if (searched.size() > 1) {
    std::ranges::sort(hits, [](const VectorHit& a, const VectorHit& b) {
      return std::tie(b.score, a.document_id, a.ordinal) < std::tie(a.score, b.document_id, b.ordinal);
    });
    if (hits.size() > query.limit) hits.resize(query.limit);
  }
  return hits;
}

std::size_t VectorMemory::size() const {
  const std::shared_lock lock(mutex_);
  std::size_t size = 0;
  for (const auto& [place, index] : indexes_) size += index->size();
  return size;
}

std::size_t VectorMemory::size_bytes() const {
  const std::shared_lock lock(mutex_);
  std::size_t size = 0;
  for (const auto& [place, index] : indexes_) size += index->size_bytes();
  return size;
}

}  // namespace weir::data
