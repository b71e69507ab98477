#include "model/call_flow.h"

#include <algorithm>
#include <utility>

#include "model/reply.h"
#include "net/notice.h"
#include "net/sleep.h"

namespace weir::model {
namespace {

constexpr auto kCoolCredentials = std::chrono::seconds(10);
constexpr auto kCoolRate = std::chrono::seconds(1);  // when the provider does not say how long
constexpr auto kCoolMax = std::chrono::seconds(60);

std::chrono::milliseconds at_most(std::chrono::milliseconds limit, std::chrono::nanoseconds remaining) {
  return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(remaining), std::chrono::milliseconds(1),
                    limit);
}

std::chrono::milliseconds either(std::chrono::milliseconds own, std::chrono::milliseconds general) {
  return own.count() > 0 ? own : general;
}

FailureClass class_of(const Attempt& tried) {
  const FailureClass failure =
      failure_class(tried.status(), tried.failure ? tried.failure->code : Code::internal);
  // An answer that began well and went wrong before its first event.
  if (failure == FailureClass::none && tried.verdict == Verdict::retry) return FailureClass::server;
  if (failure == FailureClass::none && tried.verdict == Verdict::final) return FailureClass::request;
  return failure;
}

}  // namespace

CallFlow::CallFlow(const GatewayServices& services, UpstreamCall call)
    : services_(services),
      call_(std::move(call)),
      plan_(services.router.plan(call_)),
      retry_(services.config.retry),
      record_(std::make_unique<CallRecord>(services.accounts, services.clock, call_, services.traces)) {
  std::chrono::milliseconds total = services.config.total_timeout;
  if (plan_.config != nullptr) {
    if (plan_.config->tries_max > 0) retry_.tries_max = static_cast<int>(plan_.config->tries_max);
    retry_.base = either(plan_.config->retry_base, retry_.base);
    retry_.delay_max = std::max(retry_.delay_max, retry_.base);
    total = either(plan_.config->total_timeout, total);
  }
  deadline_ = services.clock.monotonic() + total;
  if (call_.upload != nullptr) retry_.tries_max = 1;
  // A session matters only where there is a choice.
  if (plan_.targets.size() > 1) session_ = session_of(call_);
  CallTrace& trace = record_->trace();
  trace.route = plan_.route;
  trace.shadows = std::move(plan_.shadows);
}

Task<Result<std::unique_ptr<UpstreamReply>>> CallFlow::run() {
  if (plan_.targets.empty()) {
    co_return fail(Code::unavailable, "no provider that is configured can be asked this",
                   "see [providers] and [[routes]] of the configuration");
  }
  services_.budget.deposit();
  while (true) {
    PlanTarget* const chosen = choose_target();
    if (chosen == nullptr) {
      record_->trace().end = TriesEnd::no_target;
      Error nobody = refusal_ ? *refusal_ : nobody_left();
      summarize();
      record_->close(to_string(nobody.code));
      co_return fail(std::move(nobody));
    }
    if (!prepare(*chosen)) continue;
    auto occupancy = co_await enter(*chosen);
    if (!occupancy) continue;
    // Asked for last: a probe's turn is not to be spent on waiting in a queue.
    auto pass = chosen->state->breaker.allow();
    if (!pass) {
      leave_out(*chosen, LeftOut::breaker_open);
      continue;
    }
    Attempt tried = co_await attempt(*chosen, *std::move(pass), *std::move(occupancy));
    std::chrono::nanoseconds delay{};
    const Next next = decide(tried, delay);
    if (!tried.problem.empty()) log_failed_try(tried, *chosen->upstream, next, delay);
    if (next == Next::done) co_return hand_on(std::move(tried));
    // Another will answer, so that nothing else tells of this one.
    if (next == Next::elsewhere) report(tried, *chosen->upstream);
    tried.answer.response.reset();
    tried.answer.occupancy.reset();
    if (next == Next::elsewhere) continue;
    ++rounds_;
    for (PlanTarget& target : plan_.targets) target.tried = target.unusable;
    record_->trace().tries.back().delay_after = delay;
    record_->add_wait(delay);
    co_await net::sleep_for(delay);
  }
}

// What the call is for that target. False: it has no meaning there.
bool CallFlow::prepare(PlanTarget& target) {
  if (outbound_for_ == &target) return true;
  outbound_.reset();
  OutboundChange change;
  // Signatures of thinking hold for the model that made it, on whichever cloud: that is the route's first.
  change.strip_thinking =
      call_.facts.thinking_blocks && model_family(target.model) != model_family(plan_.targets.front().model);
  auto outbound = Outbound::make(call_, target.upstream->provider(), target.model, change);
  if (!outbound) {
    refusal_ = std::move(outbound.error());
    target.unusable = true;
    leave_out(target, LeftOut::cannot_express);
    return false;
  }
  if (outbound->thinking_stripped()) record_->trace().thinking_stripped = true;
  outbound_ = *std::move(outbound);
  outbound_for_ = &target;
  return true;
}

