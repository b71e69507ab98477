// model/prices.h: what each token class of each model costs, by effective date.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"
#include "data/ledger.h"

namespace weir::model {

// US dollars per million tokens, in nano-dollars per token·10³ so that 0.125 $/MTok is exact:
// price 2 $/MTok = 2'000'000 micro-dollars per million tokens.
struct PriceRow {
  std::string model;             // id or prefix up to the date suffix: "claude-sonnet-4-5"
  WallTime effective_from{};
  std::int64_t input = 0;        // micro-dollars per million tokens, likewise the next four
  std::int64_t output = 0;
  std::int64_t cache_write_5m = 0;
  std::int64_t cache_write_1h = 0;
  std::int64_t cache_read = 0;
  std::int64_t band_above_prompt_tokens = 0;  // 0: no second band
  std::int64_t band_input = 0, band_output = 0, band_cache_write_5m = 0, band_cache_write_1h = 0,
               band_cache_read = 0;
};

// What changes the price of one call beside its tokens.
struct PriceModifiers {
  bool batch = false;        // usage.service_tier "batch": × 0.5
  bool fast = false;         // usage.speed "fast": × 2
  bool us_only = false;      // usage.inference_geo "us": × 1.1
};

struct Priced {
  Money cost;
  std::string price_model;  // the row applied; "default" when the model is unknown
};

// Immutable once built.
class Prices {
 public:
  // The table compiled into the binary.
  static Prices builtin();
  // Of several rows of one model the newest effective one counts. An unknown model is priced at the
  // dearest known tier, never at zero.
  Priced price(std::string_view model, const data::Usage& usage, PriceModifiers modifiers, WallTime at) const;
  const std::vector<PriceRow>& rows() const { return rows_; }
  explicit Prices(std::vector<PriceRow> rows);

 private:
  std::vector<PriceRow> rows_;
};

}  // namespace weir::model
