// base/money.h: exact money. One nano-dollar is 10⁻⁹ USD; a 64-bit sum holds nine billion dollars.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace weir {

class Money {
 public:
  constexpr Money() = default;
  static constexpr Money from_nanos(std::int64_t nanos) { return Money(nanos); }
  constexpr std::int64_t nanos() const { return nanos_; }
  double usd() const { return static_cast<double>(nanos_) * 1e-9; }  // for display only
  std::string to_string() const;  // exact decimal dollars without trailing zeros: "0.00231"

  constexpr Money& operator+=(Money other) { nanos_ += other.nanos_; return *this; }
  constexpr Money& operator-=(Money other) { nanos_ -= other.nanos_; return *this; }
  friend constexpr Money operator+(Money a, Money b) { return a += b; }
  friend constexpr Money operator-(Money a, Money b) { return a -= b; }
  friend constexpr auto operator<=>(Money, Money) = default;

 private:
  explicit constexpr Money(std::int64_t nanos) : nanos_(nanos) {}
  std::int64_t nanos_ = 0;
};

}  // namespace weir
