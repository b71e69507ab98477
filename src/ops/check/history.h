// ops/check/history.h: what earlier runs found, in a file of one JSON line for each run.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "ops/check/run.h"

namespace weir::ops::check {

constexpr std::size_t kHistoryRunsMax = 1'000;  // the newest are kept

// Sets report.regressed to what passed in the newest earlier run of the same target and mode and does not now
// (fail or warn), and appends this run. The file is made when it is missing; internal when it cannot be
// written.
Result<> remember(const std::string& path, Report& report);

}  // namespace weir::ops::check
