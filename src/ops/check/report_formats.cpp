#include "ops/check/report_formats.h"

#include <array>

#include "base/text.h"
#include "base/time_format.h"

namespace weir::ops::check {
namespace {

constexpr std::array kStatuses{Status::fail,    Status::warn,     Status::stale, Status::unknown,
                               Status::skipped, Status::attested, Status::pass};

json::object evidence_json(const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  json::object out{{"note", evidence.note}};
  json::array exchanges;
  for (const Seen& seen : evidence.seen) {
    exchanges.push_back(json::object{{"sent", seen.sent},
                                     {"received", seen.received},
                                     {"took_ms", seen.took_ms},
                                     {"at", to_rfc3339(seen.at)}});
  }
  out["exchanges"] = std::move(exchanges);
  json::object numbers;
  for (const auto& [name, value] : evidence.numbers) numbers[name] = value;
  out["numbers"] = std::move(numbers);
  return out;
}

json::object summary_json(const Report& report) {
  json::object out;
  for (const Status status : kStatuses) out[to_string(status)] = report.count(status);
  out["accepted"] = report.accepted();
  return out;
}

json::object build_json(const Build& build) {
  return {{"version", build.version.empty() ? json::value(nullptr) : json::value(build.version)},
          {"config", build.config.empty() ? json::value(nullptr) : json::value(build.config)}};
}

std::string_view colour_of(Status status) {
  switch (status) {
    case Status::fail: return "\x1b[31m";
    case Status::pass: return "\x1b[32m";
    case Status::warn:
    case Status::stale: return "\x1b[33m";
    default: return "\x1b[2m";
  }
}

std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(text.size() < width ? width - text.size() : 0, ' ');
}

std::string summary_line(const Report& report) {
  std::string line;
  for (const Status status : kStatuses) {
    if (report.count(status) == 0 && status != Status::fail) continue;
    line += (line.empty() ? "" : ", ") + std::to_string(report.count(status)) + " " +
            std::string(to_string(status));
  }
  if (report.accepted() > 0) line += ", " + std::to_string(report.accepted()) + " accepted";
  return line;
}

std::string without_bars(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|')
      out += "\\|";
    else if (c == '\n')
      out += ' ';
    else
      out += c;
  }
  return out;
}

// SARIF knows how bad it is, not how it came about.
std::string_view sarif_level(Status status) {
  if (status == Status::fail) return "error";
  return status == Status::warn || status == Status::stale ? "warning" : "note";
}

json::object sarif_result(const Report& report, const Finding& finding) {
  json::object result{
      {"ruleId", finding.rule->id},
      {"level", sarif_level(finding.status)},
      {"message", json::object{{"text", std::string(finding.rule->title) + ": " + finding.evidence.note}}},
      {"locations",
       json::array{json::object{
           {"physicalLocation", json::object{{"artifactLocation", json::object{{"uri", report.target}}}}}}}},
      {"properties", json::object{{"status", to_string(finding.status)},
                                  {"item", to_string(finding.rule->item)},
                                  {"fix", finding.rule->fix},
                                  {"evidence", evidence_json(finding)}}}};
  if (finding.accepted) {
    result["suppressions"] =
        json::array{json::object{{"kind", "external"}, {"justification", finding.accepted->reason}}};
  }
  return result;
}

}  // namespace

std::string_view to_string(Mode mode) {
  constexpr std::array<std::string_view, 3> kNames{"safe", "active", "drill"};
  return kNames.at(static_cast<std::size_t>(mode));
}

json::value report_json(const Report& report) {
  json::array results;
  for (const Finding& finding : report.findings) {
    json::object result{{"id", finding.rule->id},
                        {"item", to_string(finding.rule->item)},
                        {"status", to_string(finding.status)},
                        {"title", finding.rule->title},
                        {"evidence", evidence_json(finding)},
                        {"fix", finding.rule->fix},
                        {"at", to_rfc3339(finding.at)},
                        {"build", build_json(report.build)}};
    if (finding.accepted) {
      result["accepted"] = json::object{{"reason", finding.accepted->reason},
                                        {"expires", to_rfc3339(finding.accepted->expires)}};
    }
    results.push_back(std::move(result));
  }
  json::array regressed;
  for (const std::string& id : report.regressed) regressed.push_back(json::value(id));
  return json::object{{"target", report.target},
                      {"build", build_json(report.build)},
                      {"mode", to_string(report.mode)},
                      {"run_id", report.run_id},
                      {"at", to_rfc3339(report.at)},
                      {"took_ms", std::chrono::duration<double, std::milli>(report.took).count()},
                      {"requests", report.requests},
                      {"summary", summary_json(report)},
                      {"regressed", std::move(regressed)},
                      {"results", std::move(results)}};
}

