#include "base/json_edit.h"

#include <doctest/doctest.h>

#include "base/json.h"

namespace weir {
namespace {

std::string without(std::string_view object, std::initializer_list<std::string_view> names) {
  auto edit = JsonEdit::read(object);
  REQUIRE(edit);
  for (const std::string_view name : names) edit->remove(name);
  return edit->text();
}

std::string with(std::string_view object, std::string_view name, std::string json) {
  auto edit = JsonEdit::read(object);
  REQUIRE(edit);
  edit->set(name, std::move(json));
  return edit->text();
}

}  // namespace

TEST_CASE("json edit: without a change every byte stays") {
  for (const std::string_view text :
       {"{}", " { } ", "{\"a\" : 1 ,\n \"b\":[1, {\"c\":\"}]\\\"\"}]}\n", "{\"a\":{}}"}) {
    const auto edit = JsonEdit::read(text);
    REQUIRE(edit);
    CHECK(edit->text() == text);
  }
}

TEST_CASE("json edit: finds members as they are written") {
  const auto edit = JsonEdit::read(R"({"a":[1,2] , "b\u0063":"x\"y","d": -1.5e3,"e":null})");
  REQUIRE(edit);
  REQUIRE(edit->members().size() == 4);
  CHECK(edit->find("a")->value == "[1,2]");
  CHECK(edit->find("bc")->value == R"("x\"y")");
  CHECK(edit->find("bc")->bytes == R"("b\u0063":"x\"y")");
  CHECK(edit->find("d")->value == "-1.5e3");
  CHECK(edit->find("x") == nullptr);
}

TEST_CASE("json edit: a member goes with its comma, wherever it stands") {
  CHECK(without(R"({"a":1, "b":2, "c":3})", {"a"}) == R"({ "b":2, "c":3})");
  CHECK(without(R"({"a":1, "b":2, "c":3})", {"b"}) == R"({"a":1, "c":3})");
  CHECK(without(R"({"a":1, "b":2, "c":3})", {"c"}) == R"({"a":1, "b":2})");
  CHECK(without(R"({"a":1, "b":2})", {"a", "b"}) == "{}");
  CHECK(without(R"({"a":1})", {"x"}) == R"({"a":1})");
  CHECK(without(R"({"a":1,"b":2,"a":3})", {"a"}) == R"({"b":2})");
}

TEST_CASE("json edit: a new member comes first, an old one stays where it is") {
  CHECK(with("{}", "v", "1") == R"({"v":1})");
  CHECK(with(R"({ "a":1 })", "v", "\"x\"") == R"({"v":"x", "a":1 })");
  CHECK(with(R"({"a":1,"v":2,"b":3})", "v", "[]") == R"({"a":1,"v":[],"b":3})");
  CHECK(with(R"({"v":1,"a":1,"v":2})", "v", "0") == R"({"v":0,"a":1})");
}

TEST_CASE("json edit: what it writes is JSON that differs in the changed members only") {
  const std::string text =
      R"({"model":"m","messages":[{"role":"user","content":"{\"a\":[\"}\"]}"}],"stream":true})";
  auto edit = JsonEdit::read(text);
  REQUIRE(edit);
  edit->remove("model");
  edit->set("stream", "false");
  edit->set("version", "\"v\"");
  const auto parsed = parse_json(edit->text());
  REQUIRE(parsed);
  const json::object expected{{"version", "v"},
                              {"messages", find_member(*parse_json(text), "messages")->as_array()},
                              {"stream", false}};
  CHECK(*parsed == json::value(expected));
}

TEST_CASE("json edit: refuses what is no object") {
  for (const std::string_view text :
       {"", "[]", "1", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{\"a\":[}",
        "{\"a\":\"x}", "{\"a\":1}x", "{\"a\":\"\\", "{,}", "{\"a\":]}", "{a:1}"}) {
    CAPTURE(text);
    CHECK_FALSE(JsonEdit::read(text));
  }
}

TEST_CASE("json string: unescapes only what is one string") {
  CHECK(json_string("\"a\\/b\\u00e9\"") == "a/b\xC3\xA9");
  CHECK(json_string("\"\"") == "");
  for (const char* wrong : {"", "\"", "a", "1", "\"a\"b\"", "\"\\\"", "\"\\x\""}) {
    CAPTURE(wrong);
    CHECK_FALSE(json_string(wrong));
  }
}

}  // namespace weir
