// model/prices.h: what each token class of each model costs, by tier and effective date.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"
#include "data/ledger.h"

namespace weir::model {

// How a call was served, as its answer tells. Anthropic knows the first two, OpenAI all.
enum class PriceTier : std::uint8_t {
  standard,
  batch,     // × 0.5, unless the model has a price of its own for it; likewise the next two
  flex,      // × 0.5
  priority,  // × 2
};

// Micro-dollars per million tokens, so that each published price is a whole number: 0.125 $/MTok is
// 125'000. One token at p costs p / 1000 nano-dollars. The classes are those of data::Usage.
struct TokenPrices {
  std::int64_t input = 0;
  std::int64_t output = 0;
  std::int64_t cache_write_5m = 0;
  std::int64_t cache_write_1h = 0;
  std::int64_t cache_read = 0;
};

struct PriceRow {
  std::string model;  // id or prefix up to the date suffix: "claude-sonnet-4-5", "gpt-5"
  PriceTier tier = PriceTier::standard;
  WallTime effective_from{};
  bool regional = false;  // Bedrock's profiles of one geography cost × 1.1, GovCloud × 1.2
  TokenPrices prices;
  std::int64_t band_above_prompt_tokens = 0;  // 0: no second band
  TokenPrices band;                           // of the whole call, when its prompt is larger
};

// What changes the price of one call beside its tokens; each multiplies every token class, none the
// fee for web searches.
struct PriceModifiers {
  PriceTier tier = PriceTier::standard;  // service_tier
  bool fast = false;                     // usage.speed "fast": × 2
  bool us_only = false;                  // usage.inference_geo "us": × 1.1
  bool regional = false;  // served in one geography, where the model's id does not tell: × 1.1
};

struct Priced {
  Money cost;
  std::string price_model;  // the row applied; "default" when the model is unknown
};

// A part of a call that one model did: the answer itself, or a step beside it (an advisor, a compaction).
struct PricedPart {
  std::string_view model;
  data::Usage usage;
};

// The fee of one web search beside its tokens: $10 per 1,000, at Anthropic as at OpenAI.
constexpr Money kWebSearchFee = Money::from_nanos(10'000'000);

// Immutable once built; any thread may ask.
class Prices {
 public:
  // The table compiled into the binary.
  static Prices builtin();
  explicit Prices(std::vector<PriceRow> rows);  // at least one row of the standard tier

  // Of several rows of one model the newest effective one counts. An unknown model is priced at the
  // dearest known one of its kind (a Claude, an embedding model, any), never at zero. Exact; rounded once,
  // half to even.
  Priced price(std::string_view model, const data::Usage& usage, PriceModifiers modifiers, WallTime at) const;
  // Several parts of one call, rounded once. price_model is the first part's.
  Priced price(std::span<const PricedPart> parts, PriceModifiers modifiers, WallTime at) const;
  const std::vector<PriceRow>& rows() const { return rows_; }

 private:
  const PriceRow* find(std::string_view model, PriceTier tier, WallTime at) const;
  const PriceRow* find_by_id(std::string_view id, WallTime at) const;
  const PriceRow& dearest(std::string_view model, WallTime at) const;

  std::vector<PriceRow> rows_;  // by model, then by tier, then by date
};

// The rows of price_table.cpp.
std::vector<PriceRow> builtin_price_rows();

// The id of a model without the decoration of clouds and dates: "us.anthropic.claude-opus-4-5-20251101-v1:0"
// and "claude-opus-4-5@20251101" are "claude-opus-4-5", "gpt-4o-2024-08-06" is "gpt-4o".
std::string_view model_family(std::string_view model);

}  // namespace weir::model
