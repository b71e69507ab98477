#include "edge/api/openai_objects.h"

#include <doctest/doctest.h>

namespace weir::edge {
namespace {

using Ids = std::vector<std::string>;

TEST_CASE("files and vector stores are found wherever OpenAI's bodies name them") {
  const auto chat = openai_references(
      R"({"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]})");
  CHECK(chat.files == Ids{"file-1"});
  const auto responses =
      openai_references(R"({"input":[{"content":[{"type":"input_file","file_id":"file-1"}]}],"tools":[)"
                        R"({"type":"file_search","vector_store_ids":["vs_1","vs_2"]},)"
                        R"({"type":"code_interpreter","container":{"type":"auto","file_ids":["file-2"]}}]})");
  CHECK(responses.files == Ids{"file-1", "file-2"});
  CHECK(responses.vector_stores == Ids{"vs_1", "vs_2"});
  CHECK(openai_references(R"({"input_file_id":"file-3"})").files == Ids{"file-3"});
  CHECK(openai_references(R"({"vector_store_id":"vs_3"})").vector_stores == Ids{"vs_3"});
  // Names and values may be spelled with escapes.
  CHECK(openai_references(R"({"\u0066ile_id":"file\u002d4"})").files == Ids{"file-4"});
}

TEST_CASE("what only looks like a reference is none") {
  for (const std::string_view body :
       {R"({"metadata":{"file_id":"file-1"}})", R"({"content":"{\"file_id\":\"file-1\"}"})",
        R"({"properties":{"file_id":{"type":"string"}}})", R"({"file_id":null,"file_ids":[1]})",
        R"({"file_id")", ""}) {
    const auto found = openai_references(body);
    CHECK(found.files.empty());
    CHECK(found.vector_stores.empty());
  }
}

}  // namespace
}  // namespace weir::edge
