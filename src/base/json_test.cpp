#include "base/json.h"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("JSON is read whole, or refused with a reason") {
  CHECK(string_member(*parse_json(R"( {"a":"b"} )"), "a") == "b");
  for (const char* wrong :
       {"", "{", "{} x", "{\"a\":}", "nul", "\"\xFF\"", "'a'", "[1,]", "\"\\ud800\"", "01"}) {
    CAPTURE(wrong);
    const auto value = parse_json(wrong);
    REQUIRE_FALSE(value);
    CHECK(value.error().code == Code::invalid_request);
    CHECK(value.error().message.starts_with("the body is not valid JSON: "));
  }
}

TEST_CASE("nesting has a limit, and the error names it") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(parse_json(nested(kJsonDepthMax)));
  const auto too_deep = parse_json(nested(kJsonDepthMax + 1));
  REQUIRE_FALSE(too_deep);
  CHECK(too_deep.error().hint == "nest at most 64 levels");
  CHECK_FALSE(parse_json(std::string(1'000'000, '[')));
  CHECK_FALSE(parse_json(nested(3), 2));
}

TEST_CASE("what is written is compact, and safe inside HTML") {
  const json::value value = {
      {"text", "</script>&\u2028\n\"\\\x01"}, {"list", {1, true, nullptr, 0.5}}, {"none", json::object()}};
  CHECK(to_json(value) ==
        R"({"text":"\u003c/script\u003e\u0026\u2028\n\"\\\u0001","list":[1,true,null,5E-1],"none":{}})");
  CHECK(parse_json(to_json(value)) == value);
}

TEST_CASE("a string is escaped wherever in it the special byte stands") {
  constexpr std::pair<std::string_view, std::string_view> kSpellings[] = {
      {"\"", "\\\""},      {"\\", "\\\\"},        {"\n", "\\n"},        {"<", "\\u003c"},
      {"\x7F", "\\u007f"}, {"\u2028", "\\u2028"}, {"\u00E2", "\u00E2"}, {"\u20AC", "\u20AC"},
  };
  for (const auto& [special, written] : kSpellings) {
    for (std::size_t size = 0; size <= 50; ++size) {
      for (std::size_t at = 0; at <= size; ++at) {
        const std::string before(at, 'a'), behind(size - at, 'a');
        std::string out;
        append_json_string(out, before + std::string(special) + behind);
        REQUIRE(out == "\"" + before + std::string(written) + behind + "\"");
      }
    }
  }
}

TEST_CASE("members are looked up without exceptions") {
  const auto value = parse_json(R"({"n":1,"s":"x"})");
  CHECK(string_member(*value, "s") == "x");
  CHECK(string_member(*value, "n").empty());
  CHECK(string_member(*value, "absent").empty());
  CHECK(find_member(*find_member(*value, "n"), "x") == nullptr);
}
TEST_CASE("a character that needs an escape is escaped wherever it stands") {
  for (const std::size_t size : {15u, 16u, 17u, 31u, 32u, 33u, 47u, 48u, 64u, 80u, 100u}) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = '"';
      std::string written;
      append_json_string(written, text);
      CHECK(written == '"' + text.substr(0, at) + "\\\"" + text.substr(at + 1) + '"');
    }
  }
}
