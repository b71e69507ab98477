#include "model/attempt.h"

#include <algorithm>
#include <utility>

#include "model/retry.h"
#include "model/usage/prompt_estimate.h"

namespace weir::model {
namespace {

void fail_with(Attempt& attempt, Error failure) {
  const Code code = failure.code;
  if (code == Code::upstream_failed || code == Code::timed_out || code == Code::unavailable) {
    attempt.verdict = Verdict::retry;
  }
  attempt.problem = failure.message;
  attempt.failure = std::move(failure);
}

// Reads until the first event is complete, at most until `due`: a provider that sends its head at once, or
// a byte now and then, has not begun to answer. Usually the first piece holds it.
Task<> hold_first_event(Attempt& attempt, CallRecord& record, const Clock& clock, Monotonic due,
                        const AttemptLimits& limits) {
  const Monotonic began_at = clock.monotonic();
  HeldBytes& held = attempt.answer.held;
  net::ClientResponse& response = *attempt.answer.response;
  const std::chrono::nanoseconds idle = limits.timeouts.idle;
  while (!record.meter().saw_event() && held.text.size() < limits.held_size_max) {
    const std::chrono::nanoseconds left = due - clock.monotonic();
    if (left.count() <= 0) {
      held.failure = Error(Code::timed_out, "the stream's first event took too long");
      break;
    }
    response.limit_idle(std::min(left, idle));
    auto piece = co_await response.read();
    if (!piece) {
      held.failure = std::move(piece.error());
      break;
    }
    held.ended = piece->empty();
    if (held.ended) break;
    held.text += *piece;
    record.feed(*piece);
  }
  response.limit_idle(idle);
  record.add_wait(clock.monotonic() - began_at);
}

void judge_first_event(Attempt& attempt, const CallRecord& record, const Provider& provider) {
  const AnswerMeter& meter = record.meter();
  const HeldBytes& held = attempt.answer.held;
  if (!meter.saw_event() && (held.ended || held.failure)) {
    // As good as no answer: after the last try the client gets a status, not a stream of nothing.
    Error failure =
        held.failure.value_or(Error(Code::upstream_failed, "the stream ended before its first event"));
    attempt.answer.response.reset();
    fail_with(attempt, std::move(failure));
  } else if (!meter.report().error_type.empty()) {
    attempt.error_type = meter.report().error_type;
    attempt.verdict = provider.classify_error(attempt.error_type);
    attempt.problem = "the stream begins with " + attempt.error_type;
  }
}

}  // namespace

Task<Attempt> try_once(net::HttpClient& client, const Clock& clock, Provider& provider,
                       const Outbound& outbound, CallRecord& record, const AttemptLimits& limits) {
  Attempt tried;
  const Monotonic began_at = clock.monotonic();
  const OutboundCall call = outbound.view();
  auto prepared = co_await provider.prepare(call);
  if (!prepared) {
    record.add_wait(clock.monotonic() - began_at);
    fail_with(tried, std::move(prepared.error()));
    co_return tried;
  }
  if (prepared->body) prepared->request.body = *prepared->body;
  prepared->request.source = call.call.upload;
  prepared->request.source_size = call.call.upload_size;
  const Monotonic sent_at = clock.monotonic();
  auto response = co_await client.send(*prepared->origin, std::move(prepared->request), limits.timeouts);
  record.add_wait(clock.monotonic() - began_at);
  if (!response) {
    fail_with(tried, std::move(response.error()));
    co_return tried;
  }
  tried.answer.response = *std::move(response);
  const int status = tried.answer.response->status();
  const net::Headers& headers = tried.answer.response->headers();
  const MakeMeter make_meter = prepared->meter != nullptr ? prepared->meter : meter_of(call.dialect);
  auto meter = record.metered() ? make_meter(headers) : make_opaque_meter();
  if (call.dialect != Dialect::messages) meter->assume_prompt_tokens(estimated_prompt_tokens(call.body));
  const bool is_stream = meter->is_stream();
  record.answered(status, provider.request_id(headers), std::move(meter));
  if (status >= 400 && prepared->error_translator != nullptr)
    prepared->translator = prepared->error_translator(headers);
  tried.answer.translator = chain(std::move(prepared->translator), outbound.reply_translator(clock));
  tried.verdict = provider.classify(status, headers);
  if (tried.verdict == Verdict::ok && is_stream) {
    const Monotonic due = sent_at + limits.timeouts.first_byte;
    co_await hold_first_event(tried, record, clock, due, limits);
    judge_first_event(tried, record, provider);
  } else if (tried.verdict == Verdict::retry) {
    tried.asked_wait = retry_after(headers, clock.wall());
    tried.problem = "status " + std::to_string(status);
  }
  co_return tried;
}

}  // namespace weir::model
