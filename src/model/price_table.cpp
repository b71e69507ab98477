// model/price_table.cpp: the prices compiled into the binary. Written by tools/prices.py; do not edit.
// Facts of 2026-11-23; above each row its sources.
// Columns: model, effective from, then micro-dollars per million tokens: input, output, cache write 5m,
// cache write 1h, cache read; where there is a second band, the prompt tokens above which it holds,
// and its five prices.
#include "model/prices.h"

namespace weir::model {

std::vector<PriceRow> builtin_price_rows() {
  constexpr WallTime kAlways{};
  return {
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-fable-5", kAlways, 10'000'000, 50'000'000, 12'500'000, 20'000'000, 1'000'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-fable-5-1", kAlways, 10'000'000, 50'000'000, 12'500'000, 20'000'000, 250'000},
      // genai-prices-0.2.3
      {"claude-fable-5-2", kAlways, 8'000'000, 40'000'000, 10'000'000, 16'000'000, 200'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-haiku-4-5", kAlways, 1'000'000, 5'000'000, 1'250'000, 2'000'000, 100'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-haiku-5-5", kAlways, 100'000, 500'000, 125'000, 200'000, 10'000, 100'000, 500'000, 2'500'000, 625'000, 1'000'000, 50'000},
      // litellm-1.109.1
      {"claude-mythos-5", kAlways, 10'000'000, 50'000'000, 12'500'000, 20'000'000, 1'000'000},
      // litellm-1.109.1
      {"claude-mythos-5-1", kAlways, 10'000'000, 50'000'000, 12'500'000, 20'000'000, 250'000},
      // genai-prices-0.2.3
      {"claude-mythos-5-2", kAlways, 8'000'000, 40'000'000, 10'000'000, 16'000'000, 200'000},
      // litellm-1.109.1
      {"claude-mythos-preview", kAlways, 10'000'000, 50'000'000, 12'500'000, 20'000'000, 1'000'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-opus-4-5", kAlways, 5'000'000, 25'000'000, 6'250'000, 10'000'000, 500'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-opus-4-6", kAlways, 5'000'000, 25'000'000, 6'250'000, 10'000'000, 500'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-opus-4-7", kAlways, 5'000'000, 25'000'000, 6'250'000, 10'000'000, 500'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-opus-4-8", kAlways, 5'000'000, 25'000'000, 6'250'000, 10'000'000, 500'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-opus-5", kAlways, 5'000'000, 25'000'000, 6'250'000, 10'000'000, 500'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-opus-5-5", kAlways, 4'000'000, 20'000'000, 5'000'000, 8'000'000, 200'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-sonnet-4-5", kAlways, 3'000'000, 15'000'000, 3'750'000, 6'000'000, 300'000, 200'000, 6'000'000, 22'500'000, 7'500'000, 12'000'000, 600'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-sonnet-4-6", kAlways, 3'000'000, 15'000'000, 3'750'000, 6'000'000, 300'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-sonnet-5", kAlways, 2'000'000, 10'000'000, 2'500'000, 4'000'000, 200'000},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-sonnet-5-5", kAlways, 2'000'000, 10'000'000, 2'500'000, 4'000'000, 200'000},
      // from 2026-10-07; litellm-1.109.1, genai-prices-0.2.3
      {"claude-sonnet-5-5", std::chrono::seconds(1'791'331'200), 2'000'000, 10'000'000, 2'500'000, 4'000'000, 100'000},
  };
}

}  // namespace weir::model
