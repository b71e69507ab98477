#include "model/prices.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace weir::model {
namespace {

__extension__ typedef __int128 Wide;  // micro-dollars times tokens of a hostile answer overflow 64 bits

// Micro-dollars per million tokens, times tokens. Every class stands here exactly once.
Wide weighted(const PriceRow& row, const data::Usage& usage) {
  const std::int64_t prompt_tokens = usage.input_tokens + usage.cache_write_5m_tokens +
                                     usage.cache_write_1h_tokens + usage.cache_read_tokens;
  const bool band = row.band_above_prompt_tokens > 0 && prompt_tokens > row.band_above_prompt_tokens;
  const TokenPrices& prices = band ? row.band : row.prices;
  return Wide{usage.input_tokens} * prices.input + Wide{usage.output_tokens} * prices.output +
         Wide{usage.cache_write_5m_tokens} * prices.cache_write_5m +
         Wide{usage.cache_write_1h_tokens} * prices.cache_write_1h +
         Wide{usage.cache_read_tokens} * prices.cache_read;
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
  const TokenPrices& p = row.prices;
  return p.input + p.output + p.cache_write_5m + p.cache_write_1h + p.cache_read;
}

// Where no row of the tier says more. In halves.
std::int64_t halves_of(PriceTier tier) {
  switch (tier) {
    case PriceTier::standard: return 2;
    case PriceTier::batch:
    case PriceTier::flex: return 1;
    case PriceTier::priority: return 4;
  }
  return 2;
}

// What a Bedrock id says about where it runs: "us.anthropic.…" in one geography, "us-gov" in GovCloud;
// "global.anthropic.…" and "anthropic.…" run anywhere, or where they were asked for, at the list price.
int region_percent(std::string_view model) {
  if (model.contains("us-gov")) return 120;
  const std::size_t owner = model.rfind(".anthropic.");
  if (owner == std::string_view::npos) return 100;
  const std::string_view before = model.substr(0, owner);
  const std::string_view geography = before.substr(before.find_last_of(":/") + 1);
  constexpr std::array<std::string_view, 5> kGeographies{"us", "eu", "apac", "jp", "au"};
  return std::ranges::find(kGeographies, geography) == kGeographies.end() ? 100 : 110;
}

// Without what a profile puts before an id of Bedrock: "eu.cohere.embed-v4:0" is "cohere.embed-v4:0".
std::string_view without_profile(std::string_view id) {
  id = id.substr(id.find_last_of('/') + 1);
  for (const std::string_view profile : {"global.", "us.", "eu.", "apac.", "jp.", "au.", "us-gov."}) {
    if (id.starts_with(profile)) return id.substr(profile.size());
  }
  return id;
}

bool is_embedding(std::string_view model) {
  return model.contains("embed");
}

// Whether a row says about what a model without one costs. Claude's own prices stand for unknown Claudes;
// those of one cloud, of retired models and previews, stand for nothing else.
bool is_kin(const PriceRow& row, std::string_view model) {
  if (row.tier != PriceTier::standard || row.model.starts_with("anthropic.")) return false;
  if (is_embedding(model) || is_embedding(row.model)) return is_embedding(model) == is_embedding(row.model);
  return !model.contains("claude") || row.model.starts_with("claude");
}

bool is_iso_date(std::string_view text) {  // 2024-08-06
  return text.size() == 10 && text[4] == '-' && text[7] == '-' && is_digits(text.substr(0, 4)) &&
         is_digits(text.substr(5, 2)) && is_digits(text.substr(8));
}

}  // namespace

