// How the simulated provider sends an answer, as well or as badly as it was told to.
#include "net/sleep.h"
#include "ops/upstream/open_answer.h"
#include "ops/upstream/simulator.h"

namespace weir::ops::upstream {
namespace {

constexpr std::size_t kMebibyte = 1024 * 1024;

void apply_to_headers(net::Headers& headers, const Faults& faults) {
  if (faults.wrong_content_type) headers.set("content-type", "text/html; charset=utf-8");
  if (faults.retry_after >= 0) headers.set("retry-after", std::to_string(faults.retry_after));
}

// What a document says that goes wrong as a stream does.
void spoil(net::Response& response, const Faults& faults, const Wire& wire) {
  const std::string request_id(response.headers.get("request-id"));
  if (faults.error_first) response.body = wire.error_body(529, "Overloaded", request_id);
  if (!faults.error_midway && !faults.malformed_sse) return;
  response.body.resize(response.body.size() / 2);
  if (faults.error_midway) response.body += wire.error_body(529, "Overloaded", request_id);
}

std::string padding_after_brace(std::string text) {
  const std::size_t brace = text.find('{');
  if (brace != std::string::npos) text.insert(brace + 1, kMebibyte, ' ');
  return text;
}

// White space after the first brace, where JSON allows any amount of it.
Task<Result<>> write_padded(net::Responder& responder, std::string_view text, std::int64_t mebibytes) {
  const std::size_t brace = text.find('{');
  auto written = co_await responder.write(text.substr(0, brace + 1));
  const std::string spaces(kMebibyte, ' ');
  for (std::int64_t i = 0; i < mebibytes && written; ++i) written = co_await responder.write(spaces);
  if (!written) co_return written;
  co_return co_await responder.write(text.substr(brace + 1));
}

}  // namespace

Task<> Simulator::send_whole(net::Response response, net::Responder& responder, Faults faults,
                             const Wire& wire) {
  OpenAnswer open(stats_);
  apply_to_headers(response.headers, faults);
  spoil(response, faults, wire);
  const bool breaks_off = faults.cut || faults.stall || faults.stall_start;
  if (!breaks_off && faults.padding_mib == 0) {
    const auto sent = co_await responder.send(std::move(response));
    if (sent) open.done();
    co_return;
  }
  const std::size_t padding = static_cast<std::size_t>(faults.padding_mib) * kMebibyte;
  net::ResponseHead head{.status = response.status, .headers = std::move(response.headers)};
  const auto started =
      co_await responder.start(std::move(head), static_cast<std::int64_t>(response.body.size() + padding));
  if (!started) co_return;
  if (!breaks_off) {
    const auto written = co_await write_padded(responder, response.body, faults.padding_mib);
    if (!written) co_return;
    const auto finished = co_await responder.finish();
    if (finished) open.done();
    co_return;
  }
  const std::size_t half = faults.stall_start ? 1 : response.body.size() / 2;
  const auto written = co_await responder.write(std::string_view(response.body).substr(0, half));
  if (written && !faults.cut) co_await stall(responder);
  responder.abort();
}

Task<> Simulator::send_stream(net::ResponseHead head, std::vector<std::string> events,
                              net::Responder& responder, Faults faults, const Wire& wire) {
  const OpenStream open_stream(stats_);
  OpenAnswer open(stats_);
  apply_to_headers(head.headers, faults);
  const std::size_t middle = events.size() / 2;
  if (faults.error_first) events = {std::string(wire.error_event)};
  if (faults.malformed_sse)
    events.insert(events.begin() + static_cast<std::ptrdiff_t>(middle), std::string(wire.malformed_event));
  const auto started = co_await responder.start(std::move(head), -1);
  if (!started) co_return;
  if (faults.stall_start) {
    const auto written = co_await responder.write("");  // so that the head leaves
    if (written) co_await stall(responder);
    co_return;
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    const bool ends_here =
        i == middle && !faults.error_first && (faults.cut || faults.stall || faults.error_midway);
    std::string_view event = events[i];
    if (ends_here) event = faults.error_midway ? wire.error_event : event.substr(0, event.size() / 2);
    if (faults.event_delay.count() > 0) co_await net::sleep_for(faults.event_delay);
    if (i == middle && faults.padding_mib > 0) {
      const std::string padded = padding_after_brace(events[i]);
      for (std::int64_t n = 0; n < faults.padding_mib; ++n) {
        const auto repeated = co_await responder.write(padded);
        if (!repeated) co_return;
      }
    }
    const auto written = co_await responder.write(event);
    if (!written) co_return;
    if (!ends_here) continue;
    if (faults.stall) co_await stall(responder);
    // The real stream ends cleanly after an error event; the others end without their terminator.
    if (faults.error_midway) co_await responder.finish();
    if (!faults.error_midway) responder.abort();
    co_return;
  }
  const auto finished = co_await responder.finish();
  if (finished) open.done();
}

Task<> Simulator::stall(net::Responder& responder) {
  co_await net::sleep_for(config_.stall_max);
  responder.abort();
}

}  // namespace weir::ops::upstream
