#!/usr/bin/env python3
"""Writes src/model/price_table.cpp from a file of price facts.

    tools/prices.py FACTS.json > src/model/price_table.cpp

FACTS.json, all in US dollars per million tokens:
  "_meta": {"generated"}
  "summary": {"anthropic": [{"model", "sources": [name], the five classes, "above_100k_prompt_tokens"?: {the classes}}],
              "openai": [{"model", "input", "output", "cache_read"?, "cache_write_5m"?, "batch_…"?, "flex_…"?, "priority_…"?,
                          "above_272k": {litellm's names}}]}
  "anthropic": [{"model", "genai_prices"?: {"input_mtok": price | {"base", "tiers": [{"above_input_tokens", "price"}]}}}]
  "openai": [{"model", "long_context_usd_per_mtok"?: {litellm's names}}]
  "bedrock_claude": [{"model", "usd_per_mtok": {the classes}}]
  "embeddings_other": [{"model", "litellm_provider", "usd_per_mtok": {"input"}}]
"""
import json
import re
import sys
from datetime import datetime, timezone
from decimal import Decimal

CLASSES = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")
TIER_NAMES = dict(zip(CLASSES, ("input_mtok", "output_mtok", "cache_write_mtok", "cache_write_1h_mtok", "cache_read_mtok")))

# Prices that have changed: model → [(the day from which today's price holds, the classes as they were before it)].
# The facts hold today's prices only. Source: platform.claude.com, pricing.
CHANGES = {"claude-sonnet-5-5": [("2026-10-07", {"cache_read": Decimal("0.20")})]}

OPENAI_SOURCES = ["litellm-1.109.1", "genai-prices-0.2.3"]
OPENAI_BAND = 272_000  # prompt tokens
OPENAI_BAND_NAMES = dict(zip(CLASSES, ("input_cost_per_token_above_272k_tokens", "output_cost_per_token_above_272k_tokens",
                                       "cache_creation_input_token_cost_above_272k_tokens",
                                       "cache_creation_input_token_cost_above_12hr_above_272k_tokens",
                                       "cache_read_input_token_cost_above_272k_tokens")))
# What a tier costs where the facts have no price of its own, as Prices does it; the suffix of its long-context prices.
TIERS = {"batch": (Decimal("0.5"), "_batches"), "flex": (Decimal("0.5"), "_flex"), "priority": (Decimal(2), "_priority")}
GEOGRAPHIES = ("us", "eu", "apac", "jp", "au")
REGIONAL, GOVERNMENT = Decimal("1.1"), Decimal("1.2")


def dollars(value):
    return Decimal(str(value))


def micros(value):
    """Micro-dollars per million tokens, exactly."""
    micro = dollars(value) * 1_000_000
    if micro != micro.to_integral_value():
        sys.exit(f"{value} $/MTok is no whole number of micro-dollars")
    return int(micro)


def number(value):
    return f"{value:_}".replace("_", "'")


def braces(prices):
    return "{" + ", ".join(number(micros(prices[c])) for c in CLASSES) + "}"


def row(model, sources, prices, *, tier="standard", since=None, regional=False, band=None):
    seconds = int(datetime.fromisoformat(since).replace(tzinfo=timezone.utc).timestamp()) if since else 0
    instant = f"std::chrono::seconds({number(seconds)})" if since else "kAlways"
    parts = [f'"{model}"', f"PriceTier::{tier}", instant, "kRegional" if regional else "kEverywhere", braces(prices)]
    if band:
        parts += [number(band[0]), braces(band[1])]
    comment = "      // " + (f"from {since}; " if since else "") + ", ".join(sources)
    return f"{comment}\n      {{{', '.join(parts)}}},"


def family_of(cloud_id):
    name = re.sub(r"^.*anthropic\.|^.*/", "", cloud_id).split("@")[0]
    return re.sub(r"-(\d{8}|latest)$", "", re.sub(r"-v\d+(:\d+)?$", "", name))


def geography_of(cloud_id):
    """What multiplies the price: the profile's geography, "us-gov", or "" where the list price holds."""
    if "us-gov" in cloud_id:
        return "us-gov"
    prefix = cloud_id.split(".anthropic.")[0] if ".anthropic." in cloud_id else ""
    return prefix if prefix in GEOGRAPHIES else ""


def anthropic_band(summary, genai):
    """(prompt tokens above which the band holds, its prices), or None."""
    for key, band in summary.items():
        above = re.fullmatch(r"above_(\d+)k_prompt_tokens", key)
        if above:
            return int(above[1]) * 1000, band
    tiers = {c: (genai or {}).get(TIER_NAMES[c]) for c in CLASSES}
    if all(isinstance(t, dict) and len(t["tiers"]) == 1 for t in tiers.values()):
        return tiers["input"]["tiers"][0]["above_input_tokens"], {c: t["tiers"][0]["price"] for c, t in tiers.items()}
    return None


def on_bedrock(facts):
    """Family → [(geography, prices)], of ids priced by the token. Mantle's, which the facts price unevenly, are left out."""
    found = {}
    for entry in facts["bedrock_claude"]:
        if "input" in entry["usd_per_mtok"] and not entry["model"].startswith("bedrock_mantle/"):
            found.setdefault(family_of(entry["model"]), []).append((geography_of(entry["model"]), entry["usd_per_mtok"]))
    return found


