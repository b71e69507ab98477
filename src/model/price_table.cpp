// model/price_table.cpp: the prices compiled into the binary. Written by tools/prices.py; do not edit.
// Facts of 2026-11-23; above each row its sources.
// Columns: model, tier, effective from, whether Bedrock's regions cost more, then micro-dollars per million
// tokens: input, output, cache write 5m, cache write 1h, cache read; where there is a second band, the prompt
// tokens above which it holds, and its five prices.
#include "model/prices.h"

namespace weir::model {

std::vector<PriceRow> builtin_price_rows() {
  constexpr WallTime kAlways{};
  constexpr bool kRegional = true;
  constexpr bool kEverywhere = false;
  return {
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-fable-5", PriceTier::standard, kAlways, kRegional, {10'000'000, 50'000'000, 12'500'000, 20'000'000, 1'000'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-fable-5-1", PriceTier::standard, kAlways, kRegional, {10'000'000, 50'000'000, 12'500'000, 20'000'000, 250'000}},
      // genai-prices-0.2.3
      {"claude-fable-5-2", PriceTier::standard, kAlways, kRegional, {8'000'000, 40'000'000, 10'000'000, 16'000'000, 200'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-haiku-4-5", PriceTier::standard, kAlways, kRegional, {1'000'000, 5'000'000, 1'250'000, 2'000'000, 100'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-haiku-5-5", PriceTier::standard, kAlways, kRegional, {100'000, 500'000, 125'000, 200'000, 10'000}, 100'000, {500'000, 2'500'000, 625'000, 1'000'000, 50'000}},
      // litellm-1.109.1
      {"claude-mythos-5", PriceTier::standard, kAlways, kRegional, {10'000'000, 50'000'000, 12'500'000, 20'000'000, 1'000'000}},
      // litellm-1.109.1
      {"claude-mythos-5-1", PriceTier::standard, kAlways, kRegional, {10'000'000, 50'000'000, 12'500'000, 20'000'000, 250'000}},
      // genai-prices-0.2.3
      {"claude-mythos-5-2", PriceTier::standard, kAlways, kRegional, {8'000'000, 40'000'000, 10'000'000, 16'000'000, 200'000}},
      // litellm-1.109.1
      {"claude-mythos-preview", PriceTier::standard, kAlways, kEverywhere, {10'000'000, 50'000'000, 12'500'000, 20'000'000, 1'000'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-opus-4-5", PriceTier::standard, kAlways, kRegional, {5'000'000, 25'000'000, 6'250'000, 10'000'000, 500'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-opus-4-6", PriceTier::standard, kAlways, kRegional, {5'000'000, 25'000'000, 6'250'000, 10'000'000, 500'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-opus-4-7", PriceTier::standard, kAlways, kRegional, {5'000'000, 25'000'000, 6'250'000, 10'000'000, 500'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-opus-4-8", PriceTier::standard, kAlways, kRegional, {5'000'000, 25'000'000, 6'250'000, 10'000'000, 500'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-opus-5", PriceTier::standard, kAlways, kRegional, {5'000'000, 25'000'000, 6'250'000, 10'000'000, 500'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-opus-5-5", PriceTier::standard, kAlways, kRegional, {4'000'000, 20'000'000, 5'000'000, 8'000'000, 200'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-sonnet-4-5", PriceTier::standard, kAlways, kRegional, {3'000'000, 15'000'000, 3'750'000, 6'000'000, 300'000}, 200'000, {6'000'000, 22'500'000, 7'500'000, 12'000'000, 600'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-sonnet-4-6", PriceTier::standard, kAlways, kRegional, {3'000'000, 15'000'000, 3'750'000, 6'000'000, 300'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-sonnet-5", PriceTier::standard, kAlways, kRegional, {2'000'000, 10'000'000, 2'500'000, 4'000'000, 200'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"claude-sonnet-5-5", PriceTier::standard, kAlways, kRegional, {2'000'000, 10'000'000, 2'500'000, 4'000'000, 200'000}},
      // from 2026-10-07; litellm-1.109.1, genai-prices-0.2.3
      {"claude-sonnet-5-5", PriceTier::standard, std::chrono::seconds(1'791'331'200), kRegional, {2'000'000, 10'000'000, 2'500'000, 4'000'000, 100'000}},
      // litellm-1.109.1
      {"anthropic.claude", PriceTier::standard, kAlways, kEverywhere, {8'000'000, 24'000'000, 8'000'000, 8'000'000, 8'000'000}},
      // litellm-1.109.1
      {"anthropic.claude-3-5-haiku", PriceTier::standard, kAlways, kEverywhere, {800'000, 4'000'000, 1'000'000, 1'600'000, 80'000}},
      // litellm-1.109.1
      {"anthropic.claude-3-5-sonnet", PriceTier::standard, kAlways, kEverywhere, {3'000'000, 15'000'000, 3'750'000, 6'000'000, 300'000}},
      // litellm-1.109.1
      {"anthropic.claude-3-7-sonnet-20240620-v1:0", PriceTier::standard, kAlways, kEverywhere, {3'600'000, 18'000'000, 4'500'000, 7'200'000, 360'000}},
      // litellm-1.109.1
      {"anthropic.claude-3-7-sonnet-20250219-v1:0", PriceTier::standard, kAlways, kEverywhere, {3'000'000, 15'000'000, 3'750'000, 6'000'000, 300'000}},
      // litellm-1.109.1
      {"eu.anthropic.claude-3-7-sonnet-20250219-v1:0", PriceTier::standard, kAlways, kEverywhere, {3'000'000, 15'000'000, 3'750'000, 6'000'000, 300'000}},
      // litellm-1.109.1
      {"us.anthropic.claude-3-7-sonnet-20250219-v1:0", PriceTier::standard, kAlways, kEverywhere, {3'000'000, 15'000'000, 3'750'000, 6'000'000, 300'000}},
      // litellm-1.109.1
      {"anthropic.claude-3-opus", PriceTier::standard, kAlways, kEverywhere, {15'000'000, 75'000'000, 18'750'000, 30'000'000, 1'500'000}},
      // litellm-1.109.1
      {"anthropic.claude-instant-v1", PriceTier::standard, kAlways, kEverywhere, {800'000, 2'400'000, 800'000, 800'000, 800'000}},
      // litellm-1.109.1
      {"anthropic.claude-mythos-preview", PriceTier::standard, kAlways, kEverywhere, {27'500'000, 137'500'000, 34'375'000, 55'000'000, 2'750'000}},
      // litellm-1.109.1
      {"anthropic.claude-opus-4", PriceTier::standard, kAlways, kEverywhere, {15'000'000, 75'000'000, 18'750'000, 30'000'000, 1'500'000}},
      // litellm-1.109.1
      {"anthropic.claude-opus-4-1", PriceTier::standard, kAlways, kEverywhere, {15'000'000, 75'000'000, 18'750'000, 30'000'000, 1'500'000}},
      // litellm-1.109.1
      {"anthropic.claude-sonnet-4", PriceTier::standard, kAlways, kEverywhere, {3'000'000, 15'000'000, 3'750'000, 6'000'000, 300'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-4.1", PriceTier::standard, kAlways, kEverywhere, {2'000'000, 8'000'000, 2'000'000, 2'000'000, 500'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-4.1", PriceTier::priority, kAlways, kEverywhere, {3'500'000, 14'000'000, 3'500'000, 3'500'000, 875'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-4.1-mini", PriceTier::standard, kAlways, kEverywhere, {400'000, 1'600'000, 400'000, 400'000, 100'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-4.1-mini", PriceTier::priority, kAlways, kEverywhere, {700'000, 2'800'000, 700'000, 700'000, 175'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-4o", PriceTier::standard, kAlways, kEverywhere, {2'500'000, 10'000'000, 2'500'000, 2'500'000, 1'250'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-4o", PriceTier::priority, kAlways, kEverywhere, {4'250'000, 17'000'000, 4'250'000, 4'250'000, 2'125'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-4o-mini", PriceTier::standard, kAlways, kEverywhere, {150'000, 600'000, 150'000, 150'000, 75'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-4o-mini", PriceTier::priority, kAlways, kEverywhere, {250'000, 1'000'000, 250'000, 250'000, 125'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5", PriceTier::standard, kAlways, kEverywhere, {1'250'000, 10'000'000, 1'250'000, 1'250'000, 125'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5-mini", PriceTier::standard, kAlways, kEverywhere, {250'000, 2'000'000, 250'000, 250'000, 25'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5-mini", PriceTier::priority, kAlways, kEverywhere, {450'000, 3'600'000, 450'000, 450'000, 45'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5-nano", PriceTier::standard, kAlways, kEverywhere, {50'000, 400'000, 50'000, 50'000, 5'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5.1", PriceTier::standard, kAlways, kEverywhere, {1'250'000, 10'000'000, 1'250'000, 1'250'000, 125'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5.2", PriceTier::standard, kAlways, kEverywhere, {1'750'000, 14'000'000, 1'750'000, 1'750'000, 175'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5.4", PriceTier::standard, kAlways, kEverywhere, {2'500'000, 15'000'000, 2'500'000, 2'500'000, 250'000}, 272'000, {5'000'000, 22'500'000, 5'000'000, 5'000'000, 500'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5.4", PriceTier::batch, kAlways, kEverywhere, {1'250'000, 7'500'000, 1'250'000, 1'250'000, 130'000}, 272'000, {2'500'000, 11'250'000, 2'500'000, 2'500'000, 250'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5.4", PriceTier::flex, kAlways, kEverywhere, {1'250'000, 7'500'000, 1'250'000, 1'250'000, 130'000}, 272'000, {2'500'000, 11'250'000, 2'500'000, 2'500'000, 250'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5.4-mini", PriceTier::standard, kAlways, kEverywhere, {750'000, 4'500'000, 750'000, 750'000, 75'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5.4-nano", PriceTier::standard, kAlways, kEverywhere, {200'000, 1'250'000, 200'000, 200'000, 20'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5.5", PriceTier::standard, kAlways, kEverywhere, {5'000'000, 30'000'000, 5'000'000, 5'000'000, 500'000}, 272'000, {10'000'000, 45'000'000, 10'000'000, 10'000'000, 1'000'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5.5", PriceTier::priority, kAlways, kEverywhere, {12'500'000, 75'000'000, 12'500'000, 12'500'000, 1'250'000}, 272'000, {20'000'000, 90'000'000, 20'000'000, 20'000'000, 2'000'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5.6-luna", PriceTier::standard, kAlways, kEverywhere, {200'000, 1'200'000, 250'000, 500'000, 20'000}, 272'000, {400'000, 1'800'000, 500'000, 1'000'000, 40'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5.6-sol", PriceTier::standard, kAlways, kEverywhere, {4'000'000, 20'000'000, 5'000'000, 10'000'000, 400'000}, 272'000, {8'000'000, 30'000'000, 10'000'000, 20'000'000, 800'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-5.6-terra", PriceTier::standard, kAlways, kEverywhere, {2'000'000, 12'000'000, 2'500'000, 5'000'000, 200'000}, 272'000, {4'000'000, 18'000'000, 5'000'000, 10'000'000, 400'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-6-astra", PriceTier::standard, kAlways, kEverywhere, {10'000'000, 50'000'000, 12'500'000, 25'000'000, 1'000'000}, 272'000, {20'000'000, 75'000'000, 25'000'000, 50'000'000, 2'000'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-6-luna", PriceTier::standard, kAlways, kEverywhere, {100'000, 500'000, 125'000, 250'000, 10'000}, 272'000, {200'000, 750'000, 250'000, 500'000, 20'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-6-sol", PriceTier::standard, kAlways, kEverywhere, {2'000'000, 10'000'000, 2'500'000, 5'000'000, 200'000}, 272'000, {4'000'000, 15'000'000, 5'000'000, 10'000'000, 400'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-6.1-sol", PriceTier::standard, kAlways, kEverywhere, {2'000'000, 10'000'000, 2'500'000, 5'000'000, 100'000}, 272'000, {4'000'000, 15'000'000, 5'000'000, 10'000'000, 200'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"gpt-6.1-terra", PriceTier::standard, kAlways, kEverywhere, {1'000'000, 5'000'000, 1'250'000, 2'500'000, 50'000}, 272'000, {2'000'000, 7'500'000, 2'500'000, 5'000'000, 100'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"text-embedding-3-large", PriceTier::standard, kAlways, kEverywhere, {130'000, 0, 130'000, 130'000, 130'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"text-embedding-3-small", PriceTier::standard, kAlways, kEverywhere, {20'000, 0, 20'000, 20'000, 20'000}},
      // litellm-1.109.1, genai-prices-0.2.3
      {"text-embedding-ada-002", PriceTier::standard, kAlways, kEverywhere, {100'000, 0, 100'000, 100'000, 100'000}},
      // litellm-1.109.1
      {"amazon.nova-2-multimodal-embeddings-v1:0", PriceTier::standard, kAlways, kEverywhere, {135'000, 0, 135'000, 135'000, 135'000}},
      // litellm-1.109.1
      {"amazon.titan-embed-g1-text-02", PriceTier::standard, kAlways, kEverywhere, {100'000, 0, 100'000, 100'000, 100'000}},
      // litellm-1.109.1
      {"amazon.titan-embed-image-v1", PriceTier::standard, kAlways, kEverywhere, {800'000, 0, 800'000, 800'000, 800'000}},
      // litellm-1.109.1
      {"amazon.titan-embed-text-v1", PriceTier::standard, kAlways, kEverywhere, {100'000, 0, 100'000, 100'000, 100'000}},
      // litellm-1.109.1
      {"amazon.titan-embed-text-v2:0", PriceTier::standard, kAlways, kEverywhere, {20'000, 0, 20'000, 20'000, 20'000}},
      // litellm-1.109.1
      {"cohere.embed-english-v3", PriceTier::standard, kAlways, kEverywhere, {100'000, 0, 100'000, 100'000, 100'000}},
      // litellm-1.109.1
      {"cohere.embed-multilingual-v3", PriceTier::standard, kAlways, kEverywhere, {100'000, 0, 100'000, 100'000, 100'000}},
      // litellm-1.109.1
      {"cohere.embed-v4:0", PriceTier::standard, kAlways, kEverywhere, {120'000, 0, 120'000, 120'000, 120'000}},
  };
}

}  // namespace weir::model
