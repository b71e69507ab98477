// The scan's kernels agree with each other, and its three steps with a search of everything in f32.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "data/scan/index.h"
#include "data/scan/kernels.h"

namespace weir::data {
namespace {

std::vector<float> unit_vector(std::mt19937& random, std::size_t dimensions) {
  std::normal_distribution<float> normal;
  std::vector<float> values(dimensions);
  float length = 0;
  for (float& value : values) {
    value = normal(random);
    length += value * value;
  }
  for (float& value : values) value /= std::sqrt(length);
  return values;
}

std::vector<std::uint16_t> halves_of(const std::vector<float>& values) {
  std::vector<std::uint16_t> halves(values.size());
  std::ranges::transform(values, halves.begin(), to_half);
  return halves;
}

TEST_CASE("half precision rounds to the nearest and comes back") {
  for (std::uint32_t half = 0; half < 0x10000; ++half) {
    const float value = from_half(static_cast<std::uint16_t>(half));
    if (!std::isnan(value)) CHECK_MESSAGE(to_half(value) == half, half);
  }
  CHECK(to_half(1.0F) == 0x3C00);
  CHECK(to_half(65519.0F) == 0x7BFF);
  CHECK(to_half(65520.0F) == 0x7C00);
  CHECK(to_half(1.0F + 0x1p-11F) == 0x3C00);  // a tie, to even
  CHECK(to_half(1.0F + 0x1p-11F + 0x1p-20F) == 0x3C01);
  CHECK(to_half(0x1p-25F) == 0);
  CHECK(to_half(-0x1.8p-24F) == 0x8002);
  CHECK(std::isnan(from_half(to_half(NAN))));
}

TEST_CASE("every set of kernels gives the same") {
  std::mt19937 random(7);
  constexpr std::size_t kDimensions = 384, kWords = kDimensions / 64;
  std::vector<std::uint64_t> query(kWords), rows(64 * kWords);
  for (auto& word : query) word = std::uint64_t{random()} << 32 | random();
  for (auto& word : rows) word = std::uint64_t{random()} << 32 | random();
  std::vector<std::int8_t> a(kDimensions), b(kDimensions);
  for (auto& code : a) code = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
  for (auto& code : b) code = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
  const auto values = unit_vector(random, kDimensions);
  const auto halves = halves_of(unit_vector(random, kDimensions));
  std::vector<std::uint16_t> expected(64), distances(64);
  kPlainKernels.sign_distances(query.data(), rows.data(), 64, kWords, expected.data());
  for (const ScanKernels* kernels : usable_scan_kernels()) {
    CAPTURE(kernels->name);
    kernels->sign_distances(query.data(), rows.data(), 64, kWords, distances.data());
    CHECK(distances == expected);
    CHECK(kernels->dot_codes(a.data(), b.data(), kDimensions) ==
          kPlainKernels.dot_codes(a.data(), b.data(), kDimensions));
    CHECK(kernels->dot_halves(halves.data(), values.data(), kDimensions) ==
          doctest::Approx(kPlainKernels.dot_halves(halves.data(), values.data(), kDimensions)).epsilon(1e-5));
  }
}

class Collection {
 public:
  explicit Collection(std::size_t count) : random_(11), index_(kDimensions) {
    for (std::size_t i = 0; i < count; ++i) {
      // Around a few centres, as the passages of real documents are.
      std::mt19937 centre(static_cast<std::uint32_t>(i % 50));
      auto values = unit_vector(centre, kDimensions);
      const auto noise = unit_vector(random_, kDimensions);
      for (std::size_t k = 0; k < values.size(); ++k) values[k] = (values[k] + 1.2F * noise[k]) / 1.562F;
      vectors_.push_back(values);
      add(i);
    }
    index_.publish();
  }
  void add(std::size_t i) {
    const auto halves = halves_of(vectors_[i]);
    const ScanIndex::Row row{0, halves};
    json::object metadata;
    metadata["percent"] = i % 100;
    index_.put(std::to_string(i), metadata, std::span(&row, 1));
  }
  ScanIndex& index() { return index_; }
  const std::vector<float>& vector(std::size_t i) const { return vectors_[i]; }

  // The share of the ten truly nearest, of those for which `wanted` holds, that the index finds.
  double recall(const Filter& filter, const std::function<bool(std::size_t)>& wanted) {
    std::size_t right = 0, all = 0;
    for (int round = 0; round < 20; ++round) {
      auto query = vectors_[random_() % vectors_.size()];
      const auto noise = unit_vector(random_, kDimensions);
      for (std::size_t k = 0; k < query.size(); ++k) query[k] = (query[k] + 0.5F * noise[k]) / 1.118F;
      std::vector<std::pair<float, std::size_t>> truth;
      for (std::size_t i = 0; i < vectors_.size(); ++i) {
        if (!wanted(i)) continue;
        float score = 0;
        for (std::size_t k = 0; k < query.size(); ++k) score += query[k] * vectors_[i][k];
        truth.emplace_back(-score, i);
      }
      std::ranges::sort(truth);
      truth.resize(std::min<std::size_t>(truth.size(), 10));
      std::set<std::string> nearest;
      for (const auto& [score, i] : truth) nearest.insert(std::to_string(i));
      for (const VectorHit& hit :
           index_.search({.space = {"", "", kDimensions}, .vector = query, .filter = filter})) {
        right += nearest.contains(hit.document_id) ? 1 : 0;
      }
      all += truth.size();
    }
    return static_cast<double>(right) / static_cast<double>(all);
  }

 private:
  static constexpr std::uint32_t kDimensions = 128;
  std::mt19937 random_;
  std::vector<std::vector<float>> vectors_;
  ScanIndex index_;
};

TEST_CASE("the scan finds the truly nearest, with and without a filter") {
  Collection collection(12'000);
  CHECK(collection.recall({}, [](std::size_t) { return true; }) >= 0.99);
  const Filter one_percent{{{"percent", Comparison::equal, {7.0}}}};
  CHECK(collection.recall(one_percent, [](std::size_t i) { return i % 100 == 7; }) == 1.0);
  const Filter most{{{"percent", Comparison::less, {90.0}}}};
  CHECK(collection.recall(most, [](std::size_t i) { return i % 100 < 90; }) >= 0.99);
}

TEST_CASE("what is removed is gone, also after the index was written anew") {
  Collection collection(4'000);
  const std::size_t bytes = collection.index().size_bytes();
  for (std::size_t i = 0; i < 4'000; ++i) {
    if (i % 10 != 3) collection.index().remove(std::to_string(i));
  }
  collection.index().publish();
  CHECK(collection.index().size() == 400);
  CHECK(collection.index().size_bytes() < bytes / 4);
  CHECK(collection.recall({}, [](std::size_t i) { return i % 10 == 3; }) == 1.0);
  collection.index().remove("3");
  collection.add(3);
  collection.add(0);
  collection.index().publish();
  CHECK(collection.index().size() == 401);
  CHECK(collection.index()
            .search({.space = {"", "", 128}, .vector = collection.vector(0), .limit = 1})[0]
            .document_id == "0");
  const Filter third{{{"percent", Comparison::equal, {3.0}}}};
  CHECK(collection.recall(third, [](std::size_t i) { return i % 100 == 3; }) == 1.0);
}

}  // namespace
}  // namespace weir::data
