// data/ledger.h: one row for each request that reached a model: what it used and what that cost.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"

namespace weir::data {

// The token classes of all providers; disjoint, so that each is priced exactly once. OpenAI's counts
// include each other and are taken apart (model/dialects/openai_usage.h).
struct Usage {
  std::int64_t input_tokens = 0;            // neither written to nor read from a cache
  std::int64_t cache_write_5m_tokens = 0;   // the ordinary kind; OpenAI's cache_write_tokens
  std::int64_t cache_write_1h_tokens = 0;   // the long-lived kind
  std::int64_t cache_read_tokens = 0;       // OpenAI's cached_tokens
  std::int64_t output_tokens = 0;           // thinking and reasoning included
  std::int64_t web_search_requests = 0;
  friend bool operator==(const Usage&, const Usage&) = default;
};

struct LedgerRow {
  std::string request_id;          // sorts by time (base/ids.h)
  WallTime at{};                   // when the request arrived
  std::string tenant;
  std::string key_id;
  std::string route;               // "POST /v1/messages"
  std::string provider;            // "anthropic"
  std::string model;               // as the provider named it, else as requested
  Usage usage;
  bool usage_estimated = false;    // the stream ended before the provider's final figure
  Money cost;
  std::string price_model;         // the price row applied; "default" for unknown models
  int status = 0;                  // of the provider's answer; 0: none arrived
  std::string error_type;          // "overloaded_error", "client_gone", …; empty: success
  bool streamed = false;
  std::int64_t first_token_us = 0; // 0: none
  std::int64_t duration_us = 0;
  int tries = 0;
  std::string upstream_request_id;
};

struct LedgerTotals {
  std::uint64_t rows = 0;
  Usage usage;
  Money cost;
};

// The store behind the writer thread. Blocking; one thread writes.
class Ledger {
 public:
  virtual ~Ledger() = default;
  // All rows in one transaction; durable when it returns. A request_id that is there already is left
  // as it is, so that a retried batch counts once.
  virtual Result<> append(const std::vector<LedgerRow>& rows) = 0;
  virtual Result<LedgerTotals> totals() = 0;
  virtual Result<std::vector<LedgerRow>> recent(std::uint32_t limit) = 0;  // newest first, by request_id
  virtual Result<LedgerRow> find(std::string_view request_id) = 0;  // not_found
};

}  // namespace weir::data
