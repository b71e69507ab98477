// ops/selftest/expectation.h: what a cassette that is replayed behind a gateway must come to in front of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "data/cassettes/cassette.h"
#include "data/ledger.h"
#include "model/dialects/dialect.h"
#include "model/prices.h"

namespace weir::ops::selftest {

struct Expectation {
  // The client's dialect, which is the provider's: that of the path. Without one `unsendable` says why.
  std::optional<model::Dialect> dialect;
  std::string_view unsendable;
  bool metered = false;  // the gateway counts and prices it
  bool whole = true;     // false: the recorded stream broke off, and the gateway must say so behind it
  data::Usage usage;
  bool estimated = false;
  Money cost;
};

// Usage and cost as a meter of our own reads them from the recorded body in one piece.
Expectation expect(const data::Cassette& cassette, const model::Prices& prices, WallTime now);

// What the gateway answered, and what GET /api/requests/{id} told of it.
struct Observed {
  int status = 0;
  std::string body;
  bool priced = false;
  data::Usage usage;
  bool estimated = false;
  std::string cost_usd;
};

// Each in one line; empty: everything is as it must be.
std::vector<std::string> differences(const data::Cassette& cassette, const Expectation& expected,
                                     const Observed& observed);

}  // namespace weir::ops::selftest
