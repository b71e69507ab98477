#include "model/request_facts.h"

#include <doctest/doctest.h>

namespace weir::model {
namespace {

Result<RequestFacts> read(std::string body, std::size_t depth_max = 64) {
  return RequestReader(depth_max).read(body);
}

std::string nested(int depth) {
  return R"({"model":"m","messages":)" + std::string(static_cast<std::size_t>(depth - 1), '[') +
         std::string(static_cast<std::size_t>(depth - 1), ']') + "}";
}

}  // namespace

TEST_CASE("request facts: what routes ask for") {
  const auto facts =
      read(R"({"model":"m","tools":[{"name":"a"},{"name":"b"}],"metadata":{"user_id":"u-1"},"messages":[
      {"role":"user","content":"thinking image"},
      {"role":"assistant","content":[{"type":"thinking","thinking":"t"},
        {"type":"tool_use","input":{"type":"image"}}]},
      {"role":"user","content":[{"type":"image"},
        {"type":"tool_result","content":[{"type":"document"}]}, 7, {}]}, 3]})");
  REQUIRE(facts);
  CHECK(facts->tools == 2);
  CHECK(facts->images == 2);
  CHECK(facts->thinking_blocks);
  CHECK(facts->user == "u-1");
  const auto plain = read(R"({"model":"m","tools":null,"metadata":7,"messages":{"content":1}})");
  REQUIRE(plain);
  CHECK(plain->tools == 0);
  CHECK(plain->images == 0);
  CHECK_FALSE(plain->thinking_blocks);
}

TEST_CASE("request facts: model, stream and max_tokens, wherever they stand") {
  const auto facts = read(
      R"({"messages":[{"model":"not this"}], "max_tokens": 0, "stream" :true,"mod\u0065l":"claude-opus-5-5"})");
  REQUIRE(facts);
  CHECK(facts->model == "claude-opus-5-5");
  CHECK(facts->stream);
  CHECK(facts->max_tokens == 0);
  CHECK_FALSE(read(R"({"model":"m","stream":null})")->stream);
}

TEST_CASE("request facts: the body stays as it is") {
  const std::string body = R"({"model":"m", "x":"é\u00e9" })";
  std::string copy = body;
  copy.shrink_to_fit();
  CHECK(RequestReader(64).read(copy));
  CHECK(copy == body);
}

TEST_CASE("request facts: a reader serves one body after another, of any size") {
  RequestReader reader(64, 1000);
  for (const std::size_t size : {10u, 100'000u, 500u, 4'000u, 0u}) {
    std::string body =
        R"({"model":"m)" + std::to_string(size) + R"(","text":")" + std::string(size, 'x') + "\"}";
    const auto facts = reader.read(body);
    REQUIRE(facts);
    CHECK(facts->model == "m" + std::to_string(size));
    std::string broken = "{\"model\":";
    CHECK_FALSE(reader.read(broken));
  }
}

TEST_CASE("request facts: errors name the field, the problem and the remedy") {
  struct Case {
    std::string body, field, problem;
  };
  for (const Case& c :
       {Case{"", "", "no body"}, Case{"  ", "", "no body"}, Case{"[1]", "", "must be a JSON object"},
        Case{"\"text\"", "", "must be a JSON object"}, Case{"{}", "model", "missing"},
        Case{R"({"model":7})", "model", "non-empty string"},
        Case{R"({"model":""})", "model", "non-empty string"},
        Case{R"({"model":"a","model":"b"})", "model", "twice"},
        Case{R"({"model":"a","stream":1})", "stream", "true or false"},
        Case{R"({"model":"a","stream":true,"stream":false})", "stream", "twice"},
        Case{R"({"model":"a","max_tokens":"9"})", "max_tokens", "whole number"},
        Case{R"({"model":"a","max_tokens":-1})", "max_tokens", "whole number"},
        Case{R"({"model":"a","max_tokens":1.5})", "max_tokens", "whole number"},
        Case{"{\"model\":\"a\xff\"}", "", "UTF-8"}, Case{"{\"model\":\"a\xed\xa0\x80\"}", "", "UTF-8"},
        Case{"{\"model\":\"a\nb\"}", "", "control character"}, Case{R"({"model":"a)", "", "closing quote"}}) {
    CAPTURE(c.body);
    const auto facts = read(c.body);
    REQUIRE_FALSE(facts);
    CHECK(facts.error().code == Code::invalid_request);
    CHECK(facts.error().field == c.field);
    CHECK(facts.error().message.find(c.problem) != std::string::npos);
    CHECK_FALSE(facts.error().hint.empty());
  }
}

TEST_CASE("request facts: JSON is taken strictly, to its last byte") {
  for (const std::string_view body :
       {R"({"model":"a",})", R"({"model":"a"} x)", R"({"model":"a"}{})", R"({model:"a"})", R"({"model":'a'})",
        R"({"model":"a","n":01})", R"({"model":"a","n":+1})", R"({"model":"a","n":NaN})",
        R"({"model":"a","n":1.})", R"({"model":"a","x":[1,]})", R"({"model":"a","x":tru})",
        R"({"model":"a","x":"\x"})", R"({"model":"a" "b":1})", R"({"model":"a","x":"\ud800"})",
        R"({"model":"a")", R"({"model":"a"}})"}) {
    CAPTURE(body);
    CHECK_FALSE(read(std::string(body)));
  }
}

TEST_CASE("request facts: nesting is limited") {
  CHECK(read(nested(10), 10));
  const auto deep = read(nested(11), 10);
  REQUIRE_FALSE(deep);
  CHECK(deep.error().message.find("deeper than 10") != std::string::npos);
  CHECK_FALSE(read(std::string(1'000'000, '[')));
}

}  // namespace weir::model
