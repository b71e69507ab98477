#include "ops/check/context.h"

#include <algorithm>

#include "base/json.h"
#include "base/time_format.h"

namespace weir::ops::check {

void Context::add(const Rule& rule, Status status, std::string note,
                  std::initializer_list<const Answer*> answers,
                  std::vector<std::pair<std::string, double>> numbers) {
  Evidence evidence{.note = std::move(note), .numbers = std::move(numbers)};
  for (const Answer* const answer : answers) evidence.seen.push_back(answer->seen);
  add(rule, status, std::move(evidence));
}

void Context::add(const Rule& rule, Status status, Evidence evidence) {
  findings.push_back({.rule = &rule, .status = status, .evidence = std::move(evidence), .at = clock.wall()});
}

void Context::judge(const Rule& rule, bool holds, Status otherwise, std::string note, const Answer& answer) {
  if (answer.is_blocked()) return add(rule, Status::unknown, answer.blocked_by(), {&answer});
  add(rule, holds ? Status::pass : otherwise, std::move(note), {&answer});
}

void Context::add_attested(const Rule& rule, Status otherwise, std::string note) {
  const Attestation* const said = statements.attestation_of(rule.id);
  if (said == nullptr) return add(rule, otherwise, std::move(note));
  const bool holds = said->expires >= clock.wall();
  add(rule, holds ? Status::attested : Status::stale,
      said->by + " on " + to_rfc3339(said->on).substr(0, 10) + ": " + said->statement +
          (holds ? "" : " (expired " + to_rfc3339(said->expires).substr(0, 10) + ")"));
}

Status Context::status_of(std::string_view id) const {
  const auto found =
      std::ranges::find_if(findings, [id](const Finding& finding) { return finding.rule->id == id; });
  return found == findings.end() ? Status::unknown : found->status;
}

std::string Context::wrong_question() const {
  return to_json(json::object{{target.chat_field, 5}});
}

Ask Context::chat_ask(std::string body) const {
  return {.method = "POST", .path = target.chat, .body = std::move(body)};
}

}  // namespace weir::ops::check
