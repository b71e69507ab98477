#include "model/gateway.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "model/accounts.h"
#include "model/call_record.h"
#include "model/provider_health.h"
#include "model/providers/registry.h"
#include "model/reply.h"
#include "net/sleep.h"

namespace weir::model {
namespace {

constexpr std::string_view kProvider = "anthropic";

// One request to the provider and what came of it.
struct Attempt {
  std::unique_ptr<net::ClientResponse> response;  // null: failure says why
  HeldBytes held;
  std::optional<Error> failure;
  Verdict verdict = Verdict::final;
  std::optional<std::chrono::nanoseconds> asked_wait;
  std::string problem;  // for the log; empty: none
};

std::chrono::milliseconds at_most(std::chrono::milliseconds limit, std::chrono::nanoseconds remaining) {
  return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(remaining), std::chrono::milliseconds(1), limit);
}

Result<> check_positive(std::string_view name, std::chrono::milliseconds value) {
  if (value.count() > 0) return {};
  return fail(Code::invalid_request, std::string(name) + " must be more than 0", "use milliseconds, 1 or more");
}

}  // namespace

Result<> GatewayConfig::check() const {
  auto origin = net::Origin::parse(base_url);
  if (!origin) return fail(origin);
  for (const auto& [name, value] : {std::pair{"connect_timeout", connect_timeout},
                                    std::pair{"first_token_timeout", first_token_timeout},
                                    std::pair{"idle_timeout", idle_timeout},
                                    std::pair{"total_timeout", total_timeout}}) {
    auto checked = check_positive(name, value);
    if (!checked) return checked;
  }
  return retry.check();
}

class Gateway::Impl {
 public:
  Impl(GatewayConfig config, net::HttpClient& client, const Prices& prices, UsageSink& usage, const Clock& clock,
       Random& random, observe::Log& log, observe::Metrics& metrics, observe::Health& health)
      : config_(std::move(config)),
        client_(client),
        clock_(clock),
        random_(random),
        log_(log),
        accounts_(kProvider, prices, usage, log, metrics),
        health_(kProvider, health, clock) {
    auto provider = make_provider(kProvider, config_);
    WEIR_ASSERT(provider.has_value());  // GatewayConfig::check() has passed
    provider_ = *std::move(provider);
    if (provider_ == nullptr) health_.not_configured();
  }

  bool configured() const { return provider_ != nullptr; }
  Task<Result<std::unique_ptr<UpstreamReply>>> open(UpstreamCall call);

 private:
  Task<Attempt> attempt(const UpstreamCall& call, CallRecord& record, Monotonic deadline);
  Task<> hold_first_event(Attempt& attempt, CallRecord& record);
  void judge_first_event(Attempt& attempt, const CallRecord& record) const;
  std::optional<std::chrono::nanoseconds> next_delay(const Attempt& attempt, int tries, Monotonic deadline);
  void report(const Attempt& attempt);
  void log_failed_try(const Attempt& attempt, const CallRecord& record,
                      std::optional<std::chrono::nanoseconds> delay);

  const GatewayConfig config_;
  net::HttpClient& client_;
  const Clock& clock_;
  Random& random_;
  observe::Log& log_;
  Accounts accounts_;
  ProviderHealth health_;
  std::unique_ptr<Provider> provider_;  // null: not configured
};

Task<Result<std::unique_ptr<UpstreamReply>>> Gateway::Impl::open(UpstreamCall call) {
  if (provider_ == nullptr) {
    co_return fail(Code::unavailable, "no model provider is configured", "set ANTHROPIC_API_KEY");
  }
  auto record = std::make_unique<CallRecord>(accounts_, clock_, call, provider_->name());
  const Monotonic deadline = clock_.monotonic() + config_.total_timeout;
  while (true) {
    Attempt tried = co_await attempt(call, *record, deadline);
    const auto delay = next_delay(tried, record->tries(), deadline);
    if (!tried.problem.empty()) log_failed_try(tried, *record, delay);
    if (!delay) {
      report(tried);
      if (tried.response == nullptr) {
        WEIR_ASSERT(tried.failure.has_value());  // one of the two is there
        const Code code = tried.failure->code;
        record->close(code == Code::cancelled ? kClientGone : to_string(code));
        co_return fail(*std::move(tried.failure));
      }
      co_return std::make_unique<MeteredReply>(std::move(tried.response), std::move(tried.held), std::move(record),
                                               clock_, deadline);
    }
    tried.response.reset();
    record->add_wait(*delay);
    co_await net::sleep_for(*delay);
  }
}

