#include "app/chat/chat.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <deque>

#include "app/chat/model_port.h"
#include "app/documents/markdown_parser.h"
#include "app_samples.h"
#include "base/json.h"
#include "run_task.h"

namespace weir::app {
namespace {

const std::string kPage = "# Refunds\n\nThe refund is paid within 5 working days. Größe zählt nicht.\n";

std::string event(const json::value& value) {
  return "data: " + to_json(value) + "\n\n";
}

std::string text_event(std::string_view text) {
  return event({{"type", "content_block_delta"}, {"delta", {{"type", "text_delta"}, {"text", text}}}});
}

std::string citation_event(int source, int first, std::string_view cited) {
  return event({{"type", "content_block_delta"},
                {"delta",
                 {{"type", "citations_delta"},
                  {"citation",
                   {{"type", "search_result_location"},
                    {"search_result_index", source},
                    {"start_block_index", first},
                    {"end_block_index", first + 1},
                    {"cited_text", cited}}}}}});
}

const std::string kBlockStop = event({{"type", "content_block_stop"}});
const std::string kStart =
    event({{"type", "message_start"},
           {"message", {{"model", "claude-told"}, {"usage", {{"input_tokens", 7}, {"output_tokens", 1}}}}}});
const std::string kEnd = event({{"type", "message_delta"},
                                {"delta", {{"stop_reason", "end_turn"}}},
                                {"usage", {{"output_tokens", 9}}}}) +
                         event({{"type", "message_stop"}});

// A provider's answer: a head and pieces, then the end or a break.
struct Scripted {
  int status = 200;
  std::vector<std::string> pieces;
  std::optional<Error> broken;  // after the pieces
};

class ScriptedReply final : public model::UpstreamReply {
 public:
  explicit ScriptedReply(Scripted script) : script_(std::move(script)) {}
  int status() const override { return script_.status; }
  const net::Headers& headers() const override { return headers_; }
  std::int64_t content_length() const override { return -1; }
  bool is_event_stream() const override { return script_.status == 200; }
  int tries() const override { return 1; }
  std::string_view provider() const override { return "anthropic"; }
  std::chrono::nanoseconds upstream_wait() const override { return {}; }
  Task<Result<std::string_view>> read() override {
    if (at_ < script_.pieces.size()) co_return std::string_view(script_.pieces[at_++]);
    if (script_.broken) co_return fail(*script_.broken);
    co_return std::string_view();
  }

 private:
  Scripted script_;
  net::Headers headers_;
  std::size_t at_ = 0;
};

class FakeModel final : public ModelPort {
 public:
  bool configured() const override { return answer.has_value(); }
  Task<Result<std::unique_ptr<model::UpstreamReply>>> open(model::UpstreamCall call) override {
    calls.push_back(std::move(call));
    if (!*answer) co_return fail(answer->error());
    co_return std::make_unique<ScriptedReply>(**answer);
  }

  std::optional<Result<Scripted>> answer;  // nullopt: no provider is configured
  std::vector<model::UpstreamCall> calls;
};

class FakeRetriever final : public Retriever {
 public:
  Task<Result<std::vector<data::FoundChunk>>> find(data::TenantId, std::string question) override {
    asked = std::move(question);
    co_return passages;
  }
  Result<std::vector<data::FoundChunk>> passages = test::passages_of(parse_markdown(kPage).value());
  std::string asked;
};

// "S2 text|[1]" and so on, as an answer grows. Refuses what comes after `writes_max` calls.
class Recorder final : public ChatSink {
 public:
  Task<Result<>> on_sources(const std::vector<Source>& sources) override {
    return take("S" + std::to_string(sources.size()));
  }
  Task<Result<>> on_text(std::string_view delta) override { return take(std::string(delta)); }
  Task<Result<>> on_citation(const Citation& citation) override {
    return take("[" + std::to_string(citation.source_number) + "]");
  }
  std::string all() const {
    std::string out;
    for (const std::string& call : calls) out += (out.empty() ? "" : "|") + call;
    return out;
  }

