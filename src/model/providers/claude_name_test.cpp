#include "model/providers/claude_name.h"

#include <doctest/doctest.h>

namespace weir::model {

TEST_CASE("claude name: what the clouds call a model, and what names none stays") {
  const std::pair<std::string_view, std::string_view> names[] = {
      {"us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"},
      {"anthropic.claude-opus-4-6-v1", "claude-opus-4-6"},
      {"anthropic.claude-opus-5-5", "claude-opus-5-5"},
      {"arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0",
       "claude-haiku-4-5-20251001"},
      {"arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
       "claude-3-haiku-20240307"},
      {"claude-sonnet-4-5@20250929", "claude-sonnet-4-5-20250929"},
      {"claude-opus-4-6@default", "claude-opus-4-6"},
  };
  for (const auto& [id, name] : names) CHECK(claude_name(id) == name);
  for (const std::string_view id :
       {"claude-sonnet-4-5", "claude-x-v1", "arn:aws:bedrock:us-east-1:1:application-inference-profile/ab12",
        "amazon.nova-pro-v1:0", "notanthropic.claude-x", "claude-a@b", "", "arn:", "gpt-5@20250101",
        "us.anthropic.other-v1:0"}) {
    CHECK(claude_name(id) == id);
  }
}

}  // namespace weir::model
