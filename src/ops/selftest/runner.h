// ops/selftest/runner.h: sends recorded requests through a running gateway, whose provider replays the
// recorded answers, and compares what comes back.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "data/cassettes/cassette.h"
#include "model/prices.h"
#include "net/http_client.h"
#include "ops/selftest/expectation.h"

namespace weir::ops::selftest {

struct Target {
  net::Origin gateway;
  std::string api_key;  // of the gateway; empty: it wants none
};

struct Finding {
  std::string cassette;
  std::vector<std::string> differences;
};

struct Report {
  std::size_t streams = 0, documents = 0, errors = 0;  // equal ones; errors: statuses from 400 on
  std::size_t cut = 0;                                 // of the streams: recorded without their end
  std::size_t priced = 0;                              // with usage and cost equal
  std::map<std::string_view, std::size_t> left_out;    // by the reason
  std::vector<Finding> findings;
  std::size_t equal() const { return streams + documents + errors; }
};

// One after the other. unavailable: the gateway does not answer at all. `report` grows.
Task<Result<>> run(net::HttpClient& client, Target target, const std::vector<data::Cassette>& cassettes,
                   const model::Prices& prices, const Clock& clock, Report& report);

// A few made-up exchanges in each dialect, for a selftest without cassettes.
std::vector<data::Cassette> builtin_cassettes();

}  // namespace weir::ops::selftest
