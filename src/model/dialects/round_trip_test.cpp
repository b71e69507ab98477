// Messages → chat completions → Messages, of requests and of answers: what both dialects can say comes back.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/random.h"
#include "model/dialects/chat_to_messages_reply.h"
#include "model/dialects/chat_to_messages_request.h"
#include "model/dialects/messages_to_chat_reply.h"
#include "model/dialects/messages_to_chat_request.h"
#include "model_recordings.h"

namespace weir::model {
namespace {

// A random conversation of what both dialects know, in the form in which the way back writes it: contents as
// blocks, one text per turn.
class Conversation {
 public:
  explicit Conversation(std::uint64_t seed) : random_(seed) {}

  json::value request() {
    json::object out{{"model", "m"}, {"max_tokens", 1 + static_cast<std::int64_t>(pick(5'000))}};
    if (pick(2) == 0) out["system"] = json::array{text()};
    out["messages"] = turns();
    if (pick(2) == 0) out["stream"] = true;
    if (pick(2) == 0) out["stop_sequences"] = json::array{word(), word()};
    if (pick(2) == 0) out["temperature"] = 0.25;
    if (pick(2) == 0) out["metadata"] = json::object{{"user_id", word()}};
    if (pick(2) == 0) out["output_config"] = json::object{{"effort", "high"}};
    if (has_tools_ || pick(2) == 0) {
      out["tools"] = json::array{json::object{
          {"name", "look"},
          {"description", word()},
          {"input_schema", json::parse(R"({"type":"object","properties":{"q":{"type":"string"}}})")}}};
      constexpr std::string_view kChoices[] = {R"({"type":"auto"})", R"({"type":"any"})",
                                               R"({"type":"none"})", R"({"type":"tool","name":"look"})",
                                               R"({"type":"auto","disable_parallel_tool_use":true})"};
      out["tool_choice"] = json::parse(kChoices[pick(5)]);
    }
    return out;
  }

 private:
  std::uint64_t pick(std::uint64_t below) { return random_.next_u64() % below; }

  std::string word() {
    constexpr std::string_view kWords[] = {"Paris",       "\xC3\xA9t\xC3\xA9", "a \"quoted\" word",
                                           "line\nbreak", "back\\slash",       "\xF0\x9F\x98\x80",
                                           "<b>&"};
    return std::string(kWords[pick(7)]) + std::to_string(pick(100));
  }

  json::value text() { return json::object{{"type", "text"}, {"text", word()}}; }

  json::array turns() {
    json::array out;
    const std::uint64_t rounds = 1 + pick(4);
    json::array results;  // of the calls in the turn before
    for (std::uint64_t i = 0; i < rounds; ++i) {
      json::array user = std::move(results);
      results = {};
      if (user.empty() || pick(2) == 0) user.push_back(text());
      if (pick(4) == 0) {
        user.push_back(json::object{
            {"type", "image"},
            {"source",
             json::object{{"type", "base64"}, {"media_type", "image/png"}, {"data", "iVBORw0KGgo="}}}});
      }
      out.push_back(json::object{{"role", "user"}, {"content", std::move(user)}});
      if (i + 1 == rounds) break;
      json::array assistant;
      const std::uint64_t calls = pick(3);
      if (calls == 0 || pick(2) == 0) assistant.push_back(text());
      for (std::uint64_t call = 0; call < calls; ++call) {
        has_tools_ = true;
        const std::string id = "toolu_" + std::to_string(i) + "_" + std::to_string(call);
        assistant.push_back(
            json::object{{"type", "tool_use"},
                         {"id", id},
                         {"name", "look"},
                         {"input", json::object{{"q", word()}, {"n", static_cast<std::int64_t>(pick(9))}}}});
        results.push_back(json::object{{"type", "tool_result"}, {"tool_use_id", id}, {"content", word()}});
      }
      out.push_back(json::object{{"role", "assistant"}, {"content", std::move(assistant)}});
    }
    return out;
  }

  SeededRandom random_;
  bool has_tools_ = false;
};

// A result's content as text, whether it stands as a string or as a block.
void flatten_results(json::value& request) {
  for (json::value& turn : request.at("messages").as_array()) {
    for (json::value& block : turn.at("content").as_array()) {
      if (string_member(block, "type") != "tool_result" || !block.at("content").is_array()) continue;
      const std::string text(string_member(block.at("content").at(0), "text"));
      block.at("content") = text;
    }
  }
}

}  // namespace

TEST_CASE("round trip: a Messages request comes back from chat completions as it was") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const json::value request = Conversation(seed).request();
    CAPTURE(json::serialize(request));
    const auto chat = messages_to_chat(json::serialize(request), {.model = "m"});
    REQUIRE(chat.has_value());
    const auto again = chat_to_messages(chat->body, {.model = "m", .system_turns = true});
    const std::string problem = again ? "" : again.error().message;
    REQUIRE(problem == "");
    json::value back = json::parse(again->body);
    flatten_results(back);
    CHECK(json::serialize(back) != "");
    CHECK(back == request);
  }
}

TEST_CASE("round trip: a recorded completion comes back from Messages with its text, calls and usage") {
  const ReplyOptions options{.id = "id", .model = "m", .include_usage = true};
  int completions = 0;
  for (const Recording& recording : recordings("openai")) {
    const json::value* body = find_member(recording.response, "body");
    if (!recording.path.ends_with("/chat/completions") || body == nullptr ||
        recording.response.at("status") != 200)
      continue;
    ++completions;
    CAPTURE(recording.file);
    const auto message = chat_to_messages_reply(options)->whole(json::serialize(*body));
    REQUIRE(message.has_value());
    const auto again = messages_to_chat(options)->whole(*message);
    REQUIRE(again.has_value());
    const json::value back = json::parse(*again);
    const json::value& said = body->at("choices").at(0).at("message");
    const json::value& returned = back.at("choices").at(0).at("message");
    CHECK(string_member(returned, "content") == string_member(said, "content"));
    const json::value* calls = find_member(said, "tool_calls");
    if (calls != nullptr && calls->is_array()) {
      REQUIRE(returned.at("tool_calls").as_array().size() == calls->as_array().size());
      for (std::size_t i = 0; i < calls->as_array().size(); ++i) {
        const json::value& call = returned.at("tool_calls").at(i);
        CHECK(call.at("id") == calls->at(i).at("id"));
        CHECK(call.at("function").at("name") == calls->at(i).at("function").at("name"));
        CHECK(json::parse(std::string_view(call.at("function").at("arguments").as_string())) ==
              json::parse(std::string_view(calls->at(i).at("function").at("arguments").as_string())));
      }
    }
    CHECK(back.at("choices").at(0).at("finish_reason") == body->at("choices").at(0).at("finish_reason"));
    CHECK(back.at("usage").at("prompt_tokens") == body->at("usage").at("prompt_tokens"));
    CHECK(back.at("usage").at("completion_tokens") == body->at("usage").at("completion_tokens"));
  }
  MESSAGE("recorded completions that came back: " << completions);
}

}  // namespace weir::model
