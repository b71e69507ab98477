#include "edge/api/check_stream.h"

#include "edge/api/api.h"
#include "edge/api/event_stream.h"
#include "net/sleep.h"

namespace weir::edge {
namespace {

constexpr int kEvents = 6;
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

Task<Result<>> get_check_stream(Exchange& exchange, const Api&) {
  net::Headers headers;
  headers.add("content-type", "text/event-stream; charset=utf-8");
  add_stream_fields(headers);
  EventStream stream(exchange, std::move(headers));
  for (int number = 1; number <= kEvents; ++number) {
    if (number > 1) co_await net::sleep_for(kPause);
    std::string frame = "event: tick\ndata: {\"number\":" + std::to_string(number) + "}\n\n";
    auto sent = co_await stream.send(std::move(frame));
    if (!sent) co_return sent;
  }
  co_return co_await exchange.out.finish();
}

}  // namespace weir::edge
