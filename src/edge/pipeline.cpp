#include "edge/pipeline.h"

#include <boost/system/system_error.hpp>

#include "edge/error_response.h"
#include "edge/explanation.h"
#include "edge/policies/body_checks.h"
#include "edge/policies/client_address.h"
#include "edge/policies/cors.h"
#include "edge/policies/in_flight.h"
#include "edge/policies/keys.h"
#include "edge/policies/rate_limit.h"
#include "edge/policies/request_id.h"

namespace weir::edge {
namespace {

// Outside first. Each either lets the request pass or says why not, and then nothing below it runs.
constexpr std::array kPolicies{
    // Before anything that can refuse: a refusal names the request, too.
    Policy{.name = "request id", .check = name_request},
    // Before whatever counts or logs by address.
    Policy{.name = "client address", .check = find_client},
    // Before the key, because a browser asks its preflight without one, and because a refusal that
    // lacks the CORS fields cannot be read by the page that is to act on it.
    Policy{.name = "cors", .check = check_origin},
    // Who is it? A wrong key uses up the caller's rate limit, so that guessing soon ends.
    Policy{.name = "key", .check = check_key, .refusal_counts = true},
    // After the key, so that limits may belong to keys; before anything that costs memory or time.
    Policy{.name = "rate limit", .ask = limit_rate},
    // What the head tells about the body: refused before a byte of it is read. The body's own checks
    // (size, UTF-8, JSON, nesting) follow when the handler reads it, under the in-flight limit.
    Policy{.name = "body", .check = check_body_head},
    // Last: only requests that would be answered may take a place.
    Policy{.name = "in flight", .check = enter},
};

// Closes the books on every way out, the cancelled one included.
class Departure {
 public:
  Departure(Exchange& exchange, Admission& admission, AccessLog& access_log, data::Traces* traces)
      : exchange_(exchange), admission_(admission), access_log_(access_log), traces_(traces) {
    access_log_.arrived();
  }
  ~Departure() {
    leave(exchange_, admission_);
    access_log_.departed(exchange_);
    if (traces_ != nullptr) keep_trace(*traces_, exchange_, admission_.clock.monotonic());
  }
  Departure(const Departure&) = delete;
  Departure& operator=(const Departure&) = delete;

 private:
  Exchange& exchange_;
  Admission& admission_;
  AccessLog& access_log_;
  data::Traces* const traces_;
};

bool is_cancellation(const boost::system::system_error& error) {
  return error.code() == boost::system::errc::operation_canceled;
}

}  // namespace

std::span<const Policy> policies() {
  return kPolicies;
}

Task<Result<>> Pipeline::admit_and_dispatch(Exchange& exchange, std::unique_ptr<RecordedExchange>& recorded) {
  for (const Policy& policy : kPolicies) {
    Result<> passed;
    if (policy.check != nullptr) {
      passed = policy.check(exchange, admission_);
    } else {
      passed = co_await policy.ask(exchange, admission_);
    }
    if (passed) continue;
    exchange.refused_by = policy.name;
    if (policy.refusal_counts) {
      auto counted = co_await limit_rate(exchange, admission_);
      if (!counted) {
        exchange.refused_by = "rate limit";
        co_return fail(counted);
      }
    }
    co_return passed;
  }
  exchange.admitted = admission_.clock.monotonic();
  if (exchange.route->handler == nullptr) co_return co_await fallback::answer(exchange);
  if (recording_ != nullptr) recorded = recording_->begin(exchange);
  co_return co_await dispatch_(exchange);
}

Task<> Pipeline::run(net::Request& request, net::Responder& responder) {
  Outlet out(responder, request.headers.get("accept-encoding"), admission_.config.hsts);
  Exchange exchange(request, out, BodyPass(admission_.bodies));
  exchange.clock = &admission_.clock;
  exchange.started = admission_.clock.monotonic();
  exchange.arrived = admission_.clock.wall();
  exchange.path = canonical_path(request.path);
  find_route(exchange);
  out.explain(&exchange);
  const Departure departure(exchange, admission_, access_log_, traces_);
  std::unique_ptr<RecordedExchange> recorded;

  Result<> answered;
  try {
    answered = co_await admit_and_dispatch(exchange, recorded);
  } catch (const boost::system::system_error& error) {
    if (is_cancellation(error)) {
      exchange.failure.emplace(Code::cancelled, "the client went away");
      throw;
    }
    log_.error("a request handler failed",
               {{"request_id", exchange.id}, {"exception.message", error.what()}});
    answered = fail(Code::internal, "an unexpected failure", "the log tells more under this request id");
  } catch (const std::exception& error) {
    log_.error("a request handler failed",
               {{"request_id", exchange.id}, {"exception.message", error.what()}});
    answered = fail(Code::internal, "an unexpected failure", "the log tells more under this request id");
  }
  if (!answered) co_await answer_failure(exchange, std::move(answered.error()));
}

Task<> Pipeline::answer_failure(Exchange& exchange, Error error) {
  exchange.failure = std::move(error);
  if (exchange.failure->code == Code::cancelled) co_return;
  if (exchange.out.started()) {
    // Half an answer is out. Cutting the connection is the only way to say that it is not whole.
    exchange.out.abort();
    co_return;
  }
  auto response = error_response(*exchange.failure, exchange.route->shape, exchange.id);
  auto sent = co_await exchange.out.send(std::move(response));
  if (!sent) exchange.failure = std::move(sent.error());
}

}  // namespace weir::edge
