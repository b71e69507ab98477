#include "model/prices.h"

#include <doctest/doctest.h>

#include "base/random.h"
#include "base/time_format.h"

namespace weir::model {
namespace {

constexpr WallTime kNow = std::chrono::seconds(1'795'478'400);  // 2026-11-24
using data::Usage;

Money cost(const Prices& prices, std::string_view model, const Usage& usage, PriceModifiers modifiers = {},
           WallTime at = kNow) {
  return prices.price(model, usage, modifiers, at).cost;
}

}  // namespace

TEST_CASE("prices: published examples, to the nano-dollar") {
  const Prices prices = Prices::builtin();
  const Usage million{.input_tokens = 1'000'000};
  CHECK(cost(prices, "claude-opus-5-5", million).to_string() == "4");
  CHECK(cost(prices, "claude-opus-5-5", {.output_tokens = 1'000'000}).to_string() == "20");
  CHECK(cost(prices, "claude-fable-5-1", {.cache_read_tokens = 1'000'000}).to_string() == "0.25");
  CHECK(cost(prices, "claude-opus-4-8", {.cache_write_5m_tokens = 1}).nanos() == 6'250);
  CHECK(cost(prices, "claude-opus-4-8", {.cache_write_1h_tokens = 1}).nanos() == 10'000);
  CHECK(cost(prices, "claude-haiku-5-5", {.cache_read_tokens = 1}).nanos() == 10);
  CHECK(cost(prices, "claude-opus-5-5", {.web_search_requests = 1'000}).to_string() == "10");
}

TEST_CASE("prices: a change holds from its day on") {
  const Prices prices = Prices::builtin();
  const Usage read{.cache_read_tokens = 1'000'000};
  const WallTime change = *parse_rfc3339("2026-10-07T00:00:00Z");
  CHECK(cost(prices, "claude-sonnet-5-5", read, {}, change - WallTime(1)).to_string() == "0.2");
  CHECK(cost(prices, "claude-sonnet-5-5", read, {}, change).to_string() == "0.1");
}

TEST_CASE("prices: above the band's limit the whole prompt counts, caches included") {
  const Prices prices = Prices::builtin();
  CHECK(cost(prices, "claude-haiku-5-5", {.input_tokens = 100'000}).to_string() == "0.01");
  const Usage above{.input_tokens = 1, .cache_read_tokens = 100'000};
  CHECK(cost(prices, "claude-haiku-5-5", above).nanos() == 500 + 100'000 * 50);
}

TEST_CASE("prices: batch, fast and the region multiply tokens, not the search fee") {
  const Prices prices = Prices::builtin();
  const Usage usage{.input_tokens = 1'000'000, .web_search_requests = 1};
  CHECK(cost(prices, "claude-opus-5-5", usage, {.tier = PriceTier::batch}).to_string() == "2.01");
  CHECK(cost(prices, "claude-opus-5-5", usage, {.fast = true}).to_string() == "8.01");
  CHECK(cost(prices, "claude-opus-5-5", usage, {.us_only = true}).to_string() == "4.41");
  CHECK(cost(prices, "claude-opus-5-5", usage, {.tier = PriceTier::batch, .fast = true, .us_only = true})
            .to_string() == "4.41");
}

TEST_CASE("prices: half a nano-dollar is rounded to even, once for all parts") {
  const Prices prices({{.model = "m", .prices = {.input = 500}}});  // half a nano-dollar per token
  CHECK(cost(prices, "m", {.input_tokens = 1}).nanos() == 0);
  CHECK(cost(prices, "m", {.input_tokens = 3}).nanos() == 2);
  CHECK(cost(prices, "m", {.input_tokens = 5}).nanos() == 2);
  const std::vector<PricedPart> parts{{"m", {.input_tokens = 1}}, {"m", {.input_tokens = 1}}};
  CHECK(prices.price(parts, {}, kNow).cost.nanos() == 1);
}

TEST_CASE("prices: ids of clouds and dated ids find their family") {
  const Prices prices = Prices::builtin();
  const auto row = [&](std::string_view id) { return prices.price(id, {}, {}, kNow).price_model; };
  CHECK(row("claude-sonnet-4-5-20250929") == "claude-sonnet-4-5");
  CHECK(row("claude-sonnet-4-5@20250929") == "claude-sonnet-4-5");
  CHECK(row("anthropic.claude-sonnet-4-5-20250929-v1:0") == "claude-sonnet-4-5");
  CHECK(row("us.anthropic.claude-opus-4-5-20251101-v1:0") == "claude-opus-4-5");
  CHECK(row("arn:aws:bedrock:us-east-1:000000000000:inference-profile/global.anthropic.claude-opus-5") ==
        "claude-opus-5");
  CHECK(row("anthropic/claude-haiku-4-5") == "claude-haiku-4-5");
  CHECK(row("claude-sonnet-5-latest") == "claude-sonnet-5");
  CHECK(row("claude-sonnet-5-5") == "claude-sonnet-5-5");
  CHECK(row("claude-sonnet-5-6") == "default");
  CHECK(row("claude-sonnet") == "default");
  CHECK(row("") == "default");
}

TEST_CASE("prices: an unknown model costs as much as the dearest known one of its kind") {
  const Prices prices = Prices::builtin();
  const Usage usage{1'000, 1'000, 1'000, 1'000, 1'000, 0};
  const auto check_kind = [&](std::string_view unknown, auto is_kind) {
    const Priced priced = prices.price(unknown, usage, {}, kNow);
    CHECK(priced.price_model == "default");
    CHECK(priced.cost > Money());
    for (const PriceRow& row : prices.rows()) {
      CAPTURE(row.model);
      if (is_kind(row.model)) CHECK(cost(prices, row.model, usage) <= priced.cost);
    }
  };
  check_kind("claude-next-9", [](std::string_view model) { return model.starts_with("claude-"); });
  check_kind("gpt-9", [](std::string_view model) {
    return model.starts_with("claude-") || model.starts_with("gpt-");
  });
  check_kind(
      "", [](std::string_view model) { return model.starts_with("claude-") || model.starts_with("gpt-"); });
  check_kind("text-embedding-9", [](std::string_view model) { return model.contains("embed"); });
  CHECK(cost(prices, "text-embedding-9", {.input_tokens = 1'000'000}).to_string() == "0.8");
  CHECK(cost(prices, "us.anthropic.claude-next-9-v1:0", usage) == cost(prices, "claude-next-9", usage));
}

TEST_CASE("prices: OpenAI's models, cached input and cache writes apart") {
  const Prices prices = Prices::builtin();
  CHECK(cost(prices, "gpt-6.1-sol", {.input_tokens = 200'000}).to_string() == "0.4");
  CHECK(cost(prices, "gpt-6.1-sol", {.cache_read_tokens = 100'000}).to_string() == "0.01");
  CHECK(cost(prices, "gpt-6.1-sol", {.cache_write_5m_tokens = 100'000}).to_string() == "0.25");
  CHECK(cost(prices, "gpt-6.1-sol", {.cache_write_1h_tokens = 100'000}).to_string() == "0.5");
  CHECK(cost(prices, "gpt-4o-mini-2024-07-18", {.output_tokens = 1'000'000}).to_string() == "0.6");
  CHECK(cost(prices, "openai.gpt-5.6-luna", {.output_tokens = 100'000}).to_string() == "0.12");
  CHECK(cost(prices, "text-embedding-3-small", {.input_tokens = 1'000'000}).to_string() == "0.02");
  CHECK(cost(prices, "text-embedding-3-large", {.input_tokens = 1'000'000}).to_string() == "0.13");
  int models = 0;
  for (const PriceRow& row : prices.rows()) {
    const bool openai = row.model.starts_with("gpt-") || row.model.starts_with("text-embedding-");
    models += openai && row.tier == PriceTier::standard ? 1 : 0;
  }
  CHECK(models == 24);
}

TEST_CASE("prices: tiers cost what the model's row of the tier says, else a half or the double") {
  const Prices prices = Prices::builtin();
  const Usage input{.input_tokens = 100'000};
  const auto at = [&](std::string_view model, PriceTier tier) {
    return cost(prices, model, input, {.tier = tier}).to_string();
  };
  CHECK(at("gpt-5", PriceTier::batch) == "0.0625");
  CHECK(at("gpt-5", PriceTier::flex) == "0.0625");
  CHECK(at("gpt-5", PriceTier::priority) == "0.25");
  CHECK(at("gpt-4.1", PriceTier::priority) == "0.35");
  CHECK(at("gpt-5.5", PriceTier::priority) == "1.25");
  CHECK(cost(prices, "gpt-5.4", {.cache_read_tokens = 100'000}, {.tier = PriceTier::batch}).to_string() ==
        "0.013");
}

TEST_CASE("prices: above 272,000 prompt tokens OpenAI's long-context band holds for the whole call") {
  const Prices prices = Prices::builtin();
  CHECK(cost(prices, "gpt-6-sol", {.input_tokens = 272'000}).to_string() == "0.544");
  const Usage above{.input_tokens = 1, .cache_read_tokens = 272'000, .output_tokens = 1};
  CHECK(cost(prices, "gpt-6-sol", above).nanos() == 4'000 + 272'000 * 400 + 15'000);
  CHECK(cost(prices, "gpt-6-sol", above, {.tier = PriceTier::priority}).nanos() ==
        2 * (4'000 + 272'000 * 400 + 15'000));
}

TEST_CASE(
    "prices: Bedrock's geographies cost a tenth more, GovCloud a fifth; some ids have a price of their own") {
  const Prices prices = Prices::builtin();
  const Usage input{.input_tokens = 1'000'000};
  const auto of = [&](std::string_view id) { return cost(prices, id, input).to_string(); };
  CHECK(of("anthropic.claude-opus-5-5") == "4");
  CHECK(of("global.anthropic.claude-opus-5-5") == "4");
  CHECK(of("us.anthropic.claude-opus-5-5") == "4.4");
  CHECK(of("eu.anthropic.claude-haiku-4-5-20251001-v1:0") == "1.1");
  CHECK(of("arn:aws:bedrock:us-east-1:000000000000:inference-profile/jp.anthropic.claude-opus-5") == "5.5");
  CHECK(of("us-gov.anthropic.claude-opus-5-5") == "4.8");
  CHECK(of("arn:aws-us-gov:bedrock:us-gov-west-1:000000000000:inference-profile/"
           "us-gov.anthropic.claude-sonnet-5") == "2.4");
  CHECK(of("us.anthropic.claude-sonnet-4-20250514-v1:0") == "3");
  CHECK(of("us.anthropic.claude-mythos-preview") == "27.5");
  CHECK(of("claude-mythos-preview") == "10");
  CHECK(of("us.cohere.embed-v4:0") == "0.12");
  CHECK(of("amazon.titan-embed-text-v2:0") == "0.02");
  CHECK(cost(prices, "us.anthropic.claude-opus-5-5", input, {.us_only = true}).to_string() == "4.4");
}

// A class priced twice, or never, breaks this for nearly every random usage.
TEST_CASE("prices: each token class is priced exactly once, in every row") {
  const Prices prices = Prices::builtin();
  SeededRandom random(7);
  for (const PriceRow& row : prices.rows()) {
    for (int round = 0; round < 50; ++round) {
      Usage usage;
      const auto tokens = [&] { return static_cast<std::int64_t>(random.next_u64() % 90'000); };
      usage = {tokens(), tokens(), tokens(), tokens(), tokens(), tokens() % 5};
      const bool band =
          row.band_above_prompt_tokens != 0 && usage.input_tokens + usage.cache_write_5m_tokens +
                                                       usage.cache_write_1h_tokens + usage.cache_read_tokens >
                                                   row.band_above_prompt_tokens;
      const TokenPrices& p = band ? row.band : row.prices;
      const std::int64_t thousandths = usage.input_tokens * p.input + usage.output_tokens * p.output +
                                       usage.cache_write_5m_tokens * p.cache_write_5m +
                                       usage.cache_write_1h_tokens * p.cache_write_1h +
                                       usage.cache_read_tokens * p.cache_read;
      const Money expected = Money::from_nanos(thousandths / 1'000 + usage.web_search_requests * 10'000'000);
      CHECK(cost(prices, row.model, usage, {.tier = row.tier}, row.effective_from) == expected);
    }
  }
}

}  // namespace weir::model
