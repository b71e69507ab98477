#include "model/providers/beta_flags.h"

#include <doctest/doctest.h>

namespace weir::model {
namespace {

// The first request of Claude Code 2.1.330, as it was seen.
constexpr std::string_view kClaudeCode =
    "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,per-turn-control-"
    "2026-07-01,"
    "mid-conversation-tool-changes-2026-07-01,thinking-token-count-2026-05-13,advanced-tool-use-2025-11-20,"
    "effort-2025-11-24";

}  // namespace

TEST_CASE("beta flags: each cloud gets what it takes of Claude Code's") {
  CHECK(
      accepted_beta_list(Cloud::bedrock, kClaudeCode) ==
      "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,"
      "mid-conversation-tool-changes-2026-07-01,thinking-token-count-2026-05-13,tool-search-tool-2025-10-19,"
      "effort-2025-11-24");
  CHECK(
      accepted_beta_list(Cloud::vertex, kClaudeCode) ==
      "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,per-turn-control-"
      "2026-07-01,"
      "mid-conversation-tool-changes-2026-07-01,thinking-token-count-2026-05-13,tool-search-tool-2025-10-19");
  CHECK(accepted_beta_list(Cloud::mantle, kClaudeCode).contains("per-turn-control-2026-07-01"));
}

TEST_CASE("beta flags: flags of tomorrow pass, dates of a missing feature do not") {
  CHECK(accepted_beta_list(Cloud::bedrock, "brand-new-2027-01-01") == "brand-new-2027-01-01");
  CHECK(accepted_beta_list(Cloud::bedrock, "files-api-2027-01-01, skills-2025-10-02").empty());
  CHECK(accepted_beta_list(Cloud::bedrock, "structured-outputs-2025-12-15") ==
        "structured-outputs-2025-12-15");
}

TEST_CASE("beta flags: spaces and doubles go, the order stays") {
  CHECK(accepted_betas(Cloud::vertex,
                       " b-1 ,,a-1, b-1,tool-search-tool-2025-10-19,advanced-tool-use-2025-11-20") ==
        std::vector<std::string>{"b-1", "a-1", "tool-search-tool-2025-10-19"});
  CHECK(accepted_betas(Cloud::vertex, "").empty());
}

}  // namespace weir::model
