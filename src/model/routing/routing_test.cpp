// Globs, conditions of routes, and the cutting of thinking blocks.
#include <doctest/doctest.h>

#include "base/json.h"
#include "base/random.h"
#include "model/json_span.h"
#include "model/outbound.h"
#include "model/routing/glob.h"
#include "model/routing/router.h"
#include "model/routing/strip_thinking.h"

namespace weir::model {
namespace {

UpstreamCall call_of(std::string model) {
  UpstreamCall call;
  call.model = std::move(model);
  call.body = std::string(4'000, ' ');  // 1,000 tokens
  return call;
}

bool matches(const RouteConfig& config, const UpstreamCall& call) {
  return RouteMatch(config).matches(call);
}

}  // namespace

TEST_CASE("glob: stars, marks, and nothing else") {
  for (const auto& [pattern, text, matched] :
       {std::tuple{"*", "", true}, std::tuple{"claude-*", "claude-opus-5-5", true},
        std::tuple{"claude-*", "gpt", false}, std::tuple{"*opus*", "claude-opus-5-5", true},
        std::tuple{"a?c", "abc", true}, std::tuple{"a?c", "ac", false}, std::tuple{"auto", "auto", true},
        std::tuple{"auto", "automatic", false}, std::tuple{"", "", true}, std::tuple{"", "a", false},
        std::tuple{"a*b*c", "aXbYbZc", true}, std::tuple{"a*b*c", "aXbYb", false},
        std::tuple{"*.claude*", "us.anthropic.claude-x", true}, std::tuple{"[a]", "a", false}}) {
    CAPTURE(pattern);
    CAPTURE(text);
    CHECK(glob_matches(pattern, text) == matched);
  }
  const std::string many(5'000, 'a');
  CHECK_FALSE(glob_matches("*a*a*a*a*a*a*a*b", many));  // does not take for ever
}

TEST_CASE("route: every condition that is set must hold") {
  UpstreamCall call = call_of("auto");
  call.facts = {.max_tokens = 500, .tools = 2, .images = 0, .user = "team-a/jo"};
  call.who.key_id = "key_1";
  call.headers.add("x-team", "search-eu");
  CHECK(matches({}, call));
  CHECK(matches({.models = {"gpt*", "auto"}}, call));
  CHECK_FALSE(matches({.models = {"gpt*"}}, call));
  CHECK(matches({.prompt_tokens_min = 1'000, .prompt_tokens_max = 1'000}, call));
  CHECK_FALSE(matches({.prompt_tokens_min = 1'001}, call));
  CHECK_FALSE(matches({.prompt_tokens_max = 999}, call));
  CHECK(matches({.max_tokens_max = 500}, call));
  CHECK_FALSE(matches({.max_tokens_max = 499}, call));
  CHECK(matches({.tools = true, .images = false}, call));
  CHECK_FALSE(matches({.tools = false}, call));
  CHECK_FALSE(matches({.images = true}, call));
  CHECK(matches({.keys = {"key_0", "key_1"}}, call));
  CHECK_FALSE(matches({.keys = {"key_0"}}, call));
  CHECK(matches({.users = {"team-a/*"}}, call));
  CHECK_FALSE(matches({.users = {"team-b/*"}}, call));
  CHECK(matches({.headers = {"X-Team: search*"}}, call));
  CHECK_FALSE(matches({.headers = {"x-team: search*", "x-other: *"}}, call));
  CHECK_FALSE(matches({.models = {"auto"}, .tools = false}, call));
}

TEST_CASE("strip thinking: blocks go, every other byte stays") {
  struct Case {
    std::string before, after;
  };
  const std::string think = R"({"type":"thinking","thinking":"a \"]} b","signature":"s=="})";
  const std::string redacted = R"({ "type" : "redacted_thinking", "data":"x"})";
  const std::string text = R"({"type":"text","text":"thinking"})";
  const auto body = [](const std::string& messages) {
    return R"({"model":"m" , "thinking":{"type":"adaptive"},"messages":[)" + messages + R"(], "x": [1 ,2]})";
  };
  const auto message = [](const std::string& content) {
    return R"({"role":"assistant","content":[)" + content + "]}";
  };
  const std::string user = R"({"role":"user","content":"hi"})";
  for (const auto& [before, after] :
       {Case{message(think + "," + text), message(text)}, Case{message(text + " , " + think), message(text)},
        Case{message(think + ", " + redacted + ",  " + text), message(text)},
        Case{message(text + "," + think + "," + redacted), message(text)},
        Case{message(text + "," + think + ", " + text), message(text + ", " + text)},
        Case{user + "," + message(think) + "," + user, user + "," + user},
        Case{message(think) + ", " + user, user}, Case{user + "," + message(redacted), user}}) {
    CAPTURE(before);
    CHECK(strip_thinking(body(before)) == body(after));
  }
  CHECK_FALSE(strip_thinking(body(user + "," + message(text))));
  CHECK_FALSE(strip_thinking("{}"));
  CHECK_FALSE(strip_thinking("thinking"));
}

// Against a reading by a whole JSON document.
TEST_CASE("strip thinking: what is left is the same document without the blocks") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SeededRandom random(seed);
    json::array messages;
    json::array expected;
    for (std::uint64_t m = random.next_u64() % 6; m > 0; --m) {
      json::array content;
      json::array kept;
      for (std::uint64_t b = 1 + random.next_u64() % 4; b > 0; --b) {
        const bool thinking = random.next_unit() < 0.4;
        json::object block{
            {"type", thinking ? (random.next_unit() < 0.5 ? "thinking" : "redacted_thinking") : "text"},
            {"text", "a\"b\\ ]}{[ \n thinking"},
            {"inner", {{"type", "thinking"}, {"list", {1, "]", nullptr}}}}};
        if (!thinking) kept.push_back(block);
        content.push_back(std::move(block));
      }
      if (!kept.empty()) expected.push_back({{"role", "assistant"}, {"content", kept}});
      messages.push_back({{"content", std::move(content)}, {"role", "assistant"}});
    }
    const json::value whole{{"messages", messages}, {"model", "m"}};
    const std::string body = json::serialize(whole);
    const std::string stripped = strip_thinking(body).value_or(body);
    CAPTURE(body);
    const auto parsed = parse_json(stripped);
    REQUIRE(parsed);
    CHECK(*find_member(*parsed, "messages") == json::value(expected));
    CHECK(string_member(*parsed, "model") == "m");
  }
}

TEST_CASE("the model's name is replaced and every other byte stays") {
  CHECK(*replace_model(R"({ "a" : [ "model" ], "model" :  "x\"y" , "z":1 })", "claude-haiku-5-5") ==
        R"({ "a" : [ "model" ], "model" :  "claude-haiku-5-5" , "z":1 })");
  CHECK(*replace_model(R"({"mod\u0065l":"x"})", "y\"") == R"({"mod\u0065l":"y\""})");
  CHECK_FALSE(replace_model(R"({"messages":[{"model":"x"}]})", "y"));
  CHECK_FALSE(replace_model("", "y"));
}

