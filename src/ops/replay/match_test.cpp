#include "ops/replay/match.h"

#include <doctest/doctest.h>

namespace weir::ops::replay {
namespace {

data::CassetteRequest request(std::string body, std::string path = "/v1/messages") {
  data::CassetteRequest made{
      .method = "POST", .path = std::move(path), .headers = {{"content-type", "application/json"}}};
  made.body = std::move(body);
  return made;
}

bool fits(const data::CassetteRequest& a, const data::CassetteRequest& b, MatchMode mode) {
  const Normal one = normal_form(a, mode);
  const Normal other = normal_form(b, mode);
  const bool equal = one.key() == other.key();
  CHECK(equal == (difference(one, other).count == 0));
  return equal;
}

TEST_CASE("strict: spelling does not count, order and values do") {
  const auto base = request(R"({"a":1,"b":"ü"})");
  CHECK(fits(base, request("{ \"a\" : 1,\n\"b\":\"\\u00fc\" }"), MatchMode::strict));
  CHECK_FALSE(fits(base, request(R"({"b":"ü","a":1})"), MatchMode::strict));
  CHECK_FALSE(fits(base, request(R"({"a":2,"b":"ü"})"), MatchMode::strict));
  CHECK_FALSE(fits(base, request(R"({"a":1,"b":"ü"})", "/v1/messages?beta=true"), MatchMode::strict));
  auto beta = base;
  beta.headers.add("anthropic-beta", "x,y");
  CHECK_FALSE(fits(base, beta, MatchMode::strict));
  auto other_order = base;
  other_order.headers.add("anthropic-beta", "y");
  other_order.headers.add("anthropic-beta", "x");
  other_order.headers.add("user-agent", "another");
  CHECK(fits(beta, other_order, MatchMode::strict));
}

TEST_CASE("loose: order and what is different each time do not count") {
  const auto base = request(
      R"({"messages":[{"id":"toolu_01ABCDEFGHIJKLMN2","at":"2026-01-02T03:04:05.678Z"}],"metadata":{"user_id":"u1"}})",
      "/v1/messages?a=1&b=2");
  CHECK(fits(
      base,
      request(
          R"({"metadata":{"user_id":"u2"},"messages":[{"at":"2027-11-12 13:14","id":"toolu_99ZYXWVUTSRQPONM1"}]})",
          "/v1/messages?b=2&a=1"),
      MatchMode::loose));
  CHECK_FALSE(fits(base,
                   request(R"({"metadata":{},"messages":[{"at":"tomorrow","id":"toolu_99ZYXWVUTSRQPONM1"}]})",
                           "/v1/messages?b=2&a=1"),
                   MatchMode::loose));
  CHECK(without_volatile_parts(
            "x 123e4567-e89b-12d3-a456-426614174000, 2026-11-24, req_01JD000000ABCD, max_tokens") ==
        "x <uuid>, <date>, <id>, max_tokens");
  CHECK(without_volatile_parts("claude-sonnet-4-5-20250929") == "claude-sonnet-4-5-20250929");
}

TEST_CASE("a form's boundary does not count when loose") {
  const auto form = [](const std::string& boundary, const std::string& text) {
    auto made = request("--" + boundary + "\r\n\r\n" + text + "\r\n--" + boundary + "--\r\n", "/v1/files");
    made.headers.set("content-type", "multipart/form-data; boundary=" + boundary);
    return made;
  };
  CHECK(fits(form("aaa111", "x"), form("bbb222", "x"), MatchMode::loose));
  CHECK_FALSE(fits(form("aaa111", "x"), form("bbb222", "y"), MatchMode::loose));
  CHECK_FALSE(fits(form("aaa111", "x"), form("bbb222", "x"), MatchMode::strict));
}

TEST_CASE("the first difference is named, and how many there are") {
  const auto told = [](std::string asked, std::string recorded) {
    return difference(normal_form(request(std::move(asked)), MatchMode::strict),
                      normal_form(request(std::move(recorded)), MatchMode::strict));
  };
  const Difference one =
      told(R"({"messages":[{"content":"Hi"}],"x":1})", R"({"messages":[{"content":"Ho"}],"x":2})");
  CHECK(one.count == 2);
  CHECK(one.first == R"(messages[0].content: "Hi" instead of "Ho")");
  CHECK(told(R"({"a":1})", R"({"a":1,"b":[2]})").first == "b: nothing instead of [2]");
  CHECK(told(R"({"a":[1,2]})", R"({"a":[1]})").first == "a[1]: 2 instead of nothing");
  CHECK(told(R"({"a":1,"b":2})", R"({"b":2,"a":1})").first.starts_with("the order of the body's members"));
  CHECK(told("x", "y").first == "body: x instead of y");
}

}  // namespace
}  // namespace weir::ops::replay
