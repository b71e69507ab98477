#include "model/retry.h"

#include <doctest/doctest.h>

#include "base/time_format.h"

namespace weir::model {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow = 1'795'478'400s;

// The highest or the lowest jitter.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(bool high) : value_(high ? std::byte{0xff} : std::byte{0}) {}
  void fill(std::span<std::byte> bytes) override { std::ranges::fill(bytes, value_); }

 private:
  std::byte value_;
};

}  // namespace

TEST_CASE("retry: reads what the provider asks for") {
  CHECK(retry_after({{"retry-after", "2"}}, kNow) == 2s);
  CHECK(retry_after({{"retry-after", "0.5"}}, kNow) == 500ms);
  CHECK(retry_after({{"retry-after", "9"}, {"retry-after-ms", "1500"}}, kNow) == 1500ms);
  CHECK(retry_after({{"retry-after", to_http_date(kNow + 30s)}}, kNow) == 30s);
  CHECK(retry_after({{"retry-after", "1e999"}}, kNow) == std::nullopt);
  CHECK(retry_after({{"retry-after", "999999999999999999999"}}, kNow) == 1'000'000'000s);
  for (const std::string_view text :
       {"", "0", "-1", "soon", "nan", "inf", "2s", "Thu, 01 Jan 1970 00:00:00 GMT"}) {
    CAPTURE(text);
    CHECK(retry_after({{"retry-after", text}}, kNow) == std::nullopt);
  }
  CHECK(retry_after({}, kNow) == std::nullopt);
}

TEST_CASE("retry: waits are random up to a bound that doubles") {
  const RetryConfig config{.tries_max = 6, .delay_max = 5s};
  FixedRandom low(false);
  FixedRandom high(true);
  const auto longest = [&](int tries) { return *retry_delay(config, tries, std::nullopt, high); };
  CHECK(*retry_delay(config, 1, std::nullopt, low) == 0s);
  CHECK(longest(1) <= 1s);
  CHECK(longest(1) > 999ms);
  CHECK(longest(2) > 1'999ms);
  CHECK(longest(3) > 3'999ms);
  CHECK(longest(4) <= 5s);
  CHECK(longest(5) > 4'999ms);
  CHECK(retry_delay(config, 6, std::nullopt, high) == std::nullopt);
}

TEST_CASE("retry: what the provider asks for is kept to exactly, or ends the tries") {
  const RetryConfig config{.retry_after_max = 60s};
  FixedRandom random(true);
  CHECK(retry_delay(config, 1, 7s, random) == 7s);
  CHECK(retry_delay(config, 1, 60s, random) == 60s);
  CHECK(retry_delay(config, 1, 61s, random) == std::nullopt);
  CHECK(retry_delay(config, 3, 1s, random) == std::nullopt);
}

}  // namespace weir::model
