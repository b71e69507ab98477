#include "edge/api/chat.h"

#include "edge/api/api.h"
#include "edge/api/body.h"
#include "edge/api/chat_answer.h"
#include "edge/api/chat_request.h"
#include "edge/api/chat_stream.h"

namespace weir::edge {
namespace {

Task<Result<>> answer_whole(Exchange& exchange, const Api& api, app::ChatQuestion question) {
  auto answer = co_await api.chat.answer(std::move(question), nullptr);
  if (!answer) co_return fail(answer);
  exchange.model = answer->model;
  auto response = json_response(200, to_json(answer_json(*answer, exchange.id, api.clock.wall())));
  co_return co_await exchange.out.send(std::move(response));
}

// Into the store of a stream that may outlive its connection.
class StoredFrames final : public FrameSink {
 public:
  explicit StoredFrames(StreamWriter& writer) : writer_(writer) {}
  Task<Result<>> send(std::string frames) override {
    started_ = true;
    co_return co_await writer_.write(frames);
  }
  bool started() const override { return started_; }

 private:
  StreamWriter& writer_;
  bool started_ = false;
};

Task<Result<>> produce(const Api& api, ChatRequest request, std::string request_id, StreamWriter& writer) {
  StoredFrames frames(writer);
  const auto stream = make_chat_stream(request.reply, std::move(request_id), api.clock, frames);
  auto answer = co_await api.chat.answer(std::move(request.question), stream.get());
  if (answer) co_return co_await stream->on_done(*answer);
  if (!stream->started() || answer.error().code == Code::cancelled) co_return fail(answer);
  co_return co_await stream->on_failure(answer.error());
}

Task<Result<>> answer_resumable(Exchange& exchange, const Api& api, ChatRequest request, ResumeWish wish,
                                std::string id) {
  net::ResponseHead head;
  head.headers = chat_stream_fields(request.reply);
  // Shared only because a std::function can be copied: the question outlives this request, its bytes count
  // on.
  auto pass = std::make_shared<BodyPass>(std::move(exchange.body_pass));
  ResumableStreams::Produce work = [&api, request = std::move(request), pass = std::move(pass),
                                    request_id = exchange.id](StreamWriter& writer) {
    return produce(api, request, request_id, writer);
  };
  co_await api.streams.start(id, wish, std::move(work));
  co_return co_await api.streams.deliver(exchange, std::move(id), 0, std::move(head),
                                         ResumableStreams::Connection::first);
}

Task<Result<>> answer_streamed(Exchange& exchange, const Api& api, ChatRequest request) {
  const auto wished = read_resume_wish(exchange, api.config.resume);
  if (!wished) co_return fail(Error(wished.error()));
  net::Headers fields = chat_stream_fields(request.reply);
  if (*wished) {
    ResumeWish wish = **wished;
    wish.ids = true;  // these bytes are Weir's own
    auto id = co_await api.streams.open(exchange, wish, request.chat_id, fields);
    if (id) co_return co_await answer_resumable(exchange, api, std::move(request), wish, *std::move(id));
  }
  EventStream frames(exchange, std::move(fields));
  const auto stream = make_chat_stream(request.reply, exchange.id, api.clock, frames);
  auto answer = co_await api.chat.answer(std::move(request.question), stream.get());
  Result<> ended;
  if (answer) {
    exchange.model = answer->model;
    ended = co_await stream->on_done(*answer);
  } else if (stream->started() && answer.error().code != Code::cancelled) {
    exchange.failure = answer.error();
    ended = co_await stream->on_failure(answer.error());
  } else {
    co_return fail(answer);
  }
  if (!ended) co_return ended;
  co_return co_await exchange.out.finish();
}

}  // namespace

Task<Result<>> post_chat(Exchange& exchange, const Api& api) {
  auto body = co_await read_body(exchange, api.config.chat_body_size_max);
  if (!body) co_return fail(body);
  auto object = parse_object(*body, api.config.json_depth_max);
  if (!object) co_return fail(object);
  const std::string_view accept = exchange.request.headers.get("accept");
  auto request = read_chat_request(*object, accept, api.config.message_chars_max);
  if (!request) co_return fail(request);
  request->question.tenant = exchange.principal.tenant;
  request->question.who = attribution_of(exchange);
  if (request->reply == ChatReply::json) {
    co_return co_await answer_whole(exchange, api, std::move(request->question));
  }
  co_return co_await answer_streamed(exchange, api, *std::move(request));
}

}  // namespace weir::edge
