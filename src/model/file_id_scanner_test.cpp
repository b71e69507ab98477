#include "model/file_id_scanner.h"

#include <doctest/doctest.h>

namespace weir::model {
namespace {

using Ids = std::vector<std::string>;

Ids scan(std::string_view json, std::size_t step) {
  FileIdScanner scanner;
  Ids ids;
  for (std::size_t at = 0; at < json.size(); at += step) scanner.feed(json.substr(at, step), ids);
  return ids;
}

TEST_CASE("the files of a batch are found, however its bytes are cut") {
  constexpr std::string_view kBatch = R"({"requests": [
    {"custom_id": "file_id", "params": {"messages": [{"role": "user", "content": [
      {"type": "document", "source": {"type": "file", "file_id": "file_a"}},
      {"file_id": "file_b", "type": "container_upload"},
      {"type": "text", "text": "\"source\": {\"file_id\": \"file_x\"}"}]}]}},
    {"params": {"messages": [{"content": [{"type": "document", "source": {"type": "content", "content": [
      {"type": "image", "source": {"file_id" : "file_c", "type": "file"}}]}}]}]}}]})";
  for (const std::size_t step : {1UL, 2UL, 3UL, 7UL, 4096UL})
    CHECK(scan(kBatch, step) == Ids{"file_a", "file_b", "file_c"});
}

TEST_CASE("escapes hide nothing, and a member that stands twice counts twice") {
  CHECK(scan(R"({"s\u006furce":{"file\u005Fid":"file\u005f\/a"}})", 1) == Ids{"file_/a"});
  CHECK(scan(R"({"source":{"file_id":"file_a","file_id":"file_b"}})", 5) == Ids{"file_a", "file_b"});
}

TEST_CASE("what the provider's own tools have made is left alone") {
  CHECK(scan(R"({"content":[{"type":"code_execution_output","file_id":"file_a"}]})", 3).empty());
  CHECK(scan(R"({"file_id":"file_a"})", 3).empty());
}

TEST_CASE("a body nested without end costs a bounded memory, and hides nothing") {
  std::string deep;
  for (int i = 0; i < 5'000; ++i) deep += R"({"a":)";
  CHECK(scan(deep + R"({"source":{"file_id":"file_a"}})" + std::string(5'000, '}'), 64) == Ids{"file_a"});
}

TEST_CASE("broken bodies are taken as they come") {
  for (const std::string_view broken :
       {"}}}}", "\"", "{\"source\":{\"file_id\":\"file_a", ":::,,[]{", "\\u12"})
    CHECK(scan(broken, 1).empty());
}

}  // namespace
}  // namespace weir::model
