// Item: team trained. Only people can say so.
#include <array>

#include "ops/check/families/families.h"

namespace weir::ops::check {
namespace {

constexpr Rule kTrained{
    "WEIR-TEAM-001", Item::team_trained, "Two people have rehearsed an outage in the last 90 days",
    "rehearse a provider outage and a leaked key with the people on call, then attest this id"};
constexpr std::array kRules{kTrained};

Task<> run(Context& context) {
  context.add_attested(kTrained, Status::unknown, "nobody attests it (--statements FILE)");
  co_return;
}

}  // namespace

const Family kTeam = {"team", kRules, run};

}  // namespace weir::ops::check
