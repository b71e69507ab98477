// Item: load test. The summary that k6 wrote: whether it could fail at all, whether it passed, how old it is.
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <iterator>

#include "base/json.h"
#include "base/time_format.h"
#include "ops/check/families/families.h"

namespace weir::ops::check {
namespace {

constexpr Rule kThresholds{
    "WEIR-LOAD-001", Item::load_test, "The load test can fail, and did not",
    "k6: options.thresholds = { http_req_failed: ['rate<0.01'], http_req_duration: ['p(95)<2000'] }; "
    "k6 run --summary-export load.json, then --load-test load.json"};
constexpr Rule kRecent{"WEIR-LOAD-002", Item::load_test, "The load test is younger than 30 days",
                       "run it again against this build, and pass its summary with --load-test"};
constexpr std::array kRules{kThresholds, kRecent};

struct Thresholds {
  std::size_t count = 0;
  std::string crossed;
};

// In --summary-export's form: "thresholds": {"p(95)<2000": false}, where true is a threshold that was
// crossed; in handleSummary's form it is {"ok": true}.
Thresholds read_thresholds(const json::value& summary) {
  Thresholds out;
  const json::value* const metrics = find_member(summary, "metrics");
  if (metrics == nullptr || !metrics->is_object()) return out;
  for (const auto& [metric, value] : metrics->get_object()) {
    const json::value* const thresholds = find_member(value, "thresholds");
    if (thresholds == nullptr || !thresholds->is_object()) continue;
    for (const auto& [name, outcome] : thresholds->get_object()) {
      ++out.count;
      const json::value* const ok = find_member(outcome, "ok");
      const bool is_crossed = ok != nullptr ? *ok == json::value(false) : outcome == json::value(true);
      if (is_crossed) out.crossed += " " + std::string(metric) + ": " + std::string(name);
    }
  }
  return out;
}

void judge_file(Context& context, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto summary = parse_json(text);
  struct stat about{};
  if (!file || !summary || ::stat(path.c_str(), &about) != 0) {
    for (const Rule& rule : kRules) context.add(rule, Status::unknown, path + " is no summary of k6");
    return;
  }
  const Thresholds thresholds = read_thresholds(*summary);
  context.add(kThresholds, thresholds.count > 0 && thresholds.crossed.empty() ? Status::pass : Status::fail,
              thresholds.count == 0        ? "it has no thresholds: it cannot fail"
              : thresholds.crossed.empty() ? std::to_string(thresholds.count) + " thresholds were kept"
                                           : "crossed:" + thresholds.crossed,
              {}, {{"thresholds", static_cast<double>(thresholds.count)}});
  const WallTime written = std::chrono::seconds(about.st_mtim.tv_sec);
  const bool recent = context.clock.wall() - written < context.target.load_test_age_max;
  context.add(kRecent, recent ? Status::pass : Status::stale, "it is of " + to_rfc3339(written));
}

Task<> run(Context& context) {
  if (!context.target.load_test_file.empty()) {
    judge_file(context, context.target.load_test_file);
    co_return;
  }
  context.add_attested(kThresholds, Status::unknown, "there is no evidence (--load-test FILE)");
  context.add_attested(kRecent, Status::unknown, "there is no evidence (--load-test FILE)");
}

}  // namespace

const Family kLoadTest = {"load_test", kRules, run};

}  // namespace weir::ops::check
