#include "model/dialects/openai_usage.h"

namespace weir::model {

void OpenAiUsage::take(std::string_view name, ondemand::value value) {
  if (name == "prompt_tokens" || name == "input_tokens") {
    read_count(value, prompt_tokens);
  } else if (name == "completion_tokens" || name == "output_tokens") {
    read_count(value, completion_tokens);
  } else if (name == "prompt_tokens_details" || name == "input_tokens_details") {
    for_each_field(value.get_object(), [this](std::string_view part, ondemand::value count) {
      if (part == "cached_tokens") read_count(count, cached_tokens);
      if (part == "cache_write_tokens") read_count(count, cache_write_tokens);
    });
  } else if (name == "completion_tokens_details" || name == "output_tokens_details") {
    for_each_field(value.get_object(), [this](std::string_view part, ondemand::value count) {
      if (part == "reasoning_tokens") read_count(count, reasoning_tokens);
    });
  }
}

data::Usage OpenAiUsage::disjoint() const {
  data::Usage usage;
  usage.cache_read_tokens = std::min(cached_tokens, prompt_tokens);
  usage.cache_write_5m_tokens = std::min(cache_write_tokens, prompt_tokens - usage.cache_read_tokens);
  usage.input_tokens = prompt_tokens - usage.cache_read_tokens - usage.cache_write_5m_tokens;
  usage.output_tokens = completion_tokens;
  return usage;
}

PriceTier openai_tier(std::string_view service_tier) {
  if (service_tier == "batch") return PriceTier::batch;
  if (service_tier == "flex") return PriceTier::flex;
  return service_tier == "priority" || service_tier == "fast" ? PriceTier::priority : PriceTier::standard;
}

}  // namespace weir::model
