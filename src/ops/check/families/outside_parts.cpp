// Beyond the checklist: what a look from outside cannot tell. Skipped with the reason, so that nobody takes
// silence for a pass; each can be attested.
#include <array>

#include "ops/check/families/families.h"

namespace weir::ops::check {
namespace {

constexpr Rule kLedger{
    "WEIR-LEDGER-001", Item::ledger, "The ledger agrees with the provider's usage report",
    "compare tokens for each model and day with the provider's usage report, then attest this id"};
constexpr Rule kRetries{
    "WEIR-RETRY-001", Item::retry_storm, "Retries stay within their budget while the provider fails",
    "run `weir upstream --faults 529` behind a staging copy, count its requests, then attest this id"};
constexpr Rule kPromptCache{
    "WEIR-CACHE-001", Item::prompt_cache, "Prompt caches are hit",
    "keep prompts' beginnings the same; compare cache_read_tokens with input tokens; attest this id"};
constexpr Rule kReplicas{"WEIR-REPLICA-001", Item::replicas,
                         "All replicas run the same build and configuration",
                         "compare weir_build_info of every replica in Prometheus, then attest this id"};
constexpr std::array kRules{kLedger, kRetries, kPromptCache, kReplicas};

Task<> run(Context& context) {
  context.add_attested(kLedger, Status::skipped,
                       "it takes an admin key of the provider, which a probe has not");
  context.add_attested(kRetries, Status::skipped,
                       "it takes a provider that fails on request, which a deployment has not");
  context.add_attested(kPromptCache, Status::skipped, "it takes answers of a model, which would cost tokens");
  context.add_attested(kReplicas, Status::skipped, "from outside, a load balancer looks like one server");
  co_return;
}

}  // namespace

const Family kOutsideParts = {"outside_parts", kRules, run};

}  // namespace weir::ops::check
