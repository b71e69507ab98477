#include "ops/check/history.h"

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "base/time_format.h"
#include "ops/check/report_formats.h"

namespace weir::ops::check {
namespace {

std::vector<std::string> read_lines(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

std::string line_of(const Report& report) {
  json::object statuses;
  for (const Finding& finding : report.findings)
    statuses[finding.rule->id] = finding.accepted ? "accepted" : to_string(finding.status);
  return to_json(json::object{{"at", to_rfc3339(report.at)},
                              {"target", report.target},
                              {"mode", to_string(report.mode)},
                              {"version", report.build.version},
                              {"config", report.build.config},
                              {"run_id", report.run_id},
                              {"statuses", std::move(statuses)}});
}

std::vector<std::string> regressions(const json::value& before, const Report& report) {
  std::vector<std::string> out;
  const json::value* const statuses = find_member(before, "statuses");
  if (statuses == nullptr) return out;
  for (const Finding& finding : report.findings) {
    const bool bad = (finding.status == Status::fail || finding.status == Status::warn) && !finding.accepted;
    if (bad && string_member(*statuses, finding.rule->id) == "pass") out.emplace_back(finding.rule->id);
  }
  return out;
}

}  // namespace

Result<> remember(const std::string& path, Report& report) {
  std::vector<std::string> lines = read_lines(path);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const auto before = parse_json(*line);
    if (!before || string_member(*before, "target") != report.target ||
        string_member(*before, "mode") != to_string(report.mode))
      continue;
    report.regressed = regressions(*before, report);
    break;
  }
  lines.push_back(line_of(report));
  if (lines.size() > kHistoryRunsMax)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kHistoryRunsMax));
  const std::string next = path + ".new";  // a run that is killed must not lose the others
  {
    std::ofstream file(next, std::ios::trunc);
    for (const std::string& line : lines) file << line << '\n';
    file.flush();
    if (!file)
      return fail(Code::internal, "the history " + path + " cannot be written",
                  "pass another --history FILE");
  }
  std::error_code problem;
  std::filesystem::rename(next, path, problem);
  if (problem)
    return fail(Code::internal, "the history " + path + " cannot be written: " + problem.message());
  return {};
}

}  // namespace weir::ops::check