Task<Attempt> Gateway::Impl::attempt(const UpstreamCall& call, CallRecord& record, Monotonic deadline) {
  record.begin_try();
  Attempt tried;
  const Monotonic began_at = clock_.monotonic();
  const std::chrono::nanoseconds remaining = deadline - began_at;
  const net::ClientTimeouts timeouts{.connect = at_most(config_.connect_timeout, remaining),
                                     .first_byte = at_most(config_.first_token_timeout, remaining),
                                     .idle = at_most(config_.idle_timeout, remaining)};
  net::ClientRequest request = provider_->request(call);
  auto response = co_await client_.send(provider_->origin(), std::move(request), timeouts);
  record.add_wait(clock_.monotonic() - began_at);
  if (!response) {
    tried.failure = std::move(response.error());
    tried.problem = tried.failure->message;
    const Code code = tried.failure->code;
    if (code == Code::upstream_failed || code == Code::timed_out) tried.verdict = Verdict::retry;
    co_return tried;
  }
  tried.response = *std::move(response);
  const int status = tried.response->status();
  const net::Headers& headers = tried.response->headers();
  const MeterKind kind = record.metered() ? meter_kind(headers) : MeterKind::opaque;
  record.answered(status, provider_->request_id(headers), kind);
  tried.verdict = provider_->classify(status, headers);
  if (tried.verdict == Verdict::ok && kind == MeterKind::event_stream) {
    co_await hold_first_event(tried, record);
    judge_first_event(tried, record);
  } else if (tried.verdict == Verdict::retry) {
    tried.asked_wait = retry_after(headers, clock_.wall());
    tried.problem = "status " + std::to_string(status);
  }
  co_return tried;
}

// Reads until the first event is complete. Usually the first piece holds it.
Task<> Gateway::Impl::hold_first_event(Attempt& attempt, CallRecord& record) {
  const Monotonic began_at = clock_.monotonic();
  HeldBytes& held = attempt.held;
  while (!record.meter().saw_event() && held.text.size() < config_.held_size_max) {
    auto piece = co_await attempt.response->read();
    if (!piece) {
      held.failure = std::move(piece.error());
      break;
    }
    held.ended = piece->empty();
    if (held.ended) break;
    held.text += *piece;
    record.feed(*piece);
  }
  record.add_wait(clock_.monotonic() - began_at);
}

void Gateway::Impl::judge_first_event(Attempt& attempt, const CallRecord& record) const {
  const Meter& meter = record.meter();
  const HeldBytes& held = attempt.held;
  if (!meter.saw_event() && (held.ended || held.failure)) {
    attempt.verdict = Verdict::retry;
    attempt.problem = held.failure ? held.failure->message : "the stream ended before its first event";
  } else if (!meter.report().error_type.empty()) {
    attempt.verdict = provider_->classify_error(meter.report().error_type);
    attempt.problem = "the stream begins with " + meter.report().error_type;
  }
}

std::optional<std::chrono::nanoseconds> Gateway::Impl::next_delay(const Attempt& attempt, int tries,
                                                                  Monotonic deadline) {
  if (attempt.verdict != Verdict::retry) return std::nullopt;
  const auto delay = retry_delay(config_.retry, tries, attempt.asked_wait, random_);
  if (!delay || clock_.monotonic() + *delay >= deadline) return std::nullopt;
  return delay;
}

void Gateway::Impl::report(const Attempt& attempt) {
  if (attempt.failure && attempt.failure->code == Code::cancelled) return;
  const int status = attempt.response == nullptr ? 0 : attempt.response->status();
  if (status == 401 || status == 403) {
    health_.failing("the provider refuses the configured key");
  } else if (status == 429) {
    health_.failing("the provider limits the rate");
  } else if (attempt.response == nullptr) {
    health_.failing("the provider cannot be reached");
  } else if (attempt.verdict == Verdict::retry || status >= 500) {
    health_.failing("the provider answers with errors");
  } else {
    health_.answering();
  }
}

void Gateway::Impl::log_failed_try(const Attempt& attempt, const CallRecord& record,
                                   std::optional<std::chrono::nanoseconds> delay) {
  const std::int64_t delay_ms =
      delay ? std::chrono::duration_cast<std::chrono::milliseconds>(*delay).count() : std::int64_t{-1};
  log_.warn(delay ? "a try failed; the next one follows" : "the last try failed",
            {{"request_id", record.request_id()},
             {"gen_ai.provider.name", provider_->name()},
             {"try", record.tries()},
             {"error", attempt.problem},
             {"upstream_request_id", record.upstream_request_id()},
             {"delay_ms", delay_ms}});
}

Gateway::Gateway(GatewayConfig config, net::HttpClient& client, const Prices& prices, UsageSink& usage,
                 const Clock& clock, Random& random, observe::Log& log, observe::Metrics& metrics,
                 observe::Health& health)
    : impl_(std::make_unique<Impl>(std::move(config), client, prices, usage, clock, random, log, metrics, health)) {}

Gateway::~Gateway() = default;

bool Gateway::configured() const { return impl_->configured(); }

Task<Result<std::unique_ptr<UpstreamReply>>> Gateway::open(UpstreamCall call) { return impl_->open(std::move(call)); }

}  // namespace weir::model
