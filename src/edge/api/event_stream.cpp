#include "edge/api/event_stream.h"

#include "edge/outlet.h"

namespace weir::edge {

void add_stream_fields(net::Headers& headers) {
  headers.set("cache-control", "no-cache, no-transform");
  headers.set("x-accel-buffering", "no");
}

Task<Result<>> EventStream::send(std::string frames) {
  if (!started_) {
    started_ = true;
    auto begun = co_await exchange_.out.start(std::move(head_), -1);
    if (!begun) co_return fail(begun);
  }
  co_return co_await exchange_.out.write(frames);
}

}  // namespace weir::edge