// A slot at the upstream, at once or after a wait in its queue. nullopt: left out.
Task<std::optional<Occupancy>> CallFlow::enter(PlanTarget& target) {
  Upstream& upstream = *target.upstream;
  queue_wait_ = {};
  if (auto slot = upstream.admission.try_enter())
    co_return Occupancy(upstream, *target.state, *std::move(slot));
  net::Notice notice = co_await net::Notice::here();
  const Monotonic began_at = services_.clock.monotonic();
  auto outcome = upstream.admission.enter(call_.priority, deadline_, notice.teller());
  std::optional<Admission::Slot> slot;
  if (auto* waiting = std::get_if<std::unique_ptr<Admission::Waiting>>(&outcome)) {
    const GaugeGuard counted(upstream.gauges.waiting);
    co_await notice.wait_for((*waiting)->give_up_at() - began_at);
    if (auto admitted = (*waiting)->slot()) slot.emplace(*std::move(admitted));
    waiting->reset();
    queue_wait_ = services_.clock.monotonic() - began_at;
  } else if (auto* taken = std::get_if<Admission::Slot>(&outcome)) {
    slot.emplace(std::move(*taken));
  } else {
    retry_after_ = std::get<Admission::Refusal>(outcome).retry_after;
  }
  record_->add_wait(queue_wait_);
  if (slot) co_return Occupancy(upstream, *target.state, *std::move(slot));
  upstream.gauges.shed.add();
  leave_out(target, LeftOut::queue_full);
  co_return std::nullopt;
}

AttemptLimits CallFlow::limits() const {
  const GatewayConfig& config = services_.config;
  const std::chrono::nanoseconds remaining = deadline_ - services_.clock.monotonic();
  const bool routed = plan_.config != nullptr;
  AttemptLimits limits;
  limits.timeouts.connect = at_most(config.connect_timeout, remaining);
  limits.timeouts.first_byte =
      at_most(routed ? either(plan_.config->first_token_timeout, config.first_token_timeout)
                     : config.first_token_timeout,
              remaining);
  limits.timeouts.idle = at_most(
      routed ? either(plan_.config->idle_timeout, config.idle_timeout) : config.idle_timeout, remaining);
  limits.timeouts.upload = at_most(config.total_timeout, remaining);
  limits.held_size_max = config.held_size_max;
  return limits;
}

Task<Attempt> CallFlow::attempt(PlanTarget& target, Breaker::Pass pass, Occupancy occupancy) {
  target.tried = true;
  target_ = &target;
  Upstream& upstream = *target.upstream;
  record_->begin_try(upstream.name(), target.model, upstream.counters);
  record_->price_regionally(upstream.provider().regional_prices());
  record_->after_call() = {.breaker = &target.state->breaker,
                           .affinity = session_ != 0 ? &services_.affinity : nullptr,
                           .session = session_,
                           .target = target.state->id};
  TraceTry& entry = record_->trace().tries.emplace_back();
  entry.provider = upstream.name();
  entry.model = target.model;
  entry.queue_wait = queue_wait_;
  entry.breaker = target.state->breaker.state();
  const Monotonic began_at = services_.clock.monotonic();
  const AttemptLimits its_limits = limits();
  Attempt tried = co_await try_once(services_.client, services_.clock, upstream.provider(), *outbound_,
                                    *record_, its_limits);
  const std::chrono::nanoseconds duration = services_.clock.monotonic() - began_at;
  learn(tried, target, std::move(pass), occupancy, duration);
  tried.answer.occupancy.emplace(std::move(occupancy));
  co_return tried;
}