std::string report_text(const Report& report, bool colour) {
  std::string out = report.target + ", " + std::string(to_string(report.mode)) + ", " +
                    std::to_string(report.requests) + " requests, " + to_rfc3339(report.at) + "\n\n";
  for (const Finding& finding : report.findings) {
    const std::string_view word = finding.accepted ? "accepted" : to_string(finding.status);
    out += colour ? std::string(colour_of(finding.status)) + padded(word, 9) + "\x1b[0m" : padded(word, 9);
    out += padded(finding.rule->id, 18) + std::string(finding.rule->title) + "\n";
    if (finding.status == Status::pass) continue;
    out += "         " + finding.evidence.note + "\n";
    if (finding.accepted) out += "         accepted: " + finding.accepted->reason + "\n";
    if (!finding.accepted &&
        (finding.status == Status::fail || finding.status == Status::warn || finding.status == Status::stale))
      out += "         fix: " + std::string(finding.rule->fix) + "\n";
  }
  out += "\n" + summary_line(report) + "\n";
  for (const std::string& id : report.regressed) out += "worse than the time before: " + id + "\n";
  return out;
}

std::string report_markdown(const Report& report) {
  std::string out = "# Check of " + report.target + "\n\n" + to_rfc3339(report.at) + ", " +
                    std::string(to_string(report.mode)) + ", build " +
                    (report.build.version.empty() ? "unknown" : report.build.version) + ", configuration " +
                    (report.build.config.empty() ? "unknown" : report.build.config) + ": " +
                    summary_line(report) +
                    ".\n\n| status | id | item | what | seen | fix |\n|---|---|---|---|---|---|\n";
  for (const Finding& finding : report.findings) {
    const bool mends = finding.status == Status::fail || finding.status == Status::warn;
    out += "| " + std::string(finding.accepted ? "accepted" : to_string(finding.status)) + " | " +
           std::string(finding.rule->id) + " | " + std::string(to_string(finding.rule->item)) + " | " +
           without_bars(finding.rule->title) + " | " + without_bars(finding.evidence.note) + " | " +
           (mends ? without_bars(finding.rule->fix) : "") + " |\n";
  }
  return out;
}

std::string report_junit(const Report& report) {
  std::string cases;
  std::size_t skipped = 0;
  for (const Finding& finding : report.findings) {
    cases += "  <testcase classname=\"" + std::string(to_string(finding.rule->item)) + "\" name=\"" +
             std::string(finding.rule->id) + " " + escape_html(finding.rule->title) + "\"";
    const std::string note = escape_html(finding.evidence.note);
    if (finding.status == Status::fail && !finding.accepted) {
      cases +=
          "><failure message=\"" + note + "\">" + escape_html(finding.rule->fix) + "</failure></testcase>\n";
    } else if (finding.status == Status::pass || finding.status == Status::attested) {
      cases += "/>\n";
    } else {
      ++skipped;
      cases +=
          "><skipped message=\"" + std::string(to_string(finding.status)) + ": " + note + "\"/></testcase>\n";
    }
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"weir check " +
         escape_html(report.target) + "\" tests=\"" + std::to_string(report.findings.size()) +
         "\" failures=\"" + std::to_string(report.count(Status::fail)) + "\" skipped=\"" +
         std::to_string(skipped) + "\" timestamp=\"" + to_rfc3339(report.at) + "\">\n" + cases +
         "</testsuite>\n";
}

std::string report_sarif(const Report& report) {
  json::array rules;
  json::array results;
  for (const Finding& finding : report.findings) {
    rules.push_back(json::object{{"id", finding.rule->id},
                                 {"shortDescription", json::object{{"text", finding.rule->title}}},
                                 {"help", json::object{{"text", finding.rule->fix}}}});
    if (finding.status != Status::pass && finding.status != Status::attested)
      results.push_back(sarif_result(report, finding));
  }
  const json::object driver{{"name", "weir check"}, {"rules", std::move(rules)}};
  return to_json(json::object{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                              {"version", "2.1.0"},
                              {"runs", json::array{json::object{{"tool", json::object{{"driver", driver}}},
                                                                {"results", std::move(results)}}}}});
}

}  // namespace weir::ops::check
