#include "app/chat/chat.h"

#include "app/chat/answer_reader.h"
#include "app/chat/citations.h"
#include "app/chat/extractive.h"
#include "app/chat/model_port.h"
#include "app/chat/prompt.h"

namespace weir::app {
namespace {

constexpr std::size_t kRefusalSizeMax = 64 * 1024;  // of a provider's error body

// The provider's answer to a request that it does not accept, as the operator can act on it.
Error refusal(int status, std::string_view body) {
  auto parsed = parse_json(body);
  const json::value* error = parsed ? find_member(*parsed, "error") : nullptr;
  const std::string message(error ? string_member(*error, "message") : std::string_view());
  switch (status) {
    case 401:
    case 403:
      return {Code::upstream_failed, "Claude refused the configured provider key",
              "check ANTHROPIC_API_KEY where Weir runs"};
    case 404:
      return {Code::upstream_failed, "Claude does not know the configured model: " + message,
              "set chat.model to a model of your account"};
    default:
      return {Code::upstream_failed,
              "Claude refused the request with status " + std::to_string(status) + ": " + message,
              "shorten the question or the conversation, or check the chat settings"};
  }
}

bool is_outage(int status) { return status == 408 || status == 409 || status == 429 || status >= 500; }

std::string_view reason_of(Code code) {
  switch (code) {
    case Code::timed_out: return "timed_out";
    case Code::unavailable: return "no_api_key";
    default: return "upstream_failed";
  }
}

std::vector<Source> sources_of(const std::vector<PromptSource>& sources) {
  std::vector<Source> out;
  for (const PromptSource& source : sources) out.push_back(source.source);
  return out;
}

// Sends an answer that exists whole: text up to each citation, then the citation.
Task<Result<>> send_whole(const ChatAnswer& answer, ChatSink& sink) {
  std::uint64_t sent = 0;
  for (const Citation& citation : answer.citations) {
    const std::string_view text = std::string_view(answer.text).substr(sent, citation.answer_at - sent);
    auto written = co_await sink.on_text(text);
    if (!written) co_return fail(written);
    written = co_await sink.on_citation(citation);
    if (!written) co_return fail(written);
    sent = citation.answer_at;
  }
  const std::string_view rest = std::string_view(answer.text).substr(sent);
  if (rest.empty()) co_return Result<>();
  co_return co_await sink.on_text(rest);
}

}  // namespace

std::string_view to_string(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::model: return "model";
    case AnswerKind::extractive: return "extractive";
    case AnswerKind::no_answer: return "no_answer";
  }
  return "no_answer";
}

struct Chat::Attempt {
  Result<ChatAnswer> answer = fail(Code::unavailable, "no model was asked");
  bool may_fall_back = true;  // nothing of the model's own has gone out
};

Chat::Chat(ChatConfig config, Retriever& retriever, ModelPort& model, observe::Log& log, observe::Metrics& metrics)
    : config_(std::move(config)),
      retriever_(retriever),
      model_(model),
      log_(log),
      citations_dropped_(metrics.counter("weir_citations_dropped_total",
                                         "Citations whose text does not stand in the source they name.")) {}

Task<Result<ChatAnswer>> Chat::answer(ChatQuestion question, ChatSink* sink) {
  auto query = retrieval_query(question);
  auto passages = co_await retriever_.find(question.tenant, std::move(query));
  if (!passages) co_return fail(passages);
  const auto sources = prompt_sources(*passages);
  const auto shown = sources_of(sources);
  if (sink != nullptr) {
    auto sent = co_await sink->on_sources(shown);
    if (!sent) co_return fail(sent);
  }
  std::string reason = "no_api_key";
  if (model_.configured()) {
    auto attempt = co_await ask_model(question, sources, sink);
    if (attempt.answer) co_return std::move(*attempt.answer);
    if (!attempt.may_fall_back) co_return fail(attempt.answer);
    reason = reason_of(attempt.answer.error().code);
    log_.warn("the answer is quoted from the documents, because no model answered",
              {{"request_id", question.who.request_id}, {"error", attempt.answer.error().message}});
  }
  auto quoted = extractive_answer(question.text, sources);
  quoted.fallback_reason = std::move(reason);
  if (sink != nullptr) {
    auto sent = co_await send_whole(quoted, *sink);
    if (!sent) co_return fail(sent);
  }
  co_return quoted;
}

Task<Chat::Attempt> Chat::ask_model(const ChatQuestion& question, const std::vector<PromptSource>& sources,
                                    ChatSink* sink) {
  Attempt attempt;
  model::UpstreamCall call;
  call.headers.add("content-type", "application/json");
  call.headers.add("accept", "text/event-stream");
  call.headers.add("anthropic-version", "2023-06-01");
  call.body = prompt_body(config_, question, sources);
  call.model = config_.model;
  call.stream = true;
  call.who = question.who;
  auto reply = co_await model_.open(std::move(call));
  if (!reply) {
    attempt.answer = fail(reply);
    attempt.may_fall_back = attempt.answer.error().code != Code::cancelled;
    co_return attempt;
  }
  const int status = (*reply)->status();
  if (status != 200) {
    auto body = co_await net::read_all(**reply, kRefusalSizeMax);
    attempt.answer = fail(refusal(status, body ? *body : std::string()));
    attempt.may_fall_back = is_outage(status);
    co_return attempt;
  }

  ChatAnswer answer;
  answer.kind = AnswerKind::model;
  answer.sources = sources_of(sources);
  AnswerReader reader;
  while (true) {
    auto piece = co_await (*reply)->read();
    auto steps = piece ? reader.feed(*piece) : Result<std::vector<AnswerStep>>(fail(piece));
    if (!steps) {
      attempt.answer = fail(steps);
      co_return attempt;
    }
    for (AnswerStep& step : *steps) {
      Result<> sent;
      if (auto* text = std::get_if<TextDelta>(&step)) {
        answer.text += text->text;
        attempt.may_fall_back = sink == nullptr;
        if (sink != nullptr) sent = co_await sink->on_text(text->text);
      } else if (auto* delta = std::get_if<CitationDelta>(&step)) {
        auto citation = locate_citation(delta->citation, sources, answer.text.size());
        if (!citation) {
          citations_dropped_.add();
          continue;
        }
        if (sink != nullptr) sent = co_await sink->on_citation(*citation);
        answer.citations.push_back(*std::move(citation));
      }
      if (!sent) {
        attempt.answer = fail(sent);
        attempt.may_fall_back = false;
        co_return attempt;
      }
    }
    if (piece->empty()) break;
  }
  if (!reader.complete()) {
    attempt.answer = fail(Code::upstream_failed, "Claude's answer ended too early", "ask again");
    co_return attempt;
  }
  answer.model = reader.report().model.empty() ? config_.model : reader.report().model;
  answer.usage = reader.report().usage;
  answer.stop_reason = reader.stop_reason();
  attempt.answer = std::move(answer);
  co_return attempt;
}

}  // namespace weir::app
