#include "data/scan/index.h"

#include <algorithm>
#include <bit>
#include <mutex>
#include <tuple>

namespace weir::data {
namespace {

// How many rows that are near by their signs are looked at closer. 1,000 find 0.999 of the ten truly
// nearest of 78,000 real vectors, and many that are asked for want a wider net.
constexpr std::size_t kNearMin = 1'500;
constexpr std::size_t kNearPerHit = 20;
// Below this many rows the signs save nothing.
constexpr std::size_t kScanMin = 4'096;
// How many passages are scored in half precision, for each that is asked for: the codes err by less than
// one place in two hundred.
constexpr std::size_t kFinePerHit = 3;
constexpr std::size_t kFineMin = 32;
// Rows that are gone, beyond those that live, before the index is written anew.
constexpr std::size_t kDeadSlack = 1'024;

}  // namespace

struct ScanIndex::Candidate {
  std::uint32_t block;
  std::uint32_t row;
  float score;
};

ScanIndex::ScanIndex(std::uint32_t dimensions)
    : dimensions_(dimensions), snapshot_(std::make_shared<const Snapshot>()) {}

void ScanIndex::put(const std::string& document_id, const json::object& metadata, std::span<const Row> rows) {
  remove(document_id);
  if (rows.empty()) return;
  const std::unique_lock lock(mutex_);
  const auto number = static_cast<std::uint32_t>(documents_.size());
  numbers_[document_id] = number;
  const std::size_t used =
      blocks_.empty() ? 0 : (blocks_.size() - 1) * ScanBlock::kRows + blocks_.back()->size();
  documents_.push_back({used, rows.size()});
  metadata_.push_back(metadata);
  metadata_index_.add(number, metadata);
  const auto shared_id = std::make_shared<const std::string>(document_id);
  std::vector<float> values(dimensions_);
  for (const Row& row : rows) {
    if (blocks_.empty() || blocks_.back()->full()) {
      blocks_.push_back(std::make_shared<ScanBlock>(dimensions_));
      live_.push_back(0);
    }
    std::ranges::transform(row.halves, values.begin(), from_half);
    live_.back() |= std::uint64_t{1} << blocks_.back()->size();
    blocks_.back()->append({shared_id, number, row.ordinal}, scan_vector(values), row.halves);
  }
  live_rows_ += rows.size();
}

void ScanIndex::remove(const std::string& document_id) {
  const std::unique_lock lock(mutex_);
  const auto known = numbers_.find(document_id);
  if (known == numbers_.end()) return;
  DocumentRows& rows = documents_[known->second];
  for (std::size_t row = rows.first; row < rows.first + rows.count; ++row) {
    live_[row / ScanBlock::kRows] &= ~(std::uint64_t{1} << (row % ScanBlock::kRows));
  }
  live_rows_ -= rows.count;
  rows.count = 0;
  metadata_[known->second].clear();
  numbers_.erase(known);
}

void ScanIndex::publish() {
  const std::unique_lock lock(mutex_);
  if (blocks_.size() * ScanBlock::kRows > 2 * live_rows_ + kDeadSlack) compact();
  auto next = std::make_shared<Snapshot>();
  next->blocks.assign(blocks_.begin(), blocks_.end());
  next->live = live_;
  next->rows = live_rows_;
  // The last goes on growing, so that a search gets a copy of it.
  if (!blocks_.empty() && !blocks_.back()->full()) {
    next->blocks.back() = std::make_shared<const ScanBlock>(*blocks_.back());
  }
  snapshot_ = std::move(next);
}

// Writes the living rows into new blocks and numbers the documents anew. Under the lock.
void ScanIndex::compact() {
  std::vector<std::shared_ptr<ScanBlock>> blocks;
  std::vector<std::uint64_t> live;
  std::vector<DocumentRows> documents;
  std::vector<json::object> metadata;
  MetadataIndex index;
  for (std::size_t old = 0; old < documents_.size(); ++old) {
    const DocumentRows& rows = documents_[old];
    if (rows.count == 0) continue;
    const auto number = static_cast<std::uint32_t>(documents.size());
    const std::size_t used =
        blocks.empty() ? 0 : (blocks.size() - 1) * ScanBlock::kRows + blocks.back()->size();
    documents.push_back({used, rows.count});
    metadata.push_back(std::move(metadata_[old]));
    index.add(number, metadata.back());
    for (std::size_t row = rows.first; row < rows.first + rows.count; ++row) {
      if (blocks.empty() || blocks.back()->full()) {
        blocks.push_back(std::make_shared<ScanBlock>(dimensions_));
        live.push_back(0);
      }
      live.back() |= std::uint64_t{1} << blocks.back()->size();
      blocks.back()->append(*blocks_[row / ScanBlock::kRows], row % ScanBlock::kRows, number);
    }
    numbers_[*blocks_[rows.first / ScanBlock::kRows]->owner(rows.first % ScanBlock::kRows).document_id] =
        number;
  }
  blocks_ = std::move(blocks);
  live_ = std::move(live);
  documents_ = std::move(documents);
  metadata_ = std::move(metadata);
  metadata_index_ = std::move(index);
}

ScanIndex::View ScanIndex::view(const Filter& filter) const {
  View out;
  const std::shared_lock lock(mutex_);
  out.snapshot = snapshot_;
  if (filter.empty()) {
    out.wanted = snapshot_->live;
    out.rows = snapshot_->rows;
    return out;
  }
  const auto count = static_cast<std::uint32_t>(documents_.size());
  const DocumentSet allowed = metadata_index_.find(filter, count);
  out.wanted.resize(snapshot_->live.size());
  for (std::size_t word = 0; word < allowed.size(); ++word) {
    for (std::uint64_t bits = allowed[word]; bits != 0; bits &= bits - 1) {
      const std::size_t document = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
      if (document >= count) break;
      const DocumentRows& rows = documents_[document];
      for (std::size_t row = rows.first; row < rows.first + rows.count; ++row) {
        const std::size_t block = row / ScanBlock::kRows;
        if (block >= out.wanted.size()) break;  // not published yet
        out.wanted[block] |= std::uint64_t{1} << (row % ScanBlock::kRows);
      }
    }
  }
  for (std::size_t block = 0; block < out.wanted.size(); ++block) {
    out.wanted[block] &= snapshot_->live[block];
    out.rows += static_cast<std::size_t>(std::popcount(out.wanted[block]));
  }
  return out;
}

std::vector<ScanIndex::Candidate> ScanIndex::all_rows(const View& view) {
  std::vector<Candidate> candidates;
  candidates.reserve(view.rows);
  for (std::size_t block = 0; block < view.wanted.size(); ++block) {
    for (std::uint64_t bits = view.wanted[block]; bits != 0; bits &= bits - 1) {
      candidates.push_back(
          {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(std::countr_zero(bits)), 0});
    }
  }
  return candidates;
}

// At least `count` rows whose signs differ least from the query's, and all that differ as little.
std::vector<ScanIndex::Candidate> ScanIndex::nearest_signs(const View& view, const ScanVector& query,
                                                           std::size_t count) const {
  const ScanKernels& kernels = scan_kernels();
  const std::size_t blocks = view.wanted.size();
  const auto distances = std::make_unique_for_overwrite<std::uint16_t[]>(blocks * ScanBlock::kRows);
  std::vector<std::uint32_t> histogram(padded(dimensions_) + 1);
  for (std::size_t block = 0; block < blocks; ++block) {
    if (view.wanted[block] == 0) continue;
    std::uint16_t* const out = distances.get() + block * ScanBlock::kRows;
    view.snapshot->blocks[block]->sign_distances(kernels, query, out);
    if (view.wanted[block] == ~std::uint64_t{0}) {
      for (std::size_t row = 0; row < ScanBlock::kRows; ++row) ++histogram[out[row]];
    } else {
      for (std::uint64_t bits = view.wanted[block]; bits != 0; bits &= bits - 1) {
        ++histogram[out[std::countr_zero(bits)]];
      }
    }
  }
  std::size_t farthest = 0;
  for (std::size_t found = 0; farthest < histogram.size(); ++farthest) {
    found += histogram[farthest];
    if (found >= count) break;
  }
  std::vector<Candidate> candidates;
  candidates.reserve(count + count / 4);
  for (std::size_t block = 0; block < blocks; ++block) {
    if (view.wanted[block] == 0) continue;
    const std::uint16_t* const out = distances.get() + block * ScanBlock::kRows;
    std::uint64_t near = 0;
    for (std::size_t row = 0; row < ScanBlock::kRows; ++row) {
      near |= static_cast<std::uint64_t>(out[row] <= farthest) << row;
    }
    for (std::uint64_t bits = near & view.wanted[block]; bits != 0; bits &= bits - 1) {
      candidates.push_back(
          {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(std::countr_zero(bits)), 0});
    }
  }
  return candidates;
}

std::vector<VectorHit> ScanIndex::search(const VectorQuery& query) const {
  const ScanKernels& kernels = scan_kernels();
  const ScanVector wanted = scan_vector(query.vector);
  const View seen = view(query.filter);
  const std::size_t near = std::max(kNearMin, kNearPerHit * query.limit);
  auto candidates =
      seen.rows <= std::max(near, kScanMin) ? all_rows(seen) : nearest_signs(seen, wanted, near);

  const Blocks& blocks = seen.snapshot->blocks;
  for (Candidate& candidate : candidates) {
    candidate.score = blocks[candidate.block]->coarse_score(kernels, wanted, candidate.row);
  }
  const auto better = [](const Candidate& a, const Candidate& b) {
    return std::tie(b.score, a.block, a.row) < std::tie(a.score, b.block, b.row);
  };
  // The best row of each passage, in half precision.
  const std::size_t fine = std::max(kFineMin, kFinePerHit * query.limit);
  const std::size_t per_passage = query.level == VectorLevel::sentence ? 8 : 1;  // rows of one, about
  const std::size_t sorted = std::min(candidates.size(), fine * per_passage);
  std::ranges::partial_sort(candidates, candidates.begin() + static_cast<std::ptrdiff_t>(sorted), better);
  std::vector<VectorHit> hits;
  std::unordered_map<std::uint64_t, std::size_t> places;  // of a passage among the hits
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i >= sorted || hits.size() >= fine) break;
    const Candidate& candidate = candidates[i];
    const ScanBlock::Owner& owner = blocks[candidate.block]->owner(candidate.row);
    const double score = blocks[candidate.block]->score(kernels, wanted, candidate.row);
    const auto [place, first] =
        places.try_emplace(std::uint64_t{owner.document} << 32 | owner.ordinal, hits.size());
    if (first) {
      hits.push_back({*owner.document_id, owner.ordinal, score});
    } else {
      hits[place->second].score = std::max(hits[place->second].score, score);
    }
  }
  std::ranges::sort(hits, [](const VectorHit& a, const VectorHit& b) {
    return std::tie(b.score, a.document_id, a.ordinal) < std::tie(a.score, b.document_id, b.ordinal);
  });
  if (hits.size() > query.limit) hits.resize(query.limit);
  return hits;
}

std::size_t ScanIndex::size() const {
  const std::shared_lock lock(mutex_);
  return snapshot_->rows;
}

std::size_t ScanIndex::size_bytes() const {
  const std::shared_lock lock(mutex_);
  std::size_t size = documents_.size() * (sizeof(DocumentRows) + sizeof(json::object));
  for (const auto& block : blocks_) size += block->size_bytes();
  return size;
}

}  // namespace weir::data
