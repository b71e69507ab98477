#include "edge/api/relay.h"

#include "base/text.h"
#include "edge/api/api.h"
#include "edge/api/event_stream.h"
#include "edge/explanation.h"
#include "edge/outlet.h"

namespace weir::edge {
namespace {

using namespace std::string_view_literals;

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

}  // namespace

bool is_relayed(std::string_view name) {
  constexpr std::array kSiteFields{"set-cookie"sv,
                                   "strict-transport-security"sv,
                                   "content-security-policy"sv,
                                   "alt-svc"sv,
                                   "nel"sv,
                                   "report-to"sv,
                                   "x-frame-options"sv,
                                   "x-xss-protection"sv,
                                   "cross-origin-resource-policy"sv,
                                   "referrer-policy"sv};
  if (name.starts_with("access-control-") || is_explanation(name)) return false;
  return std::ranges::find(kSiteFields, name) == kSiteFields.end();
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

Task<Result<>> ask_and_relay(Exchange& exchange, const Api& api, model::UpstreamCall call) {
  const auto wish = read_resume_wish(exchange, api.config.resume);
  if (!wish) co_return fail(Error(wish.error()));
  auto reply = co_await api.gateway.open(std::move(call));
  exchange.body_pass.release();
  if (!reply) co_return fail(reply);
  if (!*wish || !is_resumable(**reply)) co_return co_await relay(exchange, **reply);
  net::ResponseHead head = relayed_head(**reply);
  net::Headers kept = kept_fields(head.headers);
  std::string chat_id;
  auto id = co_await api.streams.open(exchange, **wish, std::move(chat_id), std::move(kept));
  if (!id) {
    auto first = co_await (*reply)->read();
    if (!first) co_return fail(first);
    co_return co_await relay(exchange, **reply, std::move(head), *first);
  }
  // Shared only because a std::function can be copied: from here on it is the task's.
  std::shared_ptr<model::UpstreamReply> shared = *std::move(reply);
  ResumableStreams::Produce work = [shared = std::move(shared)](StreamWriter& writer) {
    return copy(shared, writer);
  };
  co_await api.streams.start(*id, **wish, std::move(work));
  co_return co_await api.streams.deliver(exchange, *std::move(id), 0, std::move(head),
                                         ResumableStreams::Connection::first);
}

}  // namespace weir::edge
