// model/dialects/openai_usage.h: OpenAI's count of tokens, of chat completions, embeddings and responses.
#pragma once

#include <cstdint>
#include <string_view>

#include "data/ledger.h"
#include "model/json_fields.h"
#include "model/prices.h"

namespace weir::model {

// As OpenAI tells it: the parts are included in their totals (completion_usage.py of openai 3.54).
struct OpenAiUsage {
  std::int64_t prompt_tokens = 0;       // prompt_tokens, input_tokens
  std::int64_t cached_tokens = 0;       // of the prompt: read from a cache
  std::int64_t cache_write_tokens = 0;  // of the prompt: written to one
  std::int64_t completion_tokens = 0;   // completion_tokens, output_tokens
  std::int64_t reasoning_tokens = 0;    // of the completion

  // A member of a usage object, of either vocabulary.
  void take(std::string_view name, ondemand::value value);
  // The same tokens in disjoint classes, as they are priced. A part beyond its total (recorded: 161 cached
  // of 24 prompt tokens) counts as the total.
  data::Usage disjoint() const;
};

// Of `service_tier` in an answer: default, flex, priority, fast, scale, batch.
PriceTier openai_tier(std::string_view service_tier);

}  // namespace weir::model
