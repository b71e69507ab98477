// model/gateway.h: the way to a model: choose a provider, try, wait, try again, meter.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/task.h"
#include "model/call.h"
#include "model/prices.h"
#include "model/providers/provider_config.h"
#include "model/resilience/admission.h"
#include "model/resilience/affinity.h"
#include "model/resilience/breaker.h"
#include "model/resilience/retry_budget.h"
#include "model/retry.h"
#include "model/routing/route_config.h"
#include "model/usage_sink.h"
#include "net/http_client.h"
#include "observe/health.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::model {

struct GatewayConfig {
  // ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL
  ProviderConfig anthropic{.name = "anthropic", .kind = "anthropic", .base_url = "https://api.anthropic.com"};
  ProviderConfig openai{.name = "openai", .kind = "openai"};  // OPENAI_API_KEY, OPENAI_BASE_URL
  // The clouds stand in for Anthropic: a key in the environment does not send away what went there before.
  ProviderConfig bedrock{.name = "bedrock", .kind = "bedrock", .order = 1};  // AWS_BEARER_TOKEN_BEDROCK…
  ProviderConfig vertex{.name = "vertex", .kind = "vertex", .order = 1};     // CLAUDE_CODE_USE_VERTEX…
  ProviderConfig foundry{.name = "foundry", .kind = "foundry", .order = 1};  // ANTHROPIC_FOUNDRY_API_KEY…
  std::vector<ProviderConfig> providers;                      // [providers.NAME]
  std::vector<RouteConfig> routes;                            // [[routes]], in order

  RetryConfig retry;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds first_token_timeout{600'000};
  std::chrono::milliseconds idle_timeout{300'000};
  // Over all tries and the answer's body; checked between pieces, so that one idle_timeout may add to it.
  std::chrono::milliseconds total_timeout{3'600'000};
  std::size_t held_size_max = 64 * 1024;  // of a stream's beginning, kept until its first event is known
  // Of silence, after which a client whose provider sends no pings gets one.
  std::chrono::milliseconds ping_interval{15'000};

  BreakerConfig breaker;
  RetryBudgetConfig retry_budget;
  AdmissionConfig admission;  // its limit.max is each provider's in_flight_max
  AffinityConfig affinity;

  // Error::field is the key of the configuration file: "providers.eu.kind".
  Result<> check() const;
  // Those of [providers], then the well-known ones that are not among them and can be asked. One of the
  // name of a well-known one inherits what it does not say itself.
  std::vector<ProviderConfig> all_providers() const;
};

class BatchResults;
class Environment;
class TraceSink;

// Any loop may call. A call goes to the first route that matches it (routing/), there to the best of the
// equals of lowest order (resilience/choice.h), through that upstream's queue when it has enough to do.
// Tried again, elsewhere or after a pause, before any byte has gone to the client: 408, 409, 429, 5xx,
// refused and broken connections, timeouts, an error as the first event of a 200 stream, and elsewhere
// only: 401, 403, 404; x-should-retry overrides. A retry budget and a deadline hold over all tries.
// After the last try the provider's own answer is handed on, unmodified unless it must be translated.
// Errors: unavailable (no provider that can be asked), invalid_request (none can express this),
// overloaded (all are failing or full; retry_after_ms is set), upstream_failed, timed_out, cancelled.
// A stream that the provider cuts ends in a correct error event, never in silence.
// Clouds find their credentials in `environment`; null: this process's own.
class Gateway {
 public:
  Gateway(GatewayConfig config, net::HttpClient& client, const Prices& prices, UsageSink& usage,
          const Clock& clock, Random& random, observe::Log& log, observe::Metrics& metrics,
          observe::Health& health, TraceSink* traces = nullptr, const Environment* environment = nullptr);
  ~Gateway();

  bool configured() const;             // a provider and its key are there
  bool speaks(Dialect dialect) const;  // one of them takes such a call untranslated
  Task<Result<std::unique_ptr<UpstreamReply>>> open(UpstreamCall call);
  // Counts the results of a batch that pass on their way to `who`. Within the life of the gateway.
  std::unique_ptr<BatchResults> batch_results(const Attribution& who, std::string_view provider,
                                              std::string_view batch_id);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::model
