#include "base/json_writer.h"

#include <doctest/doctest.h>

#include <limits>

#include "base/json.h"

namespace weir {
namespace {

TEST_CASE("what a JsonWriter writes is the JSON that was meant") {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.text("text", "a \"b\"\n<c>");
  writer.word("word", "plain_1");
  writer.number("least", std::numeric_limits<std::int64_t>::min());
  writer.boolean("yes", true);
  writer.name("nothing");
  writer.null();
  writer.name("list");
  writer.begin_array();
  writer.number(1);
  writer.begin_object();
  writer.end_object();
  writer.text("ends with {");
  writer.json("[2]");
  writer.end_array();
  writer.milliseconds("time", std::chrono::nanoseconds(1'234'567'890));
  writer.end_object();
  CHECK(
      out ==
      R"({"text":"a \"b\"\n\u003cc\u003e","word":"plain_1","least":-9223372036854775808,"yes":true,"nothing":null,)"
      R"("list":[1,{},"ends with {",[2]],"time":1234.567})");
  CHECK(parse_json(out).has_value());
}

TEST_CASE("milliseconds have three decimals and are never negative") {
  const auto spelled = [](std::int64_t ns) {
    std::string out;
    append_milliseconds(out, std::chrono::nanoseconds(ns));
    return out;
  };
  CHECK(spelled(0) == "0.000");
  CHECK(spelled(999) == "0.000");
  CHECK(spelled(1'000) == "0.001");
  CHECK(spelled(60'070'000) == "60.070");
  CHECK(spelled(-5'000'000) == "0.000");
}

}  // namespace
}  // namespace weir
