// model/accounts.h: what a finished call becomes: a price, a ledger row, and counts.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "data/ledger.h"
#include "model/message_report.h"
#include "model/prices.h"
#include "model/usage_sink.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::model {

constexpr std::string_view kClientGone = "client_gone";  // error_type of a call whose client went away

// What is counted of one provider, by its configured name. Any thread may call.
class ProviderCounters {
 public:
  ProviderCounters(std::string_view provider, observe::Metrics& metrics);
  void count_try() { tries_.add(); }
  void count_call(std::string_view error_type);  // by its end; empty: a success

 private:
  observe::Counter& succeeded_;
  observe::Counter& failed_;
  observe::Counter& client_gone_;
  observe::Counter& tries_;
};

// Any thread may call.
class Accounts {
 public:
  static constexpr std::size_t kModelsMax = 150;  // counted by name and warned of; others count as "other"

  Accounts(const Prices& prices, UsageSink& sink, observe::Log& log, observe::Metrics& metrics);

  // `row` lacks its price. Side steps are priced beside row.usage.
  // The price row that was applied, and what it made.
  struct Settled {
    std::string price_model;
    Money cost;
  };
  Settled settle(data::LedgerRow row, const MessageReport& report);

 private:
  using TokenCounters = std::array<observe::Counter*, 5>;

  const TokenCounters& token_counters(const std::string& model);
  void warn_once(const data::LedgerRow& row);

  const Prices& prices_;
  UsageSink& sink_;
  observe::Log& log_;
  observe::Metrics& metrics_;
  observe::Counter& cost_nanos_;
  observe::Histogram& first_token_;
  std::mutex mutex_;
  std::map<std::string, TokenCounters, std::less<>> tokens_;  // guarded by mutex_
  std::set<std::string, std::less<>> warned_of_;              // guarded by mutex_
};

}  // namespace weir::model
