// Item: disaster recovery plan. The day of the last rehearsal, as the target or somebody tells it.
#include <array>

#include "ops/check/families/families.h"
#include "ops/check/families/scrape.h"

namespace weir::ops::check {
namespace {

constexpr std::string_view kLastRestore = "weir_restore_drill_last_success_timestamp_seconds";
constexpr std::chrono::days kRehearsalAgeMax{90};

constexpr Rule kRehearsed{
    "WEIR-DR-001", Item::disaster_recovery, "A restore was rehearsed in the last 90 days",
    "restore the newest backup into an empty place, compare, write down how long it took, and attest "
    "this id"};
constexpr std::array kRules{kRehearsed};

Task<> run(Context& context) {
  const auto last = co_await ask_last_success(context, kLastRestore);
  if (!last) {
    context.add_attested(kRehearsed, Status::unknown,
                         "the target tells of no rehearsal, and nobody attests one");
    co_return;
  }
  const bool recent = last->ever && last->age_s < std::chrono::duration<double>(kRehearsalAgeMax).count();
  context.add(kRehearsed, recent ? Status::pass : Status::stale,
              std::to_string(static_cast<std::int64_t>(last->age_s / 86'400)) + " days ago", {},
              {{"age_s", last->age_s}});
}

}  // namespace

const Family kDisasterRecovery = {"disaster_recovery", kRules, run};

}  // namespace weir::ops::check
