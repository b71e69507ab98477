#include "edge/api/bedrock.h"

#include "base/text.h"
#include "edge/api/api.h"
#include "edge/api/body.h"
#include "edge/api/relay.h"
#include "edge/policies/signatures.h"
#include "model/providers/aws/bedrock_ingress.h"
#include "model/providers/aws/bedrock_request.h"

namespace weir::edge {
namespace {

constexpr std::string_view kRoot = "/model/";
constexpr std::string_view kClaudeVersion =
    "2023-06-01";  // of the Messages API, which Bedrock's own stands for

struct Operation {
  std::string_view name;
  model::Dialect dialect;
  bool stream;
  bool metered = true;
};
constexpr std::array kOperations{
    Operation{"invoke", model::Dialect::bedrock_invoke, false},
    Operation{"invoke-with-response-stream", model::Dialect::bedrock_invoke, true},
    Operation{"converse", model::Dialect::bedrock_converse, false},
    Operation{"converse-stream", model::Dialect::bedrock_converse, true},
    Operation{"count-tokens", model::Dialect::bedrock_invoke, false, false},
};

struct Target {
  std::string model;
  const Operation* operation;
};

Result<Target> read_target(std::string_view target) {
  std::string_view path = target.substr(0, target.find('?'));
  path.remove_prefix(std::min(kRoot.size(), path.size()));
  const std::size_t slash = std::min(path.rfind('/'), path.size());
  const auto model = percent_decode(path.substr(0, slash));
  const std::string_view name = path.substr(std::min(slash + 1, path.size()));
  const auto* const operation = std::ranges::find(kOperations, name, &Operation::name);
  if (operation == kOperations.end() || !model || model->empty()) {
    return fail(Code::not_found, "there is no operation " + std::string(name),
                "Weir has invoke, invoke-with-response-stream, converse, converse-stream and count-tokens");
  }
  return Target{.model = *model, .operation = operation};
}

// What routing must know; of an invoke body as the Messages API has it. Bodies of other models' APIs, and
// those that a provider shall refuse, tell nothing.
model::CallFacts facts_of(const std::string& body, const Target& target, const Api& api) {
  if (target.operation->dialect != model::Dialect::bedrock_invoke) return {};
  auto message =
      model::from_bedrock_invoke(body, {.model = target.model, .stream = target.operation->stream});
  if (!message) return {};
  auto facts = api.request_readers.read(message->body);
  return facts ? static_cast<model::CallFacts&>(*facts) : model::CallFacts();
}

// For who speaks the Messages API; a Bedrock provider reads the body and drops these.
void add_claude_fields(net::Headers& headers, std::string_view body) {
  const auto message = model::from_bedrock_invoke(body, {.model = "claude", .stream = false});
  if (!message) return;
  headers.set("content-type", "application/json");  // boto3 names another type, or none
  if (!message->betas.empty()) headers.set("anthropic-beta", message->betas);
  headers.set("anthropic-version",
              message->version.empty() ? kClaudeVersion : std::string_view(message->version));
}

Task<Result<>> send_whole(Exchange& exchange, const Api& api, model::UpstreamReply& reply) {
  auto body = co_await net::read_all(reply, api.config.messages_body_size_max);
  if (!body) co_return fail(body);
  net::Response response{.status = reply.status()};
  if (response.status < 300) {
    response.headers =
        model::bedrock_reply_fields(*body, exchange.id, api.clock.monotonic() - exchange.started);
    response.body = *std::move(body);
  } else {
    model::BedrockError error = model::bedrock_error(response.status, *body);
    response.status = error.status;
    response.headers = {{"content-type", "application/json"},
                        {"x-amzn-errortype", error.type},
                        {"x-amzn-requestid", exchange.id}};
    if (const auto wait = reply.headers().find("retry-after")) response.headers.add("retry-after", *wait);
    response.body = std::move(error.body);
  }
  co_return co_await exchange.out.send(std::move(response));
}

Task<Result<>> send_stream(Exchange& exchange, model::UpstreamReply& reply) {
  net::ResponseHead head{.headers = model::bedrock_stream_fields(exchange.id)};
  auto begun = co_await exchange.out.start(std::move(head), -1);
  if (!begun) co_return begun;
  while (true) {
    auto piece = co_await reply.read();
    if (!piece) co_return fail(piece);
    if (piece->empty()) break;
    auto written = co_await exchange.out.write(*piece);
    if (!written) co_return written;
  }
  co_return co_await exchange.out.finish();
}

}  // namespace

Task<Result<>> post_bedrock(Exchange& exchange, const Api& api) {
  auto target = read_target(exchange.request.target);
  if (!target) co_return fail(target);
  auto body = co_await read_body(exchange, api.config.messages_body_size_max);
  if (!body) co_return fail(body);
  auto proven = prove_signature(exchange, api.config, *body, api.clock.wall());
  if (!proven) co_return proven;
  exchange.model = target->model;
  const Operation& operation = *target->operation;

  model::UpstreamCall call;
  call.target = exchange.request.target;
  call.dialect = operation.dialect;
  call.headers = exchange.request.headers;
  add_claude_fields(call.headers, *body);
  call.facts = facts_of(*body, *target, api);
  call.body = *std::move(body);
  call.model = std::move(target->model);
  call.stream = operation.stream;
  call.metered = operation.metered;
  call.who = attribution_of(exchange);
  auto reply = co_await api.gateway.open(std::move(call));
  exchange.body_pass.release();
  if (!reply) co_return fail(reply);
  if (!(*reply)->translated()) co_return co_await relay(exchange, **reply);
  const bool streams = operation.stream && (*reply)->status() < 300;
  if (streams) co_return co_await send_stream(exchange, **reply);
  co_return co_await send_whole(exchange, api, **reply);
}

}  // namespace weir::edge