// What the try tells about its upstream.
void CallFlow::learn(const Attempt& tried, PlanTarget& target, Breaker::Pass pass, Occupancy& occupancy,
                     std::chrono::nanoseconds duration) {
  Upstream& upstream = *target.upstream;
  const FailureClass failure = class_of(tried);
  TraceTry& entry = record_->trace().tries.back();
  entry.status = tried.status();
  entry.failure = failure;
  entry.duration = duration;
  if (tried.answer.response != nullptr) entry.connect = tried.answer.response->connect_time();
  if (failure == FailureClass::cancelled) return;
  if (trips_breaker(failure)) {
    if (pass.failed()) upstream.gauges.breaker_opened.add();
  } else {
    pass.succeeded();
  }
  if (target.state->shared && failure == FailureClass::none) upstream.note_answered(target.model);
  if (cools(failure) && !(target.state->shared && failure == FailureClass::missing)) {
    const std::chrono::nanoseconds standard =
        failure == FailureClass::rate_limit ? std::chrono::nanoseconds(kCoolRate) : kCoolCredentials;
    const std::chrono::nanoseconds pause =
        std::min<std::chrono::nanoseconds>(tried.asked_wait.value_or(standard), kCoolMax);
    target.state->cool_until(services_.clock.monotonic() + pause);
  }
  if (shows_overload(failure, tried.status())) {
    occupancy.slot.overloaded();
  } else if (failure == FailureClass::none) {
    occupancy.slot.succeeded();
    target.state->load.answered_after(duration, services_.clock.monotonic());
  }
  upstream.gauges.limit.set(upstream.admission.limit());
}

CallFlow::Next CallFlow::decide(const Attempt& tried, std::chrono::nanoseconds& delay) {
  TriesEnd& end = record_->trace().end;
  const FailureClass failure = class_of(tried);
  const bool over = fails_over(failure) && is_open_elsewhere();
  end = tried.verdict == Verdict::ok         ? TriesEnd::answered
        : failure == FailureClass::cancelled ? TriesEnd::cancelled
                                             : TriesEnd::final;
  if (tried.verdict == Verdict::ok || (!over && tried.verdict != Verdict::retry)) return Next::done;
  end = TriesEnd::tries_max;
  if (record_->tries() >= retry_.tries_max) return Next::done;
  if (!over) {
    const auto pause = retry_delay(retry_, rounds_ + 1, tried.asked_wait, services_.random);
    if (!pause || services_.clock.monotonic() + *pause >= deadline_) {
      end = TriesEnd::deadline;
      return Next::done;
    }
    delay = *pause;
  }
  end = TriesEnd::budget;
  if (!services_.budget.withdraw()) return Next::done;
  return over ? Next::elsewhere : Next::later;
}

Result<std::unique_ptr<UpstreamReply>> CallFlow::hand_on(Attempt tried) {
  report(tried, *target_->upstream);
  summarize();
  if (tried.answer.response == nullptr) {
    const Code code = tried.failure->code;
    record_->close(code == Code::cancelled ? kClientGone : to_string(code));
    return fail(*std::move(tried.failure));
  }
  ReplySettings settings{.dialect = call_.dialect, .deadline = deadline_, .log = &services_.log};
  if (call_.stream && !target_->upstream->provider().sends_pings()) {
    settings.ping_interval = services_.config.ping_interval;
  }
  return std::make_unique<MeteredReply>(std::move(tried.answer), std::move(record_), services_.clock,
                                        settings);
}

// Added to what is there: a request may take more than one call.
void CallFlow::summarize() const {
  CallSummary* const told = call_.who.summary.get();
  if (told == nullptr) return;
  CallSummary own = record_->summary();
  own.tries += told->tries;
  own.waited += told->waited;
  own.queued += told->queued;
  own.connect += told->connect;
  *told = std::move(own);
}

void CallFlow::report(const Attempt& tried, Upstream& upstream) const {
  // The client's doing: it went away, or its body was not what it should be.
  const FailureClass failure = class_of(tried);
  if (tried.failure && (failure == FailureClass::cancelled || failure == FailureClass::request)) return;
  const int status = tried.status();
  if (status == 401 || status == 403) {
    upstream.health.failing("the provider refuses the configured key");
  } else if (status == 429) {
    upstream.health.failing("the provider limits the rate");
  } else if (status == 0) {
    upstream.health.failing("the provider cannot be reached");
  } else if (tried.verdict == Verdict::retry || status >= 500) {
    upstream.health.failing("the provider answers with errors");
  } else {
    upstream.health.answering();
  }
}

void CallFlow::log_failed_try(const Attempt& tried, const Upstream& upstream, Next next,
                              std::chrono::nanoseconds delay) const {
  const bool last = next == Next::done;
  services_.log.warn(
      last ? "the last try failed" : "a try failed; the next one follows",
      {{"request_id", record_->request_id()},
       {"gen_ai.provider.name", upstream.provider().system()},
       {"provider", upstream.name()},
       {"route", plan_.route},
       {"try", record_->tries()},
       {"error", tried.problem},
       {"upstream_request_id", record_->upstream_request_id()},
       {"tries_end", last ? to_string(record_->trace().end) : "none"},
       {"delay_ms",
        last ? std::int64_t{-1} : std::chrono::duration_cast<std::chrono::milliseconds>(delay).count()}});
}

}  // namespace weir::model
