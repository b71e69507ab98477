// ops/check/run.h: one run of `weir check`, from the first request to the report.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "net/http_client.h"
#include "net/probe/peer.h"
#include "ops/check/context.h"

namespace weir::ops::check {

struct Report {
  std::string target;
  Mode mode = Mode::safe;
  Build build;
  std::string run_id;  // stands in every request as x-weir-check
  WallTime at{};
  std::chrono::nanoseconds took{};
  std::size_t requests = 0;
  std::vector<Finding> findings;
  std::vector<std::string> regressed;  // ids that passed the time before; see history.h

  std::size_t count(Status status) const;  // without what is accepted
  std::size_t accepted() const;
};

// Errors: unavailable (nobody answers there at all). Everything else is a finding.
Task<Result<Report>> run(const Target& target, const Statements& statements, net::HttpClient& client,
                         const net::Peer& peer, const Clock& clock, Random& random);

}  // namespace weir::ops::check
