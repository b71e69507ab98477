#include "app/documents/confined/confined_reader.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "parse_child_hook.h"

namespace weir::app {
namespace {

const SystemClock kClock;

// A program that stands in for the reading process.
class Script {
 public:
  explicit Script(const std::string& body) {
    path_ = std::filesystem::temp_directory_path() / ("weir_reader_" + std::to_string(::getpid()) + ".sh");
    std::ofstream(path_) << "#!/bin/sh\n" << body << '\n';
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }
  ~Script() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

Error refusal(const ParseLimits& limits, const std::string& body) {
  const Script script(body);
  auto read = ConfinedReader(limits, kClock, script.path()).read({.bytes = "text"});
  REQUIRE_FALSE(read.has_value());
  return read.error();
}

}  // namespace

TEST_CASE("a document is read in another process as it is read in this one") {
  const ConfinedReader confined({}, kClock);
  const std::array<RawDocument, 4> documents = {{
      {.bytes = "# A\n\nText of *A*.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", .source = "a.md"},
      {.bytes = "<title>T</title><h1>Ü</h1><p>One</p><pre>two\n  three</pre>", .source = "b.html"},
      {.bytes = "plain\n\ntext", .media_type = "text/plain"},
      {.bytes = "x", .source = "c.exe"},
  }};
  for (const RawDocument& raw : documents) {
    auto here = read_document(raw);
    auto there = confined.read(raw);
    REQUIRE(here.has_value() == there.has_value());
    CHECK(encode_answer(here) == encode_answer(there));
  }
}

TEST_CASE("what a reading process can do wrong is a refused document") {
  const ParseLimits quick{.wall_seconds_max = 1, .answer_size_max = 1000};
  CHECK(refusal(quick, "sleep 600").message == "reading it took longer than 1 s");
  CHECK(refusal(quick, "kill -SEGV $$").message == "it is damaged or hostile: its reader ended with signal 11");
  CHECK(refusal(quick, "kill -XCPU $$").message == "reading it took longer than 20 s of processor time");
  CHECK(refusal(quick, "exit 7").message == "it is damaged or hostile: its reader ended with code 7");
  CHECK(refusal(quick, "head -c 1000000 /dev/zero").code == Code::too_large);
  CHECK(refusal(quick, "echo no").message == "it is hostile: its reader gave no proper answer");
  CHECK(refusal(quick, "").message == "it is hostile: its reader gave no proper answer");
  auto none = ConfinedReader(quick, kClock, "/nonexistent").read({.bytes = "x"});
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().code == Code::overloaded);
}

TEST_CASE("an answer that breaks a promise is not taken") {
  ReadDocument good{.parsed = {.text = "aä b", .title = "T", .blocks = {{BlockKind::paragraph, 0, 3}}},
                    .media_type = "text/plain"};
  const auto taken = [](const ReadDocument& document) {
    const auto answer = decode_answer(encode_answer(document));
    return answer.has_value() && answer->has_value();
  };
  CHECK(taken(good));
  const auto broken = [&](auto change) {
    ReadDocument bad = good;
    change(bad);
    return !taken(bad);
  };
  CHECK(broken([](ReadDocument& bad) { bad.parsed.blocks[0].end = 99; }));
  CHECK(broken([](ReadDocument& bad) { bad.parsed.blocks[0].end = 2; }));  // within ä
  CHECK(broken([](ReadDocument& bad) { bad.parsed.blocks[0].heading = 1; }));
  CHECK(broken([](ReadDocument& bad) { bad.parsed.blocks.push_back(bad.parsed.blocks[0]); }));
  CHECK(broken([](ReadDocument& bad) { bad.parsed.text = "\xFF bad"; }));
  CHECK(broken([](ReadDocument& bad) { bad.parsed.headings.clear(); }));
  CHECK(broken([](ReadDocument& bad) { bad.parsed.headings.push_back({1, 1, "its own parent"}); }));
  CHECK(broken([](ReadDocument& bad) { bad.media_type = "text/invented"; }));
  const std::string bytes = encode_answer(good);
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode_answer(bytes.substr(0, size)));
  CHECK_FALSE(decode_answer(bytes + "x"));
  CHECK_FALSE(decode_answer(encode_answer(fail(Code::internal, "not a document's failure"))));
}

}  // namespace weir::app