def filled(prices):
    """All five classes. Writes and reads that are not priced apart cost as much as input; where only the short-lived
    writes are, the long-lived cost twice the input, as everywhere at Anthropic."""
    long_lived = dollars(prices["input"]) * 2 if "cache_write_5m" in prices else prices["input"]
    return {"cache_write_1h": long_lived, **{c: prices.get(c, prices["input"]) for c in CLASSES if c != "cache_write_1h" or c in prices}}


def anthropic_rows(facts):
    genai = {entry["model"]: entry.get("genai_prices") for entry in facts["anthropic"]}
    summaries = sorted(facts["summary"]["anthropic"], key=lambda s: s["model"])
    families = {s["model"] for s in summaries}
    bedrock = on_bedrock(facts)
    regional_families = set()
    for summary in summaries:
        model = summary["model"]
        if re.sub(r"-\d{8}$", "", model) in families - {model}:
            continue  # a dated id: the row of its family prices it
        band = anthropic_band(summary, genai.get(model))
        expected = {"": Decimal(1), "us-gov": GOVERNMENT, **{g: REGIONAL for g in GEOGRAPHIES}}
        regional = all(dollars(prices[c]) == dollars(summary[c]) * expected[where] for where, prices in bedrock.get(model, [])
                       for c in ("input", "output", "cache_read"))
        if regional:
            regional_families.add(model)
        since = None
        for day, before in CHANGES.get(model, []):
            yield row(model, summary["sources"], {**summary, **before}, since=since, regional=regional, band=band)
            since = day
        yield row(model, summary["sources"], summary, since=since, regional=regional, band=band)
    for model, entries in sorted(bedrock.items()):
        prices = entries[0][1]
        same = all((p["input"], p["output"]) == (prices["input"], prices["output"]) for _, p in entries)
        if same and model not in regional_families:  # older models, and those that cost something else on Bedrock
            yield row(f"anthropic.{model}", ["litellm-1.109.1"], filled(prices))
        elif not same and model not in families:  # the dates or geographies of a family differ: each id by itself
            yield from (row(entry["model"], ["litellm-1.109.1"], filled(entry["usd_per_mtok"]))
                        for entry in facts["bedrock_claude"]
                        if family_of(entry["model"]) == model and "input" in entry["usd_per_mtok"]
                        and not entry["model"].startswith("bedrock/"))


def openai_prices(summary):
    prices = filled(summary)
    band = {c: summary["above_272k"].get(name) for c, name in OPENAI_BAND_NAMES.items()}
    prices["cache_write_1h"] = prices["cache_write_5m"]
    if band["cache_write_1h"]:  # the facts price the long-lived kind only in the band; the ratio holds below it too
        ratio = dollars(band["cache_write_1h"]) / dollars(band["cache_write_5m"])
        prices["cache_write_1h"] = dollars(prices["cache_write_5m"]) * ratio
    if not band["input"]:
        return prices, None
    return prices, (OPENAI_BAND, {c: band["input"] if p is None else p for c, p in band.items()})


def openai_rows(facts):
    long_context = {entry["model"]: entry.get("long_context_usd_per_mtok", {}) for entry in facts["openai"]}
    for summary in sorted(facts["summary"]["openai"], key=lambda s: s["model"]):
        model = summary["model"]
        prices, band = openai_prices(summary)
        yield row(model, OPENAI_SOURCES, prices, band=band)
        for tier, (multiplier, suffix) in TIERS.items():
            usual = {c: dollars(p) * multiplier for c, p in prices.items()}
            own = {c: dollars(summary.get(f"{tier}_{c}", p)) for c, p in usual.items()}
            own.update({c: own["input"] for c in ("cache_write_5m", "cache_write_1h") if "cache_write_5m" not in summary})
            own_band, usual_band = None, None
            if band:
                usual_band = {c: dollars(p) * multiplier for c, p in band[1].items()}
                own_band = {c: dollars(long_context[model].get(OPENAI_BAND_NAMES[c] + suffix, p)) for c, p in usual_band.items()}
            if own != usual or own_band != usual_band:
                yield row(model, OPENAI_SOURCES, own, tier=tier, band=(band[0], own_band) if band else None)


def embedding_rows(facts):
    for entry in sorted(facts["embeddings_other"], key=lambda e: e["model"]):
        model, prices = entry["model"], entry["usd_per_mtok"]
        plain = re.match(r"(amazon|cohere)\.", model)  # neither a geography nor a government's price
        if entry["litellm_provider"] == "bedrock" and plain and "input" in prices:
            yield row(model, ["litellm-1.109.1"], {**dict.fromkeys(CLASSES, prices["input"]), "output": prices.get("output", 0)})


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        facts = json.load(file)
    print("// model/price_table.cpp: the prices compiled into the binary. Written by tools/prices.py; do not edit.")
    print(f"// Facts of {facts['_meta']['generated']}; above each row its sources.")
    print("// Columns: model, tier, effective from, whether Bedrock's regions cost more, then micro-dollars per million")
    print("// tokens: input, output, cache write 5m, cache write 1h, cache read; where there is a second band, the prompt")
    print("// tokens above which it holds, and its five prices.")
    print('#include "model/prices.h"\n\nnamespace weir::model {\n')
    print("std::vector<PriceRow> builtin_price_rows() {\n  constexpr WallTime kAlways{};")
    print("  constexpr bool kRegional = true;\n  constexpr bool kEverywhere = false;\n  return {")
    for rows in (anthropic_rows, openai_rows, embedding_rows):
        for line in rows(facts):
            print(line)
    print("  };\n}\n\n}  // namespace weir::model")


if __name__ == "__main__":
    main()
