#include "edge/api/relay.h"

#include "edge/api/event_stream.h"
#include "edge/outlet.h"

namespace weir::edge {

bool is_relayed(std::string_view name) {
  constexpr std::array kSiteFields{"set-cookie",
                                   "strict-transport-security",
                                   "content-security-policy",
                                   "alt-svc",
                                   "nel",
                                   "report-to",
                                   "x-frame-options",
                                   "x-xss-protection",
                                   "cross-origin-resource-policy",
                                   "referrer-policy"};
  if (name.starts_with("access-control-")) return false;
  return std::ranges::find(kSiteFields, name) == kSiteFields.end();
}

Task<Result<>> relay(Exchange& exchange, model::UpstreamReply& reply) {
  net::ResponseHead head;
  head.status = reply.status();
  head.headers = reply.headers();
  head.headers.remove_if([](const net::Field& field) { return !is_relayed(field.name); });
  if (reply.is_event_stream()) add_stream_fields(head.headers);
  auto begun = co_await exchange.out.start(std::move(head), reply.content_length());
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

}  // namespace weir::edge