  std::vector<std::string> calls;
  std::size_t writes_max = SIZE_MAX;

 private:
  Task<Result<>> take(std::string call) {
    if (calls.size() == writes_max) co_return fail(Code::cancelled, "the client is gone");
    calls.push_back(std::move(call));
    co_return Result<>();
  }
};

class Desk {
 public:
  Desk() : sink_file_(::open("/dev/null", O_WRONLY | O_CLOEXEC)), log_({}, clock_, sink_file_) {}
  ~Desk() { ::close(sink_file_); }

  Result<ChatAnswer> ask(ChatSink* sink, std::vector<Turn> history = {}) {
    ChatQuestion question;
    question.text = "When is the refund paid?";
    question.history = std::move(history);
    return weir::test::run_task(chat_.answer(std::move(question), sink));
  }
  std::string dropped() { return metrics_.prometheus_text(); }

  FakeModel model;
  FakeRetriever retriever;

 private:
  ManualClock clock_;
  int sink_file_;
  observe::Log log_;
  observe::Metrics metrics_;
  Chat chat_{{.model = "claude-asked"}, retriever, model, log_, metrics_};
};

TEST_CASE("a model's answer: sources, then text and citations as they come") {
  Desk desk;
  desk.model.answer =
      Scripted{.pieces = {kStart, citation_event(0, 1, "The refund is paid within 5 working days."),
                          text_event("In five "), text_event("days"), kBlockStop + text_event("."), kEnd}};
  Recorder sink;
  const auto answer = desk.ask(&sink);
  REQUIRE(answer.has_value());
  CHECK(sink.all() == "S1|In five |days|[1]|.");
  CHECK(answer->kind == AnswerKind::model);
  CHECK(answer->text == "In five days.");
  CHECK(answer->model == "claude-told");
  CHECK(answer->stop_reason == "end_turn");
  CHECK(answer->usage->output_tokens == 9);
  CHECK(answer->fallback_reason.empty());
  REQUIRE(answer->citations.size() == 1);
  CHECK(answer->citations[0].answer_at == std::string("In five days").size());
  CHECK(kPage.substr(answer->citations[0].begin, answer->citations[0].end - answer->citations[0].begin) ==
        answer->citations[0].cited_text);
  CHECK(desk.model.calls.at(0).stream);
  CHECK(desk.model.calls.at(0).model == "claude-asked");
}

TEST_CASE("a citation of what no source says is dropped and counted") {
  Desk desk;
  desk.model.answer = Scripted{.pieces = {kStart, citation_event(0, 1, "The refund is paid at once."),
                                          citation_event(5, 0, ""), text_event("At once"), kBlockStop, kEnd}};
  Recorder sink;
  const auto answer = desk.ask(&sink);
  CHECK(sink.all() == "S1|At once");
  CHECK(answer->citations.empty());
  CHECK(desk.dropped().contains("weir_citations_dropped_total 2"));
}

TEST_CASE("without a provider the answer is quoted, labelled, and streamed in the same order") {
  Desk desk;
  Recorder sink;
  const auto answer = desk.ask(&sink);
  CHECK(answer->kind == AnswerKind::extractive);
  CHECK(answer->fallback_reason == "no_api_key");
  CHECK(sink.all() == "S1|“The refund is paid within 5 working days.”|[1]");
  CHECK_FALSE(answer->usage.has_value());
  CHECK(answer->model.empty());
}

TEST_CASE("a provider that is down or says that it cannot now is replaced by quotes") {
  for (const auto& [outage, reason] : std::vector<std::pair<Result<Scripted>, std::string>>{
           {fail(Code::upstream_failed, "connection refused"), "upstream_failed"},
           {fail(Code::timed_out, "no answer"), "timed_out"},
           {fail(Code::unavailable, "no key"), "no_api_key"},
           {Scripted{.status = 500, .pieces = {"oops"}}, "upstream_failed"},
           {Scripted{.status = 529, .pieces = {R"({"error":{"message":"Overloaded"}})"}}, "upstream_failed"},
           {Scripted{.status = 429}, "upstream_failed"},
           {Scripted{.pieces = {}, .broken = Error(Code::upstream_failed, "reset")}, "upstream_failed"},
           {Scripted{.pieces = {kStart}, .broken = Error(Code::timed_out, "idle")}, "timed_out"},
           {Scripted{.pieces = {kStart}}, "upstream_failed"},
           {Scripted{.pieces = {"data: {broken\n\n"}}, "upstream_failed"}}) {
    for (const bool streamed : {true, false}) {
      Desk desk;
      desk.model.answer = outage;
      Recorder sink;
      const auto answer = desk.ask(streamed ? &sink : nullptr);
      REQUIRE(answer.has_value());
      CHECK(answer->kind == AnswerKind::extractive);
      CHECK(answer->fallback_reason == reason);
      CHECK(answer->text == "“The refund is paid within 5 working days.”");
      if (streamed) CHECK(sink.calls.at(0) == "S1");
    }
  }
}

TEST_CASE("a provider that refuses the request says what the operator can do") {
  for (const auto& [status, words] : std::vector<std::pair<int, std::string>>{{400, "prompt is too long"},
                                                                              {401, "provider key"},
                                                                              {403, "provider key"},
                                                                              {404, "does not know"},
                                                                              {413, "413"}}) {
    Desk desk;
    desk.model.answer =
        Scripted{.status = status, .pieces = {R"({"error":{"message":"prompt is )", R"(too long"}})"}};
    const auto answer = desk.ask(nullptr);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == Code::upstream_failed);
    CHECK(answer.error().message.contains(words));
    CHECK_FALSE(answer.error().hint.empty());
  }
}

TEST_CASE("what has begun in the model's words does not go on in quotes") {
  Desk desk;
  desk.model.answer =
      Scripted{.pieces = {kStart, text_event("In fi")}, .broken = Error(Code::upstream_failed, "reset")};
  Recorder sink;
  const auto streamed = desk.ask(&sink);
  REQUIRE_FALSE(streamed.has_value());
  CHECK(streamed.error().code == Code::upstream_failed);
  CHECK(sink.all() == "S1|In fi");
  // Nothing of it has gone out here.
  CHECK(desk.ask(nullptr)->kind == AnswerKind::extractive);
}

TEST_CASE("a client that goes away ends the answer, wherever it stands") {
  for (std::size_t writes = 0; writes < 4; ++writes) {
    for (const bool with_model : {true, false}) {
      Desk desk;
      if (with_model) {
        desk.model.answer = Scripted{.pieces = {kStart, citation_event(0, 1, ""), text_event("In five"),
                                                text_event(" days"), kBlockStop, kEnd}};
      }
      Recorder sink;
      sink.writes_max = writes;
      const auto answer = desk.ask(&sink);
      const std::size_t whole = with_model ? 4 : 3;
      CHECK(answer.has_value() == (writes >= whole));
      if (!answer) CHECK(answer.error().code == Code::cancelled);
      CHECK(sink.calls.size() == std::min(writes, whole));
    }
  }
}

TEST_CASE("a call that was cancelled is not answered by quotes") {
  Desk desk;
  desk.model.answer = fail(Code::cancelled, "the client went away");
  CHECK(desk.ask(nullptr).error().code == Code::cancelled);
}

TEST_CASE("nothing found is no answer, and a store that fails is an error before anything is sent") {
  Desk desk;
  desk.retriever.passages = std::vector<data::FoundChunk>();
  Recorder sink;
  CHECK(desk.ask(&sink)->kind == AnswerKind::no_answer);
  CHECK(sink.calls.at(0) == "S0");
  desk.retriever.passages = fail(Code::overloaded, "too many");
  Recorder unused;
  CHECK(desk.ask(&unused).error().code == Code::overloaded);
  CHECK(unused.calls.empty());
}

TEST_CASE("the turn before helps to find the passages") {
  Desk desk;
  CHECK(desk.ask(nullptr, {{Role::user, "Tell me about returns"}}).has_value());
  CHECK(desk.retriever.asked == "When is the refund paid?");
}

}  // namespace
}  // namespace weir::app
