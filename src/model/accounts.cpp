#include "model/accounts.h"

#include <utility>
#include <vector>

namespace weir::model {
namespace {

constexpr std::array<std::string_view, 5> kTokenClasses{"input", "cache_write_5m", "cache_write_1h",
                                                        "cache_read", "output"};
constexpr std::array kFirstTokenBounds{0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0};

std::array<std::int64_t, 5> by_class(const data::Usage& usage) {
  return {usage.input_tokens, usage.cache_write_5m_tokens, usage.cache_write_1h_tokens,
          usage.cache_read_tokens, usage.output_tokens};
}

observe::Counter& outcome_counter(observe::Metrics& metrics, std::string_view provider,
                                  std::string_view outcome) {
  return metrics.counter("weir_upstream_requests_total", "Calls to a provider, by how they ended.",
                         {{"provider", provider}, {"outcome", outcome}});
}

}  // namespace

ProviderCounters::ProviderCounters(std::string_view provider, observe::Metrics& metrics)
    : succeeded_(outcome_counter(metrics, provider, "ok")),
      failed_(outcome_counter(metrics, provider, "error")),
      client_gone_(outcome_counter(metrics, provider, kClientGone)),
      tries_(metrics.counter("weir_upstream_tries_total", "Requests sent to a provider, retries included.",
                             {{"provider", provider}})) {}

void ProviderCounters::count_call(std::string_view error_type) {
  (error_type.empty() ? succeeded_ : error_type == kClientGone ? client_gone_ : failed_).add();
}

Accounts::Accounts(const Prices& prices, UsageSink& sink, observe::Log& log, observe::Metrics& metrics)
    : prices_(prices),
      sink_(sink),
      log_(log),
      metrics_(metrics),
      cost_nanos_(
          metrics.counter("weir_cost_usd_nanos_total", "Cost of all calls in billionths of a US dollar.")),
      first_token_(metrics.histogram("weir_first_token_seconds",
                                     "From the call to the first token of a stream.", kFirstTokenBounds)) {}

Accounts::Settled Accounts::settle(data::LedgerRow row, const MessageReport& report) {
  std::vector<PricedPart> parts{{row.model, row.usage}};
  for (const SideStep& step : report.side_steps) {
    parts.push_back({step.model.empty() ? std::string_view(row.model) : step.model, step.usage});
  }
  Priced priced = prices_.price(parts, report.modifiers, row.at);
  row.cost = priced.cost;
  row.price_model = std::move(priced.price_model);

  cost_nanos_.add(static_cast<std::uint64_t>(row.cost.nanos()));
  if (row.first_token_us > 0) first_token_.observe(static_cast<double>(row.first_token_us) * 1e-6);
  if (row.usage != data::Usage()) {
    const std::lock_guard lock(mutex_);
    const TokenCounters& counters = token_counters(row.model);
    const auto tokens = by_class(row.usage);
    for (std::size_t i = 0; i < tokens.size(); ++i) counters[i]->add(static_cast<std::uint64_t>(tokens[i]));
    if (row.price_model == "default") warn_once(row);
  }
  Settled settled{.price_model = row.price_model, .cost = row.cost};
  sink_.record(std::move(row));
  return settled;
}

const Accounts::TokenCounters& Accounts::token_counters(const std::string& model) {
  const std::string_view name =
      tokens_.size() < kModelsMax || tokens_.contains(model) ? std::string_view(model) : "other";
  const auto found = tokens_.find(name);
  if (found != tokens_.end()) return found->second;
  TokenCounters counters;
  for (std::size_t i = 0; i < counters.size(); ++i) {
    counters[i] = &metrics_.counter("weir_tokens_total", "Tokens by model and class; classes are disjoint.",
                                    {{"model", name}, {"class", kTokenClasses[i]}});
  }
  return tokens_.emplace(name, counters).first->second;
}

void Accounts::warn_once(const data::LedgerRow& row) {
  if (warned_of_.size() >= kModelsMax || !warned_of_.insert(row.model).second) return;
  log_.warn("this model has no price; its calls cost as much as the dearest known model",
            {{"gen_ai.request.model", row.model}, {"request_id", row.request_id}});
}

}  // namespace weir::model
