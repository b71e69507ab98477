#include "app/documents/library.h"

#include <doctest/doctest.h>

#include "app_samples.h"
#include "base/text.h"
#include "data/memory/documents.h"
#include "run_task.h"

namespace weir::app {
namespace {

class Shelf {
 public:
  Result<Added> add(DocumentInput input) {
    return test_run(library_.add(data::default_tenant(), std::move(input)));
  }
  Error refusal(DocumentInput input) {
    auto added = add(std::move(input));
    REQUIRE_FALSE(added.has_value());
    return std::move(added.error());
  }
  data::Document get(const std::string& id) {
    auto document = test_run(library_.get(data::default_tenant(), id));
    REQUIRE(document.has_value());
    return *std::move(document);
  }
  std::uint64_t count() { return test_run(store_.count(data::default_tenant())).value(); }
  std::vector<data::FoundChunk> search(std::string words) {
    return test_run(store_.search_text(data::default_tenant(), std::move(words), 10)).value();
  }
  Library& library() { return library_; }
  ManualClock& clock() { return clock_; }

  // The pool posts its result to the loop, which must not end before that.
  template <class T>
  static T test_run(Task<T> task) {
    boost::asio::io_context loop(1);
    auto guard = boost::asio::make_work_guard(loop);
    std::optional<T> result;
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr thrown, T value) {
      REQUIRE(!thrown);
      result.emplace(std::move(value));
      guard.reset();
    });
    loop.run();
    return *std::move(result);
  }

 private:
  data::MemoryDocuments store_;
  net::WorkerPool pool_{"parser", 1, 8};
  ManualClock clock_;
  SeededRandom random_{1};
  InlineReader reader_;
  Library library_{{.document_size_max = 100'000, .chunks_max = 50}, store_, reader_, pool_, clock_, random_};
};

TEST_CASE("a document is stored with its text, its kind, its title and its passages") {
  Shelf shelf;
  const auto added = shelf.add(
      {.bytes = "<title>Canteen</title><p>Lunch &amp; tea from 11:30.", .source = "a/canteen.html"});
  REQUIRE(added.has_value());
  CHECK(added->outcome == AddOutcome::created);
  CHECK(added->document.text.empty());
  const auto stored = shelf.get(added->document.id);
  CHECK(stored.title == "Canteen");
  CHECK(stored.media_type == "text/html");
  CHECK(trim(stored.text) == "Lunch & tea from 11:30.");
  CHECK(stored.chunk_count == 1);
  CHECK(stored.size_bytes == 52);
  const auto found = shelf.search("lunch");
  REQUIRE(found.size() == 1);
  CHECK(found[0].chunk.id == stored.id + "#0");
}

TEST_CASE("a title comes from the caller, the document, the file's name, or is none") {
  Shelf shelf;
  CHECK(shelf.add({.bytes = "# A\n\nx", .title = "Mine", .source = "1.md"})->document.title == "Mine");
  CHECK(shelf.add({.bytes = "# A\n\ny", .source = "2.md"})->document.title == "A");
  CHECK(shelf.add({.bytes = "z", .source = "folder/3.txt"})->document.title == "3.txt");
  CHECK(shelf.add({.bytes = "u"})->document.title == "Untitled");
}

TEST_CASE("the same again is unchanged, another content under a source updates it in place") {
  Shelf shelf;
  const auto first = shelf.add({.bytes = "one", .source = "a.txt"});
  CHECK(shelf.add({.bytes = "one", .source = "a.txt"})->outcome == AddOutcome::unchanged);
  shelf.clock().advance(std::chrono::hours(1));
  const auto second = shelf.add({.bytes = "two", .source = "a.txt"});
  CHECK(second->outcome == AddOutcome::updated);
  CHECK(second->document.id == first->document.id);
  CHECK(second->document.created_at == first->document.created_at);
  CHECK(second->document.updated_at > first->document.updated_at);
  CHECK(shelf.count() == 1);
  CHECK(shelf.search("one").empty());
  CHECK(shelf.search("two").size() == 1);
}

TEST_CASE("copies under several sources are each unchanged when they come again") {
  Shelf shelf;
  for (int round = 0; round < 2; ++round) {
    for (const std::string source : {"a.txt", "b.txt", "c.txt"}) {
      const auto expected = round == 0 ? AddOutcome::created : AddOutcome::unchanged;
      CHECK(shelf.add({.bytes = "copied", .source = source})->outcome == expected);
    }
  }
  CHECK(shelf.add({.bytes = "copied"})->outcome == AddOutcome::unchanged);  // without a source of its own
  CHECK(shelf.count() == 3);
}

TEST_CASE("what cannot be read is refused with the reason, and nothing is stored") {
  Shelf shelf;
  CHECK(shelf.refusal({.bytes = " \n\t"}).message == "the document is empty");
  CHECK(shelf.refusal({.bytes = "caf\x81"}).message.contains("not valid UTF-8, nor text in windows-1252"));
  CHECK(shelf.refusal({.bytes = std::string("a\0b", 3)}).message.contains("NUL"));
  CHECK(shelf.refusal({.bytes = "<script>x</script>", .media_type = "text/html"})
            .message.contains("nothing to read"));
  CHECK(shelf.refusal({.bytes = "%PDF-1.7", .source = "a.pdf"}).message.starts_with("the PDF is damaged"));
  CHECK(shelf.refusal({.bytes = "x", .source = "a.png"}).code == Code::unsupported_media_type);
  CHECK(shelf.refusal({.bytes = std::string(100'001, 'x')}).code == Code::too_large);
  std::string sections;
  for (int i = 0; i < 51; ++i) sections += "# a\n\nb\n\n";
  const Error many = shelf.refusal({.bytes = sections, .media_type = "text/markdown"});
  CHECK(many.code == Code::too_large);
  CHECK(many.message.contains("50 passages"));
  CHECK(shelf.count() == 0);
}

TEST_CASE("what a passage says stands in the stored text at its offsets, in every script") {
  Shelf shelf;
  SeededRandom random(23);
  for (int round = 0; round < 50; ++round) {
    const auto added =
        shelf.add({.bytes = test::random_markdown(random) + "\nquerywort", .media_type = "text/markdown"});
    if (!added) continue;  // a page of 51 sections
    const std::string text = shelf.get(added->document.id).text;
    for (const auto& hit : shelf.search("querywort")) {
      if (hit.chunk.document_id != added->document.id) continue;
      CHECK(text.substr(hit.chunk.begin, hit.chunk.end - hit.chunk.begin) == hit.chunk.text);
    }
  }
  CHECK(shelf.count() >= 40);
}

}  // namespace
}  // namespace weir::app