std::string_view model_family(std::string_view model) {
  // Bedrock's ids, profiles and ARNs end in "anthropic.<id>"; routers write "anthropic/<id>".
  const bool owned = model.find_first_of("./") != std::string_view::npos;
  for (const std::string_view owner : {"anthropic.", "anthropic/", "openai.", "openai/"}) {
    const std::size_t at = owned ? model.rfind(owner) : std::string_view::npos;
    if (at != std::string_view::npos) model.remove_prefix(at + owner.size());
  }
  model = model.substr(0, model.find('@'));       // Vertex: "@20251101"
  const std::size_t version = model.rfind("-v");  // Bedrock: "-v1:0"
  if (version != std::string_view::npos) {
    const std::string_view number = model.substr(version + 2);
    if (is_digits(number.substr(0, number.find(':')))) model = model.substr(0, version);
  }
  if (model.size() > 11 && model[model.size() - 11] == '-' && is_iso_date(model.substr(model.size() - 10))) {
    return model.substr(0, model.size() - 11);
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
  std::ranges::sort(rows_, {}, [](const PriceRow& r) { return std::tie(r.model, r.tier, r.effective_from); });
}

Prices Prices::builtin() {
  return Prices(builtin_price_rows());
}

const PriceRow* Prices::find(std::string_view model, PriceTier tier, WallTime at) const {
  const auto named = std::ranges::equal_range(rows_, std::pair(model, tier), {}, [](const PriceRow& r) {
    return std::pair(std::string_view(r.model), r.tier);
  });
  if (named.empty()) return nullptr;
  const auto after = std::ranges::upper_bound(named, at, {}, &PriceRow::effective_from);
  return after == named.begin() ? &named.front() : &*std::prev(after);  // before the first date: the first
}

// A cloud's own price counts before the list price of the family.
const PriceRow* Prices::find_by_id(std::string_view id, WallTime at) const {
  const std::string_view family = model_family(id);
  const std::string on_bedrock =
      id.contains("anthropic.") ? "anthropic." + std::string(family) : std::string();
  for (const std::string_view name : {id, without_profile(id), std::string_view(on_bedrock), family}) {
    if (const PriceRow* row = find(name, PriceTier::standard, at)) return row;
  }
  return nullptr;
}

const PriceRow& Prices::dearest(std::string_view model, WallTime at) const {
  const PriceRow* found = nullptr;
  bool found_kin = false;
  for (const PriceRow& row : rows_) {
    if (find(row.model, row.tier, at) != &row) continue;  // not in effect
    const bool kin = is_kin(row, model);
    const bool better = found == nullptr || kin > found_kin ||
                        (kin == found_kin && per_token_sum(row) > per_token_sum(*found));
    if (!better) continue;
    found = &row;
    found_kin = kin;
  }
  return *found;
}

Priced Prices::price(std::string_view model, const data::Usage& usage, PriceModifiers modifiers,
                     WallTime at) const {
  const PricedPart part{model, usage};
  return price(std::span(&part, 1), modifiers, at);
}

Priced Prices::price(std::span<const PricedPart> parts, PriceModifiers modifiers, WallTime at) const {
  Priced priced;
  Wide halves_of_percents = 0;
  for (const PricedPart& part : parts) {
    const PriceRow* known = find_by_id(part.model, at);
    if (priced.price_model.empty()) priced.price_model = known == nullptr ? "default" : known->model;
    const PriceRow* row = known == nullptr ? &dearest(part.model, at) : known;
    std::int64_t halves = halves_of(modifiers.tier);
    if (const PriceRow* own = find(row->model, modifiers.tier, at);
        own != nullptr && modifiers.tier != PriceTier::standard) {
      row = own;
      halves = 2;
    }
    int percent = known != nullptr && known->regional ? region_percent(part.model) : 100;
    if (modifiers.regional && known != nullptr && known->regional) percent = std::max(percent, 110);
    if (modifiers.us_only) percent = std::max(percent, 110);
    halves_of_percents += weighted(*row, part.usage) * halves * percent;
    priced.cost += Money::from_nanos(part.usage.web_search_requests * kWebSearchFee.nanos());
  }
  if (modifiers.fast) halves_of_percents *= 2;
  constexpr Wide kPerNano = Wide{1'000} * 2 * 100;
  priced.cost += Money::from_nanos(divide_half_to_even(halves_of_percents, kPerNano));
  return priced;
}

}  // namespace weir::model
