#include "model/providers/token_source.h"

#include <algorithm>

namespace weir::model {

Task<Result<Token>> FixedToken::get() {
  co_return token_;
}

// Holds the right to fetch. When it ends, also by cancellation, the waiters look again; the first of them
// fetches if there is still no token.
class RefreshedToken::Flight {
 public:
  explicit Flight(RefreshedToken& source) : source_(source) {}
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;
  ~Flight() {
    {
      const std::scoped_lock lock(source_.mutex_);
      source_.in_flight_ = false;
    }
    source_.landed_.wake_all();
  }

 private:
  RefreshedToken& source_;
};

RefreshedToken::RefreshedToken(std::unique_ptr<TokenFetcher> fetcher, const Clock& clock, Random& random,
                               TokenRefreshConfig config)
    : fetcher_(std::move(fetcher)), clock_(clock), random_(random), config_(config) {}

Task<Result<Token>> RefreshedToken::get() {
  while (true) {
    switch (next_step()) {
      case Step::use:
      case Step::fail: co_return current();
      case Step::fetch: {
        const Flight flight(*this);
        auto fetched = co_await fetcher_->fetch();
        co_return store(std::move(fetched));
      }
      case Step::wait: {
        auto waiter = co_await net::SharedWake::waiter();
        if (enlist(waiter))
          co_await net::SharedWake::wait(std::move(waiter));  // as long as a fetch takes, which has limits
      }
    }
  }
}

bool RefreshedToken::valid(const Token& token) const {
  return !token.expires_at || *token.expires_at > clock_.wall() + config_.expiry_margin;
}

RefreshedToken::Step RefreshedToken::next_step() {
  const std::scoped_lock lock(mutex_);
  const bool usable = token_ && valid(*token_);
  const bool may_fetch = !failure_ || clock_.monotonic() >= retry_at_;
  if (usable && (in_flight_ || !may_fetch || !token_->expires_at || clock_.wall() < refresh_at_))
    return Step::use;
  if (in_flight_) return Step::wait;
  if (!may_fetch) return Step::fail;
  in_flight_ = true;
  return Step::fetch;
}

bool RefreshedToken::enlist(const std::shared_ptr<net::SharedWake::Waiter>& waiter) {
  const std::scoped_lock lock(mutex_);
  if (in_flight_) landed_.enlist(waiter);
  return in_flight_;
}

Result<Token> RefreshedToken::current() {
  const std::scoped_lock lock(mutex_);
  if (token_ && valid(*token_)) return *token_;
  if (failure_) return fail(*failure_);
  return fail(Code::unavailable, "the token expired while it was looked up", "try again");
}

Result<Token> RefreshedToken::store(Result<Token> fetched) {
  if (fetched && !valid(*fetched)) {
    fetched = fail(Code::unavailable, "the token just fetched has expired already",
                   "set this machine's clock: its issuer and it disagree about the time");
  }
  const std::scoped_lock lock(mutex_);
  const double random = random_.next_unit();
  if (fetched) {
    failure_.reset();
    failures_ = 0;
    token_ = *fetched;
    if (token_->expires_at) {
      const WallTime now = clock_.wall();
      const WallTime life = *token_->expires_at - now;
      const auto jittered = std::chrono::duration_cast<WallTime>(config_.refresh_jitter_max * random);
      refresh_at_ = now + std::max(life - config_.refresh_ahead - jittered, life / 2);
    }
    return fetched;
  }
  failure_ = fetched.error();
  const auto doubled = config_.retry_after * (1 << std::min(failures_++, 10));
  const auto pause = std::min<std::chrono::milliseconds>(doubled, config_.retry_after_max);
  retry_at_ = clock_.monotonic() + std::chrono::duration_cast<Monotonic>(pause * (1 + random / 2));
  if (token_ && valid(*token_)) return *token_;
  return fetched;
}

}  // namespace weir::model
