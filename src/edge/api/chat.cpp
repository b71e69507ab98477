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

Task<Result<>> answer_streamed(Exchange& exchange, const Api& api, ChatRequest request) {
  const auto stream = make_chat_stream(request.reply, exchange, api.clock);
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
