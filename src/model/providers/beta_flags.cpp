#include "model/providers/beta_flags.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace weir::model {
namespace {

constexpr unsigned kBedrock = 1;
constexpr unsigned kMantle = 2;
constexpr unsigned kVertex = 4;
constexpr unsigned kEverywhere = kBedrock | kMantle | kVertex;

struct Refusal {
  std::string_view flag;  // ending in '-': every date of it
  unsigned refused_by;
  std::string_view instead = {};  // what the cloud calls it; empty: nothing
};

// State of November 2026. Sources: 400s shown in public issues (anthropics/claude-code #12429 #34802 #56595,
// vercel/ai #10981, claude-agent-sdk-python #335, CLIProxyAPI #4750: one flag at a time) and the
// table that LiteLLM 1.109.1 ships (anthropic_beta_headers_config.json).
constexpr std::array kRefusals{
    // What the clouds do not offer at all.
    Refusal{"advisor-tool-", kEverywhere},
    Refusal{"code-execution-", kEverywhere},
    Refusal{"fast-mode-", kEverywhere},
    Refusal{"files-api-", kEverywhere},
    Refusal{"mcp-client-", kEverywhere},
    Refusal{"mcp-servers-", kEverywhere},
    Refusal{"oauth-", kEverywhere},
    Refusal{"prompt-caching-scope-", kEverywhere},
    Refusal{"skills-", kEverywhere},
    Refusal{"tmp-preserve-thinking-", kEverywhere},
    Refusal{"web-fetch-", kEverywhere},
    // What only some of them do not.
    Refusal{"extended-cache-ttl-2025-04-11", kBedrock},  // the hour's cache works there without it
    Refusal{"per-turn-control-", kBedrock},
    Refusal{"redact-thinking-", kBedrock},
    Refusal{"token-efficient-tools-2026-03-28", kBedrock},
    Refusal{"web-search-", kBedrock},
    Refusal{"structured-outputs-2025-11-13", kBedrock | kVertex},
    Refusal{"adaptive-thinking-2026-01-28", kVertex},
    Refusal{"effort-2025-11-24", kVertex},
    Refusal{"fine-grained-tool-streaming-2025-05-14", kVertex},
    Refusal{"output-128k-2025-02-19", kVertex},
    Refusal{"token-efficient-tools-2025-02-19", kVertex},
    // What they have under an older name.
    Refusal{"advanced-tool-use-2025-11-20", kEverywhere, "tool-search-tool-2025-10-19"},
};

unsigned bit_of(Cloud cloud) {
  switch (cloud) {
    case Cloud::bedrock: return kBedrock;
    case Cloud::mantle: return kMantle;
    case Cloud::vertex: return kVertex;
  }
  return 0;
}

// The flag as the cloud takes it; empty: not at all.
std::string_view accepted(Cloud cloud, std::string_view flag) {
  for (const Refusal& refusal : kRefusals) {
    const bool is_it = refusal.flag.ends_with('-') ? flag.starts_with(refusal.flag) : flag == refusal.flag;
    if (is_it && (refusal.refused_by & bit_of(cloud)) != 0) return refusal.instead;
  }
  return flag;
}

}  // namespace

std::vector<std::string> accepted_betas(Cloud cloud, std::string_view list) {
  std::vector<std::string> out;
  for (const std::string_view part : split(list, ',')) {
    const std::string_view flag = accepted(cloud, trim(part));
    if (!flag.empty() && std::ranges::find(out, flag) == out.end()) out.emplace_back(flag);
  }
  return out;
}

std::string accepted_beta_list(Cloud cloud, std::string_view list) {
  std::string out;
  for (const std::string& flag : accepted_betas(cloud, list)) out += (out.empty() ? "" : ",") + flag;
  return out;
}

}  // namespace weir::model
