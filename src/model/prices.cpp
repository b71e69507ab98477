#include "model/prices.h"

#include <algorithm>
#include <tuple>

namespace weir::model {
namespace {

__extension__ typedef __int128 Wide;  // micro-dollars times tokens of a hostile answer overflow 64 bits

// Micro-dollars per million tokens, times tokens. Every class stands here exactly once.
Wide weighted(const PriceRow& row, const data::Usage& usage) {
  const std::int64_t prompt_tokens = usage.input_tokens + usage.cache_write_5m_tokens +
                                     usage.cache_write_1h_tokens + usage.cache_read_tokens;
  const bool band = row.band_above_prompt_tokens > 0 && prompt_tokens > row.band_above_prompt_tokens;
  return Wide{usage.input_tokens} * (band ? row.band_input : row.input) +
         Wide{usage.output_tokens} * (band ? row.band_output : row.output) +
         Wide{usage.cache_write_5m_tokens} * (band ? row.band_cache_write_5m : row.cache_write_5m) +
         Wide{usage.cache_write_1h_tokens} * (band ? row.band_cache_write_1h : row.cache_write_1h) +
         Wide{usage.cache_read_tokens} * (band ? row.band_cache_read : row.cache_read);
}

std::int64_t divide_half_to_even(Wide numerator, Wide denominator) {
  Wide quotient = numerator / denominator;
  const Wide twice = 2 * (numerator % denominator);
  if (twice > denominator || (twice == denominator && quotient % 2 != 0)) ++quotient;
  return static_cast<std::int64_t>(quotient);
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t per_token_sum(const PriceRow& row) {
  return row.input + row.output + row.cache_write_5m + row.cache_write_1h + row.cache_read;
}

}  // namespace

std::string_view model_family(std::string_view model) {
  // Bedrock's ids, profiles and ARNs end in "anthropic.<id>"; routers write "anthropic/<id>".
  for (const std::string_view owner : {"anthropic.", "anthropic/"}) {
    const std::size_t at = model.rfind(owner);
    if (at != std::string_view::npos) model.remove_prefix(at + owner.size());
  }
  model = model.substr(0, model.find('@'));  // Vertex: "@20251101"
  const std::size_t version = model.rfind("-v");  // Bedrock: "-v1:0"
  if (version != std::string_view::npos) {
    const std::string_view number = model.substr(version + 2);
    if (is_digits(number.substr(0, number.find(':')))) model = model.substr(0, version);
  }
  const std::size_t dash = model.rfind('-');
  if (dash != std::string_view::npos) {
    const std::string_view last = model.substr(dash + 1);
    if (last == "latest" || (last.size() == 8 && is_digits(last))) model = model.substr(0, dash);
  }
  return model;
}

Prices::Prices(std::vector<PriceRow> rows) : rows_(std::move(rows)) {
  WEIR_ASSERT(!rows_.empty());
  std::ranges::sort(rows_, {}, [](const PriceRow& r) { return std::tie(r.model, r.effective_from); });
}

Prices Prices::builtin() { return Prices(builtin_price_rows()); }

const PriceRow* Prices::find(std::string_view model, WallTime at) const {
  const auto named = std::ranges::equal_range(rows_, model, {}, [](const PriceRow& r) { return std::string_view(r.model); });
  if (named.empty()) return nullptr;
  const auto after = std::ranges::upper_bound(named, at, {}, &PriceRow::effective_from);
  return after == named.begin() ? &named.front() : &*std::prev(after);  // before the first date: the first
}

const PriceRow& Prices::dearest(WallTime at) const {
  const PriceRow* found = nullptr;
  for (const PriceRow& row : rows_) {
    if (find(row.model, at) != &row) continue;  // not in effect
    if (found == nullptr || per_token_sum(row) > per_token_sum(*found)) found = &row;
  }
  return *found;
}

Priced Prices::price(std::string_view model, const data::Usage& usage, PriceModifiers modifiers, WallTime at) const {
  const PricedPart part{model, usage};
  return price(std::span(&part, 1), modifiers, at);
}

Priced Prices::price(std::span<const PricedPart> parts, PriceModifiers modifiers, WallTime at) const {
  Priced priced;
  Wide tokens = 0;
  for (const PricedPart& part : parts) {
    const PriceRow* row = find(part.model, at);
    if (row == nullptr) row = find(model_family(part.model), at);
    if (priced.price_model.empty()) priced.price_model = row == nullptr ? "default" : row->model;
    tokens += weighted(row == nullptr ? dearest(at) : *row, part.usage);
    priced.cost += Money::from_nanos(part.usage.web_search_requests * kWebSearchFee.nanos());
  }
  if (modifiers.fast) tokens *= 2;
  if (modifiers.us_only) tokens *= 11;
  const Wide per_nano = Wide{1'000} * (modifiers.batch ? 2 : 1) * (modifiers.us_only ? 10 : 1);
  priced.cost += Money::from_nanos(divide_half_to_even(tokens, per_nano));
  return priced;
}

}  // namespace weir::model
