// model/providers/token_source.h: what proves to a cloud who calls, kept fresh: one for each provider, shared
// by all event loops.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/task.h"
#include "net/shared_wake.h"

namespace weir::model {

// Either a bearer token or API key, or (key_id set) the keys that AWS requests are signed with.
struct Token {
  Secret value;                        // the bearer token; of AWS keys: the secret access key
  std::optional<WallTime> expires_at;  // nullopt: never
  std::string key_id = {};             // AWS: the access key id
  Secret session = {};                 // AWS: the session token, when there is one
};

// Safe to use from every loop.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // A token that is valid now. Errors name the variable, file or service to mend: unavailable (what is
  // configured cannot work), upstream_failed and timed_out (the service that issues it did not).
  virtual Task<Result<Token>> get() = 0;
};

// A token that does not change while Weir runs.
class FixedToken final : public TokenSource {
 public:
  explicit FixedToken(Token token) : token_(std::move(token)) {}
  Task<Result<Token>> get() override;

 private:
  const Token token_;
};

// Asks for a new token, once. Called by one coroutine at a time, from any loop; every wait in it has a limit.
class TokenFetcher {
 public:
  virtual ~TokenFetcher() = default;
  virtual Task<Result<Token>> fetch() = 0;
};

struct TokenRefreshConfig {
  std::chrono::seconds refresh_ahead{300};       // before the expiry, or half its life if that is later
  std::chrono::seconds refresh_jitter_max{60};   // earlier still, at random: many processes share an issuer
  std::chrono::seconds expiry_margin{15};        // a request takes its time to arrive
  std::chrono::milliseconds retry_after{2'000};  // a failure is remembered as long; doubles with each,
  std::chrono::milliseconds retry_after_max{30'000};  // up to this; half as long again at random
};

// Fetches when it is first asked, and again before the token expires. One fetch runs at a time: who needs
// no new token goes on with the old one, who has none waits for it. A failed refresh is no failure while
// the old token is valid.
class RefreshedToken final : public TokenSource {
 public:
  RefreshedToken(std::unique_ptr<TokenFetcher> fetcher, const Clock& clock, Random& random,
                 TokenRefreshConfig config = {});
  Task<Result<Token>> get() override;

 private:
  enum class Step : std::uint8_t { use, fail, wait, fetch };
  class Flight;

  Step next_step();  // fetch: the caller now owns the flight
  bool enlist(const std::shared_ptr<net::SharedWake::Waiter>& waiter);  // false: no fetch is under way
  Result<Token> current();
  Result<Token> store(Result<Token> fetched);
  bool valid(const Token& token) const;

  const std::unique_ptr<TokenFetcher> fetcher_;
  const Clock& clock_;
  Random& random_;
  const TokenRefreshConfig config_;
  net::SharedWake landed_;

  std::mutex mutex_;  // guards what follows; never held across an await
  bool in_flight_ = false;
  std::optional<Token> token_;
  WallTime refresh_at_{};
  std::optional<Error> failure_;  // of the last fetch
  int failures_ = 0;              // in a row
  Monotonic retry_at_{};
};

}  // namespace weir::model
