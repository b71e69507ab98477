// tests/contract/vectors_contract.h: what every implementation of data::Vectors keeps. Call it from a
// TEST_CASE with fresh, empty stores for each subcase; `documents` is where the passages live.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "contract/documents_contract.h"
#include "data/documents.h"
#include "data/vectors.h"
#include "support/run_task.h"

namespace weir::test {

inline const data::VectorSpace kSampleSpace{"sample", "1", 70};  // not a multiple of what kernels like

// A unit vector that `seed` decides.
inline std::vector<float> sample_vector(std::uint32_t seed,
                                        std::uint32_t dimensions = kSampleSpace.dimensions) {
  std::mt19937 random(seed);
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

// One vector for each passage, of the seeds.
inline data::DocumentVectors sample_vectors(const std::vector<std::uint32_t>& seeds,
                                            const data::VectorSpace& space = kSampleSpace) {
  data::DocumentVectors vectors{.space = space, .places = {}, .values = {}};
  for (std::uint32_t i = 0; i < seeds.size(); ++i) {
    vectors.places.push_back({i, data::VectorLevel::passage});
    const auto values = sample_vector(seeds[i], space.dimensions);
    vectors.values.insert(vectors.values.end(), values.begin(), values.end());
  }
  return vectors;
}

class VectorsContract {
 public:
  VectorsContract(data::Documents& documents, data::Vectors& vectors)
      : documents_(documents), vectors_(vectors) {}

  void run() {
    SUBCASE("the nearest come first, with their cosine") {
      finds_the_nearest();
    }
    SUBCASE("an upsert replaces all that the document had in the space") {
      replaces();
    }
    SUBCASE("a removed document is never found again") {
      removes();
    }
    SUBCASE("a replaced document's old passages are never found again") {
      follows_the_text();
    }
    SUBCASE("vectors of another text or of other passages are refused") {
      refuses_stale_vectors();
    }
    SUBCASE("tenants do not see each other") {
      isolates_tenants();
    }
    SUBCASE("spaces do not mix") {
      separates_spaces();
    }
    SUBCASE("filters narrow the search and do not thin its result") {
      filters();
    }
    SUBCASE("collections narrow the search") {
      narrows_to_a_collection();
    }
    SUBCASE("a passage is found by its best sentence, once") {
      finds_sentences();
    }
    SUBCASE("bad limits and vectors of the wrong length are refused") {
      refuses_bad_queries();
    }
    SUBCASE("ten thousand queries of one tenant never see another's passage") {
      keeps_tenants_apart();
    }
  }

 private:
  const data::TenantId acme_{"acme"};
  const data::TenantId acme_two_{"acme-2"};
  using Ids = std::vector<std::string>;

  void put(const data::TenantId& tenant, data::Document document, const std::vector<std::uint32_t>& seeds) {
    const std::string id = document.id, hash = document.content_sha256;
    auto chunks = sample_chunks(id, std::vector<std::string>(seeds.size(), "words"));
    REQUIRE(run_task(documents_.put(tenant, std::move(document), std::move(chunks))));
    REQUIRE(run_task(vectors_.upsert(tenant, id, hash, sample_vectors(seeds))));
  }
  void put(const std::string& id, const std::vector<std::uint32_t>& seeds,
           const std::string& metadata = "{}") {
    auto document = sample_document(id, "Title", "text");
    document.metadata_json = metadata;
    put(acme_, std::move(document), seeds);
  }

  static data::VectorQuery query(std::uint32_t seed, std::uint32_t limit = 10) {
    return {.space = kSampleSpace, .vector = sample_vector(seed), .limit = limit};
  }
  std::vector<data::VectorHit> find(data::VectorQuery wanted) {
    auto hits = run_task(vectors_.search(acme_, std::move(wanted)));
    REQUIRE(hits);
    for (std::size_t i = 1; i < hits->size(); ++i) CHECK((*hits)[i - 1].score >= (*hits)[i].score);
    return *std::move(hits);
  }
  Ids ids(data::VectorQuery wanted) {
    Ids out;
    for (const data::VectorHit& hit : find(std::move(wanted))) out.push_back(hit.chunk_id());
    return out;
  }

  void finds_the_nearest() {
    put("doc_1", {1, 2, 3});
    put("doc_2", {4, 5});
    for (const std::uint32_t seed : {1U, 2U, 3U, 4U, 5U}) {
      const auto hits = find(query(seed));
      REQUIRE(hits.size() == 5);
      CHECK(hits[0].score == doctest::Approx(1).epsilon(0.002));
      CHECK(hits[0].chunk_id() ==
            (seed < 4 ? "doc_1#" + std::to_string(seed - 1) : "doc_2#" + std::to_string(seed - 4)));
      CHECK(hits[1].score < 0.9);
    }
    CHECK(find(query(1, 2)).size() == 2);
    CHECK(run_task(vectors_.count(acme_, kSampleSpace)) == 5U);
  }

  void replaces() {
    put("doc_1", {1, 2});
    REQUIRE(run_task(vectors_.upsert(acme_, "doc_1", "hash-of-doc_1", sample_vectors({7, 8}))));
    CHECK(run_task(vectors_.count(acme_, kSampleSpace)) == 2U);
    CHECK(find(query(1))[0].score < 0.9);
    CHECK(ids(query(8, 1)) == Ids{"doc_1#1"});
  }

  void removes() {
    put("doc_1", {1, 2});
    put("doc_2", {3});
    REQUIRE(run_task(documents_.remove(acme_, "doc_1")));
    REQUIRE(run_task(vectors_.remove(acme_, "doc_1")));
    CHECK(ids(query(1)) == Ids{"doc_2#0"});
    CHECK(run_task(vectors_.count(acme_, kSampleSpace)) == 1U);
    CHECK(run_task(vectors_.upsert(acme_, "doc_1", "hash-of-doc_1", sample_vectors({1, 2}))).error().code ==
          Code::not_found);
    CHECK(ids(query(1)) == Ids{"doc_2#0"});
    // Only the vectors of a document that stays.
    REQUIRE(run_task(vectors_.remove(acme_, "doc_2")));
    REQUIRE(run_task(vectors_.remove(acme_, "doc_2")));
    CHECK(ids(query(3)).empty());
  }

  void follows_the_text() {
    put("doc_1", {1, 2, 3});
    auto document = sample_document("doc_1", "Title", "another text");
    document.content_sha256 = "another hash";
    put(acme_, std::move(document), {9});
    CHECK(ids(query(1)) == Ids{"doc_1#0"});
    CHECK(find(query(9))[0].score == doctest::Approx(1).epsilon(0.002));
    CHECK(run_task(vectors_.count(acme_, kSampleSpace)) == 1U);
  }

  void refuses_stale_vectors() {
    put("doc_1", {1, 2});
    CHECK(run_task(vectors_.upsert(acme_, "doc_1", "hash of before", sample_vectors({5, 6}))).error().code ==
          Code::conflict);
    CHECK(run_task(vectors_.upsert(acme_, "doc_1", "hash-of-doc_1", sample_vectors({5}))).error().code ==
          Code::conflict);
    CHECK(
        run_task(vectors_.upsert(acme_, "doc_1", "hash-of-doc_1", sample_vectors({5, 6, 7}))).error().code ==
        Code::conflict);
    CHECK(run_task(vectors_.upsert(acme_, "doc_9", "hash-of-doc_9", sample_vectors({5}))).error().code ==
          Code::not_found);
    CHECK(find(query(1))[0].score == doctest::Approx(1).epsilon(0.002));
    CHECK(run_task(vectors_.count(acme_, kSampleSpace)) == 2U);
  }

  void isolates_tenants() {
    put("doc_1", {1});
    put(acme_two_, sample_document("doc_1", "Theirs", "text"), {2});
    put(acme_two_, sample_document("doc_2", "Theirs", "text"), {3});
    CHECK(ids(query(3)) == Ids{"doc_1#0"});
    CHECK(run_task(vectors_.count(acme_, kSampleSpace)) == 1U);
    CHECK(run_task(vectors_.search(data::TenantId("nobody"), query(1)))->empty());
    CHECK(run_task(vectors_.upsert(acme_, "doc_2", "hash-of-doc_2", sample_vectors({3}))).error().code ==
          Code::not_found);
    REQUIRE(run_task(vectors_.remove(acme_, "doc_2")));
    CHECK(run_task(vectors_.search(acme_two_, query(3)))->front().chunk_id() == "doc_2#0");
  }

  void separates_spaces() {
    const data::VectorSpace other{"sample", "2", 70}, wide{"wide", "1", 128};
    put("doc_1", {1});
    REQUIRE(run_task(vectors_.upsert(acme_, "doc_1", "hash-of-doc_1", sample_vectors({2}, other))));
    REQUIRE(run_task(vectors_.upsert(acme_, "doc_1", "hash-of-doc_1", sample_vectors({3}, wide))));
    CHECK(find(query(1))[0].score == doctest::Approx(1).epsilon(0.002));
    CHECK(find(query(2))[0].score < 0.9);
    data::VectorQuery in_other = query(2);
    in_other.space = other;
    CHECK(find(in_other)[0].score == doctest::Approx(1).epsilon(0.002));
    CHECK(find({.space = wide, .vector = sample_vector(3, 128)})[0].score ==
          doctest::Approx(1).epsilon(0.002));
    CHECK(find({.space = {"sample", "3", 70}, .vector = sample_vector(1)}).empty());
  }

  void filters() {
    for (std::uint32_t i = 0; i < 200; ++i) {
      put("doc_" + std::to_string(i), {i, i + 1'000},
          R"({"team":")" + std::string(i % 100 == 7 ? "rare" : "common") + R"(","year":)" +
              std::to_string(i) + R"(,"draft":)" + (i % 2 == 0 ? "true" : "false") + R"(,"tags":["a)" +
              std::to_string(i % 3) + R"(","b"]})");
    }
    const auto narrowed = [&](std::string_view json) {
      auto wanted = query(3, 1'000);
      wanted.filter = *data::parse_filter(parse_json(json)->as_object());
      return find(wanted).size();
    };
    CHECK(narrowed(R"({"team":"rare"})") == 4);
    CHECK(narrowed(R"({"team":["rare","common"]})") == 400);
    CHECK(narrowed(R"({"team":"rare","draft":true})") == 0);
    CHECK(narrowed(R"({"year":{"gte":10,"lt":20}})") == 20);
    CHECK(narrowed(R"({"year":7})") == 2);
    CHECK(narrowed(R"({"year":"7"})") == 0);
    CHECK(narrowed(R"({"draft":true})") == 200);
    CHECK(narrowed(R"({"tags":"b"})") == 400);
    CHECK(narrowed(R"({"tags":"a1"})") == 134);
    CHECK(narrowed(R"({"absent":"x"})") == 0);
    auto wanted = query(107, 3);
    wanted.filter = *data::parse_filter(parse_json(R"({"team":"rare"})")->as_object());
    CHECK(ids(wanted)[0] == "doc_107#0");
    CHECK(find(wanted).size() == 3);
  }

  void narrows_to_a_collection() {
    auto document = sample_document("doc_1", "Title", "text");
    document.collection = "handbook";
    put(acme_, std::move(document), {1});
    put("doc_2", {2});
    auto wanted = query(1);
    CHECK(find(wanted).size() == 2);
    wanted.collection = "handbook";
    CHECK(ids(wanted) == Ids{"doc_1#0"});
    wanted.collection = "nowhere";
    CHECK(ids(wanted).empty());
  }

  void finds_sentences() {
    put("doc_1", {1, 2});
    data::DocumentVectors vectors = sample_vectors({1, 2});
    for (const std::uint32_t seed : {11U, 12U, 13U, 14U}) {
      vectors.places.push_back({seed < 13 ? 0U : 1U, data::VectorLevel::sentence});
      const auto values = sample_vector(seed);
      vectors.values.insert(vectors.values.end(), values.begin(), values.end());
    }
    REQUIRE(run_task(vectors_.upsert(acme_, "doc_1", "hash-of-doc_1", std::move(vectors))));
    auto wanted = query(12);
    CHECK(find(wanted)[0].score < 0.9);
    wanted.level = data::VectorLevel::sentence;
    const auto hits = find(wanted);
    REQUIRE(hits.size() == 2);
    CHECK(hits[0].chunk_id() == "doc_1#0");
    CHECK(hits[0].score == doctest::Approx(1).epsilon(0.002));
    CHECK(run_task(vectors_.count(acme_, kSampleSpace)) == 6U);
  }

  void refuses_bad_queries() {
    CHECK(run_task(vectors_.search(acme_, query(1, 0))).error().code == Code::invalid_request);
    CHECK(run_task(vectors_.search(acme_, query(1, 1'001))).error().code == Code::invalid_request);
    auto shorter = query(1);
    shorter.vector.pop_back();
    CHECK(run_task(vectors_.search(acme_, shorter)).error().code == Code::invalid_request);
  }

  void keeps_tenants_apart() {
    constexpr std::uint32_t kTenants = 5, kQueries = 10'000;
    for (std::uint32_t tenant = 0; tenant < kTenants; ++tenant) {
      for (std::uint32_t i = 0; i < 20; ++i) {
        const std::string name = "tenant_" + std::to_string(tenant);
        auto document = sample_document(name + "_doc_" + std::to_string(i), "Title", "text");
        document.metadata_json = R"({"kind":)" + std::to_string(i % 3) + "}";
        put(data::TenantId(name), std::move(document), {tenant * 1'000 + i * 2, tenant * 1'000 + i * 2 + 1});
      }
    }
    std::mt19937 random(20'251);
    std::size_t foreign = 0, found = 0;
    for (std::uint32_t i = 0; i < kQueries; ++i) {
      const std::string name = "tenant_" + std::to_string(random() % kTenants);
      // Often another tenant's very vector.
      auto wanted = query(random() % kTenants * 1'000 + random() % 40, 1 + random() % 60);
      if (random() % 3 == 0)
        wanted.filter.all_of = {{"kind", data::Comparison::equal, {double(random() % 3)}}};
      if (random() % 5 == 0) wanted.collection = "default";
      const auto hits = run_task(vectors_.search(data::TenantId(name), std::move(wanted)));
      REQUIRE(hits);
      for (const data::VectorHit& hit : *hits) foreign += hit.document_id.starts_with(name + "_") ? 0 : 1;
      found += hits->size();
    }
    CHECK(foreign == 0);
    CHECK(found > kQueries);
  }

  data::Documents& documents_;
  data::Vectors& vectors_;
};

}  // namespace weir::test
