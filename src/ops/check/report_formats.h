// ops/check/report_formats.h: a report in the forms that people and machines read.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "ops/check/run.h"

namespace weir::ops::check {

std::string_view to_string(Mode mode);

// {target, build, mode, run_id, at, took_ms, requests, summary, regressed, results: [{id, item, status,
// title, evidence, fix, at, accepted?}]}.
json::value report_json(const Report& report);
std::string report_text(const Report& report, bool colour);
std::string report_markdown(const Report& report);
std::string report_junit(const Report& report);  // one case for each result
std::string report_sarif(const Report& report);  // SARIF 2.1.0; what is accepted is suppressed

}  // namespace weir::ops::check
