#include "data/memory/limits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <limits>
#include <optional>

#include "data/memory/limit_shard.h"

namespace weir::data {
namespace {

constexpr std::size_t kReleasesPerDecision = 4;  // more than one, so that releasing outruns arriving

Result<> check(std::span<const Charge> charges) {
  if (charges.size() > kChargesMax) {
    return fail(Code::invalid_request,
                "more than " + std::to_string(kChargesMax) + " limits apply to one call");
  }
  for (std::size_t i = 0; i < charges.size(); ++i) {
    const Limit& limit = charges[i].limit;
    const bool windowed = limit.method != LimitMethod::parallel && limit.method != LimitMethod::calendar;
    if (windowed && limit.window <= limit.window.zero())
      return fail(Code::invalid_request, "the window of a rate limit must be positive");
    if (charges[i].units < 0 || limit.amount < 0)
      return fail(Code::invalid_request, "a limit and what is charged to it must not be negative");
    for (std::size_t k = 0; k < i; ++k) {
      if (charges[k].subject == charges[i].subject)
        return fail(Code::invalid_request, "a subject is charged twice: " + charges[i].subject);
    }
  }
  return {};
}

// The verdict on one charge; `state` is null where nothing is counted yet.
Verdict look(LimitState* state, const Charge& charge, LimitTime at) {
  if (state == nullptr) return LimitState().look(charge, at);
  state->advance(charge.limit, at);
  Verdict verdict = state->look(charge, at);
  if (verdict.admitted || state->held() == 0) return verdict;
  state->drop_expired(at.now);
  return state->look(charge, at);
}

std::unexpected<Error> no_room() {
  Error error(Code::overloaded, "too many clients at once for the rate limiter", "try again in a moment");
  error.retry_after_ms = 1'000;
  return fail(std::move(error));
}

}  // namespace

class MemoryLimits::Shard : public LimitShard {
  using LimitShard::LimitShard;
};

// The locks of all shards that some charges lie in.
class MemoryLimits::Locked {
 public:
  Locked(MemoryLimits& limits, std::span<const Charge> charges) : limits_(limits) {
    for (std::size_t i = 0; i < charges.size(); ++i) places_[i] = limits.shard_of(charges[i].subject);
    std::copy_n(places_.begin(), charges.size(), order_.begin());
    const auto begin = order_.begin();
    std::sort(begin, begin + static_cast<std::ptrdiff_t>(charges.size()));
    locked_ = static_cast<std::size_t>(
        std::unique(begin, begin + static_cast<std::ptrdiff_t>(charges.size())) - begin);
    for (std::size_t i = 0; i < locked_; ++i) limits.shards_[order_[i]]->mutex().lock();
    // Read under the locks: times enter a log in order.
    at_ = {.now = limits.clock_.monotonic(), .wall = limits.clock_.wall()};
  }
  ~Locked() {
    for (std::size_t i = locked_; i > 0; --i) limits_.shards_[order_[i - 1]]->mutex().unlock();
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

  LimitTime at() const { return at_; }
  Shard& shard(std::size_t charge) { return *limits_.shards_[places_[charge]]; }
  void release_some() {
    for (std::size_t i = 0; i < locked_; ++i) limits_.shards_[order_[i]]->release(at_, kReleasesPerDecision);
  }

 private:
  MemoryLimits& limits_;
  std::array<std::size_t, kChargesMax> places_;
  std::array<std::size_t, kChargesMax> order_;
  std::size_t locked_ = 0;
  LimitTime at_;
};

MemoryLimits::MemoryLimits(MemoryLimitsConfig config, const Clock& clock) : config_(config), clock_(clock) {
  WEIR_ASSERT(config.shards >= 1);
  for (std::size_t i = 0; i < config.shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(subject_count_));
  }
}

MemoryLimits::~MemoryLimits() = default;

// The upper half of the hash chooses the shard; the map inside uses the lower.
std::size_t MemoryLimits::shard_of(std::string_view subject) const {
  return (std::hash<std::string_view>()(subject) >> 32) % shards_.size();
}

Task<Result<Decision>> MemoryLimits::decide(std::string_view id, std::span<const Charge> charges) {
  auto checked = check(charges);
  if (!checked) co_return fail(checked);
  auto decided = decide_now(id, charges);
  if (decided || decided.error().code != Code::overloaded) co_return decided;
  // Full: make room in every shard, then once more.
  release_passed();
  co_return decide_now(id, charges);
}

Result<Decision> MemoryLimits::decide_now(std::string_view id, std::span<const Charge> charges) {
  static const LimitState kUnused;
  Decision decision{.admitted = true, .verdicts = std::vector<Verdict>(charges.size())};
  std::array<LimitState*, kChargesMax> states;
  Locked locked(*this, charges);
  locked.release_some();
  for (std::size_t i = 0; i < charges.size(); ++i) {
    states[i] = locked.shard(i).find(charges[i].subject);
    decision.verdicts[i] = look(states[i], charges[i], locked.at());
    if (!decision.verdicts[i].admitted && charges[i].enforced) decision.admitted = false;
  }
  if (decision.admitted) {
    // Every place first: nothing is taken when one is missing.
    for (std::size_t i = 0; i < charges.size(); ++i) {
      if (states[i] != nullptr) continue;
      states[i] = locked.shard(i).find_or_add(charges[i].subject, charges[i].limit, locked.at(),
                                              config_.subjects_max);
      if (states[i] == nullptr) return no_room();
      states[i]->advance(charges[i].limit, locked.at());
    }
    for (std::size_t i = 0; i < charges.size(); ++i)
      states[i]->take(charges[i], id, decision.verdicts[i].reserved, locked.at());
  }
  for (std::size_t i = 0; i < charges.size(); ++i) {
    if (!decision.admitted) decision.verdicts[i].reserved = 0;
    (states[i] != nullptr ? *states[i] : kUnused).describe(charges[i], locked.at(), decision.verdicts[i]);
  }
  return decision;
}

Task<Result<std::int64_t>> MemoryLimits::extend(std::string_view id, std::span<const Charge> charges,
                                                std::int64_t units) {
  Locked locked(*this, charges);
  const LimitTime at = locked.at();
  std::int64_t granted = units;
  for (std::size_t i = 0; i < charges.size(); ++i) {
    LimitState* const state = locked.shard(i).find_or_add(charges[i].subject, charges[i].limit, at,
                                                          std::numeric_limits<std::size_t>::max());
    state->advance(charges[i].limit, at);
    if (!charges[i].enforced) continue;
    const auto free = [&] {
      return charges[i].limit.amount - state->used(charges[i].limit, at) - state->held();
    };
    if (free() < granted) state->drop_expired(at.now);
    granted = std::clamp<std::int64_t>(free(), 0, granted);
  }
  if (granted > 0) {
    for (std::size_t i = 0; i < charges.size(); ++i)
      locked.shard(i).find(charges[i].subject)->hold(id, granted, at);
  }
  co_return granted;
}

void MemoryLimits::settle(std::string_view id, std::span<const Charge> charges) {
  Locked locked(*this, charges);
  for (std::size_t i = 0; i < charges.size(); ++i) {
    // What was used counts, even where there is no room for another subject: an owner must not gain by it.
    LimitState* const state = locked.shard(i).find_or_add(charges[i].subject, charges[i].limit, locked.at(),
                                                          std::numeric_limits<std::size_t>::max());
    state->advance(charges[i].limit, locked.at());
    state->settle(charges[i], id, locked.at());
  }
}

void MemoryLimits::renew(std::span<const Hold> holds) {
  for (const Hold& hold : holds) {
    for (const std::string& subject : hold.subjects) {
      Shard& shard = *shards_[shard_of(subject)];
      const std::lock_guard lock(shard.mutex());
      if (LimitState* const state = shard.find(subject))
        state->renew(hold.id, {.now = clock_.monotonic(), .wall = clock_.wall()});
    }
  }
}

Task<Result<>> MemoryLimits::restore(std::span<const Charge> charges) {
  for (const Charge& charge : charges) {
    Locked locked(*this, std::span(&charge, 1));
    LimitState* const state =
        locked.shard(0).find_or_add(charge.subject, charge.limit, locked.at(), config_.subjects_max);
    if (state == nullptr) co_return fail(Code::overloaded, "there are more budgets than can be kept");
    state->raise_to(charge.limit, charge.units, locked.at());
  }
  co_return Result<>();
}

std::size_t MemoryLimits::release_passed() {
  std::size_t released = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex());
    const LimitTime at{.now = clock_.monotonic(), .wall = clock_.wall()};
    released += shard->release(at, shard->size());
  }
  return released;
}

}  // namespace weir::data
