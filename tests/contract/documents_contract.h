// tests/contract/documents_contract.h: what every implementation of data::Documents keeps. Call it from
// a TEST_CASE with a fresh, empty store for each subcase.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "data/documents.h"
#include "support/run_task.h"

namespace weir::test {

inline data::Document sample_document(std::string id, std::string title, std::string text) {
  data::Document document;
  document.id = id;
  document.title = std::move(title);
  document.source = id + ".md";
  document.media_type = "text/markdown";
  document.text = std::move(text);
  document.metadata_json = R"({"team":"tools"})";
  document.content_sha256 = "hash-of-" + id;
  document.size_bytes = 123;
  document.created_at = std::chrono::seconds(1'000);
  document.updated_at = std::chrono::seconds(2'000);
  return document;
}

// One chunk for each text, the offsets of a source that is the texts one after the other.
inline std::vector<data::Chunk> sample_chunks(const std::string& id, const std::vector<std::string>& texts) {
  std::vector<data::Chunk> chunks;
  std::uint64_t at = 0;
  for (const std::string& text : texts) {
    data::Chunk chunk;
    chunk.document_id = id;
    chunk.ordinal = static_cast<std::uint32_t>(chunks.size());
    chunk.id = id + "#" + std::to_string(chunk.ordinal);
    chunk.text = text;
    chunk.begin = at;
    chunk.end = at += text.size();
    chunks.push_back(std::move(chunk));
  }
  return chunks;
}

class DocumentsContract {
 public:
  explicit DocumentsContract(data::Documents& store) : store_(store) {}

  void run() {
    SUBCASE("a document comes back as it was put") {
      keeps_every_field();
    }
    SUBCASE("a put replaces the document and all its chunks") {
      replaces();
    }
    SUBCASE("a removed document is found by no way") {
      removes_everywhere();
    }
    SUBCASE("tenants do not see each other") {
      isolates_tenants();
    }
    SUBCASE("lists page through everything once, newest first") {
      pages();
    }
    SUBCASE("a list refuses a bad limit and a foreign cursor") {
      refuses_bad_pages();
    }
    SUBCASE("documents are found by hash and by source") {
      finds_by_value();
    }
    SUBCASE("a source names one document") {
      puts_by_source();
    }
    SUBCASE("a source names one document, however many put it at once") {
      puts_by_source_at_once();
    }
    SUBCASE("search ranks by words") {
      ranks();
    }
    SUBCASE("a search is words and no syntax") {
      takes_any_query();
    }
    SUBCASE("filters and collections narrow a search and do not thin it") {
      narrows();
    }
    SUBCASE("passages are read by their names") {
      reads_passages();
    }
    SUBCASE("identifiers are found by their parts") {
      splits_identifiers();
    }
  }

 private:
  const data::TenantId acme_{"acme"};
  const data::TenantId acme_two_{"acme-2"};  // a name that begins like the other

  void put(const data::TenantId& tenant, data::Document document, const std::vector<std::string>& texts) {
    auto chunks = sample_chunks(document.id, texts);
    REQUIRE(run_task(store_.put(tenant, std::move(document), std::move(chunks))));
  }
  void put(std::string id, std::string title, const std::vector<std::string>& texts) {
    put(acme_, sample_document(std::move(id), std::move(title), "text"), texts);
  }
  // The ids of what is found, best first.
  std::vector<std::string> search(const std::string& query, std::uint32_t limit = 10) {
    auto found = run_task(store_.search_text(acme_, query, limit));
    REQUIRE(found);
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < found->size(); ++i) {
      ids.push_back((*found)[i].chunk.id);
      CHECK((*found)[i].score > 0);
      if (i > 0) CHECK((*found)[i - 1].score >= (*found)[i].score);
    }
    return ids;
  }
  using Ids = std::vector<std::string>;

  void keeps_every_field() {
    data::Document document = sample_document("doc_1", "Títle \"quoted\"", "Full\ntext — ünïcode");
    document.status = data::DocumentStatus::failed;
    put(acme_, document, {"one", "two"});
    const auto got = run_task(store_.get(acme_, "doc_1"));
    REQUIRE(got);
    CHECK(got->id == document.id);
    CHECK(got->title == document.title);
    CHECK(got->source == document.source);
    CHECK(got->media_type == document.media_type);
    CHECK(got->text == document.text);
    CHECK(got->metadata_json == document.metadata_json);
    CHECK(got->content_sha256 == document.content_sha256);
    CHECK(got->size_bytes == document.size_bytes);
    CHECK(got->status == data::DocumentStatus::failed);
    CHECK(got->created_at == document.created_at);
    CHECK(got->updated_at == document.updated_at);
    CHECK(got->chunk_count == 2);
    CHECK(run_task(store_.get(acme_, "doc_2")).error().code == Code::not_found);
  }

  void replaces() {
    put("doc_1", "First", {"walrus", "narwhal"});
    put("doc_1", "Second", {"dolphin"});
    CHECK(run_task(store_.get(acme_, "doc_1"))->title == "Second");
    CHECK(run_task(store_.get(acme_, "doc_1"))->chunk_count == 1);
    CHECK(run_task(store_.count(acme_)) == 1U);
    CHECK(search("walrus narwhal first").empty());
    CHECK(search("dolphin") == Ids{"doc_1#0"});
    CHECK(search("second") == Ids{"doc_1#0"});
  }

  void removes_everywhere() {
    put("doc_1", "First", {"walrus"});
    put("doc_2", "Second", {"walrus"});
    REQUIRE(run_task(store_.remove(acme_, "doc_1")));
    CHECK(run_task(store_.get(acme_, "doc_1")).error().code == Code::not_found);
    CHECK(search("walrus") == Ids{"doc_2#0"});
    CHECK(run_task(store_.list(acme_, 10, ""))->documents.size() == 1);
    CHECK(run_task(store_.find_by_source(acme_, "doc_1.md"))->has_value() == false);
    CHECK(run_task(store_.remove(acme_, "doc_1")).error().code == Code::not_found);
  }

  void isolates_tenants() {
    put(acme_, sample_document("doc_1", "Ours", "ours"), {"walrus of acme"});
    put(acme_two_, sample_document("doc_1", "Theirs", "theirs"), {"walrus of the other"});
    put(acme_two_, sample_document("doc_2", "Theirs", "theirs"), {"walrus of the other"});
    CHECK(run_task(store_.get(acme_, "doc_1"))->text == "ours");
    CHECK(run_task(store_.get(acme_, "doc_2")).error().code == Code::not_found);
    CHECK(run_task(store_.remove(acme_, "doc_2")).error().code == Code::not_found);
    CHECK(run_task(store_.count(acme_)) == 1U);
    CHECK(run_task(store_.count(acme_two_)) == 2U);
    CHECK(run_task(store_.list(acme_, 10, ""))->documents.size() == 1);
    CHECK(run_task(store_.find_by_hash(acme_, "hash-of-doc_2"))->has_value() == false);
    CHECK(run_task(store_.find_by_source(acme_, "doc_2.md"))->has_value() == false);
    const auto found = run_task(store_.search_text(acme_, "walrus acme 2", 10));
    REQUIRE(found->size() == 1);
    CHECK(found->front().chunk.text == "walrus of acme");
    CHECK(found->front().document_title == "Ours");
    CHECK(run_task(store_.search_text(data::TenantId("nobody"), "walrus", 10))->empty());
    REQUIRE(run_task(store_.remove(acme_, "doc_1")));
    CHECK(run_task(store_.get(acme_two_, "doc_1"))->text == "theirs");
  }

  void pages() {
    Ids expected;
    for (int i = 0; i < 7; ++i) {
      auto document = sample_document("doc." + std::to_string(i), "Title", "text");
      document.created_at = std::chrono::seconds(100 + i / 2);  // pairs of the same instant
      expected.insert(expected.begin(), document.id);
      put(acme_, std::move(document), {"words"});
    }
    Ids seen;
    std::string cursor;
    do {
      const auto page = run_task(store_.list(acme_, 3, cursor));
      REQUIRE(page);
      CHECK(page->documents.size() <= 3);
      for (const auto& document : page->documents) {
        seen.push_back(document.id);
        CHECK(document.text.empty());
        CHECK(document.chunk_count == 1);
      }
      cursor = page->next_cursor;
    } while (!cursor.empty() && seen.size() < 20);
    CHECK(seen == expected);
    CHECK(run_task(store_.list(acme_, 7, ""))->next_cursor.empty());
  }

  void refuses_bad_pages() {
    CHECK(run_task(store_.list(acme_, 0, "")).error().code == Code::invalid_request);
    CHECK(run_task(store_.list(acme_, 1'001, "")).error().field == "limit");
    CHECK(run_task(store_.list(acme_, 10, "yesterday")).error().field == "cursor");
    CHECK(run_task(store_.search_text(acme_, "words", 0)).error().field == "limit");
  }

  void narrows() {
    for (int i = 0; i < 60; ++i) {
      auto document = sample_document("doc_" + std::to_string(i), "Sea", "text");
      document.metadata_json =
          R"({"year":)" + std::to_string(i) + R"(,"tags":["a)" + std::to_string(i % 3) + R"("]})";
      document.collection = i % 2 == 0 ? "even" : "odd";
      // Some rank above the others, so that what a filter lets through is not what ranks best.
      put(acme_, std::move(document), {"a walrus" + std::string(i % 7 == 0 ? " and a walrus" : "")});
    }
    const auto narrowed = [&](std::string_view filter, std::string collection, std::uint32_t limit) {
      data::TextQuery query{.text = "walrus", .limit = limit, .collection = std::move(collection)};
      query.filter = *data::parse_filter(parse_json(filter)->as_object());
      auto found = run_task(store_.search_text(acme_, std::move(query)));
      REQUIRE(found);
      for (std::size_t i = 1; i < found->size(); ++i) CHECK((*found)[i - 1].score >= (*found)[i].score);
      return *std::move(found);
    };
    CHECK(narrowed("{}", "", 100).size() == 60);
    CHECK(narrowed("{}", "odd", 100).size() == 30);
    CHECK(narrowed("{}", "nowhere", 100).empty());
    CHECK(narrowed(R"({"year":{"gte":58}})", "", 2).size() == 2);
    CHECK(narrowed(R"({"year":"58"})", "", 2).empty());
    CHECK(narrowed(R"({"tags":["a1","a2"]})", "", 100).size() == 40);
    const auto one = narrowed(R"({"year":[57,58]})", "odd", 1);
    REQUIRE(one.size() == 1);
    CHECK(one[0].chunk.document_id == "doc_57");
    CHECK(run_task(store_.get(acme_, "doc_57"))->collection == "odd");
  }

  void reads_passages() {
    put("doc_1", "First", {"one", "two", "three"});
    put(acme_two_, sample_document("doc_2", "Theirs", "text"), {"secret"});
    const auto found =
        run_task(store_.get_chunks(acme_, {{"doc_1", 2}, {"doc_2", 0}, {"doc_1", 9}, {"doc_1", 0}}));
    REQUIRE(found);
    REQUIRE(found->size() == 2);
    CHECK((*found)[0].chunk.text == "three");
    CHECK((*found)[1].chunk.id == "doc_1#0");
    CHECK((*found)[0].document_title == "First");
    const auto all = run_task(store_.chunks_of(acme_, "doc_1"));
    REQUIRE(all->size() == 3);
    CHECK((*all)[1].text == "two");
    CHECK(run_task(store_.chunks_of(acme_, "doc_2"))->empty());
  }

  void finds_by_value() {
    put("doc_1", "First", {"walrus"});
    const auto by_hash = run_task(store_.find_by_hash(acme_, "hash-of-doc_1"));
    REQUIRE(by_hash->has_value());
    CHECK(by_hash->value().id == "doc_1");
    CHECK(by_hash->value().text.empty());
    CHECK(run_task(store_.find_by_source(acme_, "doc_1.md"))->value().id == "doc_1");
    CHECK(run_task(store_.find_by_hash(acme_, "another"))->has_value() == false);
  }

  data::PutDocument put_by_source(data::Document document, const std::vector<std::string>& texts) {
    auto chunks = sample_chunks(document.id, texts);
    auto stored = run_task(store_.put_by_source(acme_, std::move(document), std::move(chunks)));
    REQUIRE(stored);
    return *std::move(stored);
  }

  void puts_by_source() {
    auto document = sample_document("doc_1", "First", "text");
    document.source = "a.md";
    auto stored = put_by_source(document, {"walrus"});
    CHECK(stored.outcome == data::PutOutcome::created);
    CHECK(stored.document.id == "doc_1");
    CHECK(stored.document.chunk_count == 1);
    CHECK(stored.document.text.empty());

    document.id = "doc_2";
    stored = put_by_source(document, {"walrus"});  // the same content again
    CHECK(stored.outcome == data::PutOutcome::unchanged);
    CHECK(stored.document.id == "doc_1");

    document.id = "doc_3";
    document.title = "Second";
    document.content_sha256 = "another hash";
    document.created_at = document.updated_at = std::chrono::seconds(3'000);
    stored = put_by_source(document, {"dolphin", "narwhal"});
    CHECK(stored.outcome == data::PutOutcome::updated);
    CHECK(stored.document.id == "doc_1");
    CHECK(stored.document.created_at == std::chrono::seconds(1'000));
    CHECK(stored.document.updated_at == std::chrono::seconds(3'000));
    CHECK(run_task(store_.get(acme_, "doc_1"))->title == "Second");
    CHECK(search("dolphin") == Ids{"doc_1#0"});
    CHECK(search("walrus").empty());

    document.source.clear();  // then the content is the name
    document.id = "doc_4";
    CHECK(put_by_source(document, {"dolphin", "narwhal"}).outcome == data::PutOutcome::unchanged);
    document.content_sha256 = "a third hash";
    CHECK(put_by_source(document, {"seal"}).document.id == "doc_4");
    CHECK(run_task(store_.count(acme_)) == 2U);
    CHECK(run_task(store_.find_by_source(acme_two_, "a.md"))->has_value() == false);
  }

  void puts_by_source_at_once() {
    constexpr int kThreads = 4;
    constexpr int kRounds = 10;
    std::array<std::atomic<int>, kRounds> created{};
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([this, t, &created] {
        for (int round = 0; round < kRounds; ++round) {
          auto document =
              sample_document("doc_" + std::to_string(t) + "_" + std::to_string(round), "T", "text");
          document.source = std::to_string(round) + ".md";
          document.content_sha256 = "hash of " + std::to_string(t);
          auto chunks = sample_chunks(document.id, {"walrus"});
          auto put = run_task(store_.put_by_source(acme_, std::move(document), std::move(chunks)));
          if (put && put->outcome == data::PutOutcome::created) ++created[static_cast<std::size_t>(round)];
        }
      });
    }
    threads.clear();
    for (const auto& count : created) CHECK(count == 1);
    CHECK(run_task(store_.count(acme_)) == static_cast<std::uint64_t>(kRounds));
    CHECK(search("walrus", 100).size() == static_cast<std::size_t>(kRounds));
  }

  void ranks() {
    put("doc_1", "Sea", {"the walrus and the dolphin meet", "nothing to see", "only a dolphin"});
    put("doc_2", "Walrus", {"about its teeth"});
    for (int i = 0; i < 8; ++i) put("filler_" + std::to_string(i), "Land", {"grass and stones"});
    CHECK(search("dolphin").size() == 2);
    CHECK(search("What is a walrus?").front() == "doc_2#0");  // a title weighs double
    CHECK(search("walrus dolphin").front() == "doc_1#0");     // both words
    CHECK(search("walrus", 1).size() == 1);
    CHECK(search("unicorn").empty());
    const auto found = run_task(store_.search_text(acme_, "meet", 10));
    REQUIRE(found->size() == 1);
    CHECK(found->front().chunk.document_id == "doc_1");
    CHECK(found->front().chunk.begin == 0);
    CHECK(found->front().chunk.end == 31);
    CHECK(found->front().document_source == "doc_1.md");
  }

  void takes_any_query() {
    put("doc_1", "Sea", {"a walrus, or not: \"near\""});
    put("doc_2", "Land", {"grass"});
    put("doc_3", "Air", {"birds"});
    for (const char* query : {"walrus\" OR \"grass", "walrus AND NOT grass", "NEAR(walrus grass)"}) {
      CHECK(search(query).size() >= 2);  // the quotes and operators are gone, the words are ORed
    }
    for (const char* query :
         {"text:walrus", "walrus*", "^walrus", "(walrus", "-walrus", "{walrus}", "wal\xFFrus walrus"}) {
      CHECK(search(query) == Ids{"doc_1#0"});
    }
    for (const char* query : {"", "   ", "\"", "*", "— … 。", "\xFF\xFE", "( ) AND"})
      CHECK(search(query).empty());
    CHECK(search("or not") == Ids{"doc_1#0"});  // nothing but stop words: then they count
    std::string endless = "walrus";
    for (int i = 0; i < 5'000; ++i) endless += " word" + std::to_string(i);
    CHECK(search(endless) == Ids{"doc_1#0"});
  }

  void splits_identifiers() {
    put("doc_1", "Limits", {"Set maxTokensPerCall in the request."});
    put("doc_2", "Other", {"call read_timeout_ms() first"});
    put("doc_3", "Third", {"nothing of that"});
    CHECK(search("how many tokens") == Ids{"doc_1#0"});
    CHECK(search("maxTokensPerCall").front() == "doc_1#0");
    CHECK(search("the timeout for a read") == Ids{"doc_2#0"});
    CHECK(search("readTimeout") == Ids{"doc_2#0"});
  }

  data::Documents& store_;
};

}  // namespace weir::test
