#include "app/retrieval/selection.h"

#include <doctest/doctest.h>

#include "app/retrieval/text_retriever.h"
#include "base/text.h"
#include "data/memory/documents.h"
#include "run_task.h"

namespace weir::app {
namespace {

data::FoundChunk passage(std::string id, std::string text) {
  data::FoundChunk found;
  found.chunk.id = std::move(id);
  found.chunk.text = std::move(text);
  return found;
}

std::vector<std::string> ids(const std::vector<data::FoundChunk>& passages) {
  std::vector<std::string> out;
  for (const auto& found : passages) out.push_back(found.chunk.id);
  return out;
}

using Ids = std::vector<std::string>;

const std::string kRefund =
    "The refund is paid within five working days after the parcel has come back to us.";
const std::string kParking =
    "Visitors park on level three, next to the lift that goes up to the reception desk.";

TEST_CASE("similarity is one for equal texts, case and punctuation aside, and zero for others") {
  CHECK(shingle_similarity("One two three four", "one, two: THREE four!") == 1.0);
  CHECK(shingle_similarity(kRefund, kParking) == 0.0);
  CHECK(shingle_similarity("", "") == 0.0);
  CHECK(shingle_similarity("word", "word") == 1.0);
  CHECK(shingle_similarity("größe", "grösse") == 0.0);
}

TEST_CASE("what repeats an earlier passage is dropped, the better one stays") {
  const auto kept = select_passages({passage("a", kRefund), passage("b", kRefund + " Thanks."),
                                     passage("c", kParking), passage("d", kParking)},
                                    {});
  CHECK(ids(kept) == Ids{"a", "c"});
}

TEST_CASE("passages end at their number and before their length, and the first is always kept") {
  const std::vector<data::FoundChunk> ranked = {passage("a", kRefund), passage("b", kParking),
                                                passage("c", "short")};
  CHECK(ids(select_passages(ranked, {.passages_max = 2})) == Ids{"a", "b"});
  CHECK(ids(select_passages(ranked, {.context_chars_max = 10})) == Ids{"a"});
  CHECK(ids(select_passages(ranked, {.context_chars_max = kRefund.size() + kParking.size()})) ==
        Ids{"a", "b"});
  CHECK(select_passages({}, {}).empty());
}

TEST_CASE("length counts code points, not bytes") {
  std::string dots, dashes;
  for (int i = 0; i < 10; ++i) {
    dots += "…";
    dashes += "—";
  }
  CHECK(ids(select_passages({passage("a", dots), passage("b", dashes)}, {.context_chars_max = 20})) ==
        Ids{"a", "b"});
}

TEST_CASE("the retriever finds by words, within the tenant, past near-duplicates") {
  data::MemoryDocuments store;
  const auto put = [&](const data::TenantId& tenant, const std::string& id, const std::string& text) {
    data::Chunk chunk{.id = id + "#0", .document_id = id, .text = text, .end = text.size()};
    REQUIRE(test::run_task(store.put(tenant, {.id = id, .title = id, .text = text}, {chunk})).has_value());
  };
  const data::TenantId mine("mine"), theirs("theirs");
  put(mine, "doc_a", kRefund);
  put(mine, "doc_b", kRefund + " ");
  put(mine, "doc_c", "A refund of shipping costs is paid when the parcel was damaged on its way.");
  put(mine, "doc_d", kParking);
  put(theirs, "doc_e", "Our refund is secret.");
  TextRetriever retriever({.passages_max = 2}, store);
  const auto found = test::run_task(retriever.find(mine, "When is the refund paid?"));
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 2);
  for (const auto& hit : *found) {
    CHECK(hit.chunk.text.contains("refund"));
    CHECK(hit.chunk.document_id != "doc_e");
  }
  CHECK(shingle_similarity((*found)[0].chunk.text, (*found)[1].chunk.text) < 0.8);
  CHECK(test::run_task(retriever.find(mine, "Xylophone?"))->empty());
}

}  // namespace
}  // namespace weir::app
