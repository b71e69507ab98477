// Item: backup. From the metrics of the target where it tells, or from what somebody attests.
#include <array>

#include "ops/check/families/families.h"
#include "ops/check/families/scrape.h"

namespace weir::ops::check {
namespace {

constexpr std::string_view kLastBackup = "weir_backup_last_success_timestamp_seconds";

constexpr Rule kFresh{
    "WEIR-BACKUP-001", Item::backup, "The newest backup is fresh",
    "schedule one a day, kept elsewhere; alert when it is older than 26 h; where the target does not tell, "
    "attest this id"};
constexpr std::array kRules{kFresh};

Task<> run(Context& context) {
  const auto last = co_await ask_last_success(context, kLastBackup);
  if (!last) {
    context.add_attested(kFresh, Status::unknown, "the target tells of no backup, and nobody attests one");
    co_return;
  }
  const bool fresh =
      last->ever && last->age_s < std::chrono::duration<double>(context.target.backup_age_max).count();
  context.add(
      kFresh, fresh ? Status::pass : Status::fail,
      last->ever ? "the newest is " + std::to_string(static_cast<std::int64_t>(last->age_s / 3600)) + " h old"
                 : "there is none",
      {}, {{"age_s", last->age_s}});
}

}  // namespace

const Family kBackup = {"backup", kRules, run};

}  // namespace weir::ops::check