// Every byte of `part` stands in `whole`, in the same order.
bool is_cut_from(std::string_view part, std::string_view whole) {
  for (const char c : part) {
    const auto at = whole.find(c);
    if (at == whole.npos) return false;
    whole.remove_prefix(at + 1);
  }
  return true;
}

TEST_CASE("json span: broken texts are read to their end and no further") {
  const auto check = [](const std::string& text) {
    CAPTURE(text);
    const auto stripped = strip_thinking(text);
    if (stripped) CHECK((stripped->size() < text.size() && is_cut_from(*stripped, text)));
    const auto replaced = replace_model(text, "~");
    if (replaced) {
      const auto at = replaced->find("\"~\"");
      REQUIRE(at != std::string::npos);
      CHECK(text.starts_with(replaced->substr(0, at)));
      CHECK(text.ends_with(replaced->substr(at + 3)));
    }
  };
  const std::string good = R"({"messages":[{"content":[{"type":"thinking"},{"a":"\\\""}]}],"model":"m"})";
  for (std::size_t size = 0; size < good.size(); ++size) {
    const std::string cut = good.substr(0, size);
    check(cut);
  }
  SeededRandom random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good;
    for (int i = 0; i < 3; ++i)
      text[random.next_u64() % text.size()] = "{}[]\",:\\ a"[random.next_u64() % 10];
    check(text);
  }
}

TEST_CASE("which models take temperature") {
  CHECK(takes_sampling("claude-sonnet-4-5"));
  CHECK(takes_sampling("claude-3-5-sonnet-20241022"));
  CHECK(takes_sampling("gpt-6-sol"));
  CHECK_FALSE(takes_sampling("claude-opus-5-5"));
  CHECK_FALSE(takes_sampling("us.anthropic.claude-fable-5-2-v1:0"));
}

}  // namespace weir::model
