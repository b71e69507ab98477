// Item: documentation. The machine-readable description, and whether it describes what was just asked.
#include <array>

#include "base/json.h"
#include "ops/check/families/families.h"

namespace weir::ops::check {
namespace {

constexpr Rule kServed{"WEIR-DOC-001", Item::documentation, "An OpenAPI description is served",
                       "serve /openapi.json, or name yours with --openapi"};
constexpr Rule kDescribes{
    "WEIR-DOC-002", Item::documentation, "It describes the routes that were checked",
    "describe the chat and health routes; generate the description from the route table"};
constexpr std::array kRules{kServed, kDescribes};

Task<> run(Context& context) {
  Ask ask{.path = context.target.openapi, .headers = {{"accept-encoding", "identity"}}};
  const Answer* const answer = co_await context.prober.ask(ask);
  const auto document = parse_json(answer->body, 256);
  const json::value* const paths = document ? find_member(*document, "paths") : nullptr;
  const bool served = answer->status == 200 && paths != nullptr && paths->is_object() &&
                      !string_member(*document, "openapi").empty();
  context.judge(kServed, served, Status::warn, "status " + std::to_string(answer->status), *answer);
  if (!served) {
    context.add(kDescribes, Status::skipped, "there is no description (WEIR-DOC-001)");
    co_return;
  }
  std::string missing;
  for (const std::string* const path : {&context.target.chat, &context.target.health}) {
    if (!paths->get_object().contains(*path)) missing += " " + *path;
  }
  context.add(
      kDescribes, missing.empty() ? Status::pass : Status::warn,
      missing.empty() ? std::to_string(paths->get_object().size()) + " paths" : "not described:" + missing);
}

}  // namespace

const Family kDocumentation = {"documentation", kRules, run};

}  // namespace weir::ops::check
