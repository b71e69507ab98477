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
  Ask scrape{.path = context.target.metrics};
  const Answer* const answer = co_await context.prober.ask(scrape);
  const auto at = value_of(read_samples(answer->body), kLastBackup);
  if (!at) {
    context.add_attested(kFresh, Status::unknown, "the target tells of no backup, and nobody attests one");
    co_return;
  }
  const double age_s = std::chrono::duration<double>(context.clock.wall()).count() - *at;
  const bool fresh = *at > 0 && age_s < std::chrono::duration<double>(context.target.backup_age_max).count();
  context.add(kFresh, fresh ? Status::pass : Status::fail,
              *at > 0 ? "the newest is " + std::to_string(static_cast<std::int64_t>(age_s / 3600)) + " h old"
                      : "there is none",
              {}, {{"age_s", age_s}});
}

}  // namespace

const Family kBackup = {"backup", kRules, run};

}  // namespace weir::ops::check
