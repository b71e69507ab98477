#include "edge/api/relay.h"

#include "base/name_set.h"
#include "base/text.h"
#include "edge/api/api.h"
#include "edge/api/body.h"
#include "edge/api/event_stream.h"
#include "edge/explanation.h"
#include "edge/outlet.h"

namespace weir::edge {
namespace {

bool is_resumable(const model::UpstreamReply& reply) {
  const std::string_view encoding = reply.headers().get("content-encoding");
  return reply.status() == 200 && reply.is_event_stream() &&
         (encoding.empty() || iequals(encoding, "identity"));
}

// What a resumed answer begins with: what the bytes are, and not what the provider said of its limits then.
net::Headers kept_fields(const net::Headers& headers) {
  net::Headers kept;
  for (const std::string_view name : {"content-type", "request-id"}) {
    if (const auto value = headers.find(name)) kept.add(name, *value);
  }
  add_stream_fields(kept);
  return kept;
}

Task<Result<>> copy(std::shared_ptr<model::UpstreamReply> reply, StreamWriter& writer) {
  while (true) {
    auto piece = co_await reply->read();
    if (!piece) co_return fail(piece);
    if (piece->empty()) co_return Result<>();
    auto written = co_await writer.write(*piece);
    if (!written) co_return written;
  }
}

// A task of its own reads the answer, and the client what has been kept of it.
Task<Result<>> relay_resumably(Exchange& exchange, const Api& api, ResumeWish wish,
                               std::unique_ptr<model::UpstreamReply> reply) {
  net::ResponseHead head = relayed_head(*reply);
  net::Headers kept = kept_fields(head.headers);
  std::string chat_id;
  auto id = co_await api.streams.open(exchange, wish, std::move(chat_id), std::move(kept));
  if (!id) {
    auto first = co_await reply->read();
    if (!first) co_return fail(first);
    co_return co_await relay(exchange, *reply, std::move(head), *first);
  }
  // Shared only because a std::function can be copied: from here on it is the task's.
  std::shared_ptr<model::UpstreamReply> shared = std::move(reply);
  ResumableStreams::Produce work = [shared = std::move(shared)](StreamWriter& writer) {
    return copy(shared, writer);
  };
  co_await api.streams.start(*id, wish, std::move(work));
  co_return co_await api.streams.deliver(exchange, *std::move(id), 0, std::move(head),
                                         ResumableStreams::Connection::first);
}

}  // namespace

bool is_relayed(std::string_view name) {
  constexpr NameSet kSiteFields("set-cookie", "strict-transport-security", "content-security-policy",
                                "alt-svc", "nel", "report-to", "x-frame-options", "x-xss-protection",
                                "cross-origin-resource-policy", "referrer-policy");
  return !kSiteFields.contains(name) && !name.starts_with("access-control-") && !is_explanation(name);
}

net::ResponseHead relayed_head(model::UpstreamReply& reply) {
  net::ResponseHead head;
  head.status = reply.status();
  head.headers = reply.take_headers();
  head.headers.remove_if([](const net::Field& field) { return !is_relayed(field.name); });
  if (reply.is_event_stream()) add_stream_fields(head.headers);
  return head;
}

Task<Result<>> relay(Exchange& exchange, model::UpstreamReply& reply) {
  // The head leaves with the first piece, and not before it is there: until then a failure has a status.
  auto piece = co_await reply.read();
  if (!piece) co_return fail(piece);
  co_return co_await relay(exchange, reply, relayed_head(reply), *piece);
}

Task<Result<>> relay(Exchange& exchange, model::UpstreamReply& reply, net::ResponseHead head,
                     std::string_view first) {
  Result<std::string_view> piece = first;
  auto begun = co_await exchange.out.start(std::move(head), reply.content_length());
  if (!begun) co_return begun;
  while (!piece->empty()) {
    auto written = co_await exchange.out.write(*piece);
    if (!written) co_return written;
    piece = co_await reply.read();
    if (!piece) co_return fail(piece);
  }
  co_return co_await exchange.out.finish();
}

Task<Result<>> ask_and_relay(Exchange& exchange, const Api& api, std::unique_ptr<model::UpstreamCall> call) {
  const auto wish = read_resume_wish(exchange, api.config.resume);
  if (!wish) co_return fail(Error(wish.error()));
  auto reply = co_await api.gateway.open(std::move(*call));
  call.reset();
  exchange.body_pass.release();
  if (!reply) co_return fail(reply);
  if (!*wish || !is_resumable(**reply)) co_return co_await relay(exchange, **reply);
  co_return co_await relay_resumably(exchange, api, **wish, *std::move(reply));
}

Task<Result<std::unique_ptr<model::UpstreamCall>>> read_call(Exchange& exchange, const Api& api,
                                                             model::Dialect dialect) {
  auto body = co_await read_body(exchange, api.config.messages_body_size_max);
  if (!body) co_return fail(body);
  auto facts = api.request_readers.read(*body);
  if (!facts) co_return fail(facts);
  exchange.model = facts->model;

  auto call = std::make_unique<model::UpstreamCall>();
  call->target = exchange.request.target;
  call->dialect = dialect;
  call->headers = exchange.request.headers;
  call->body = *std::move(body);
  call->model = std::move(facts->model);
  call->stream = facts->stream;
  call->facts = static_cast<model::CallFacts&>(*facts);
  call->who = attribution_of(exchange);
  co_return call;
}

}  // namespace weir::edge
