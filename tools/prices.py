#!/usr/bin/env python3
"""Writes src/model/price_table.cpp from a file of price facts.

    tools/prices.py FACTS.json > src/model/price_table.cpp

FACTS.json: {"_meta": {"generated"}, "summary": {"anthropic": [{"model", "sources": [name], "input", "output",
"cache_write_5m", "cache_write_1h", "cache_read", "above_100k_prompt_tokens"?: {the same five}}]}, "anthropic":
[{"model", "genai_prices"?: {"input_mtok": price | {"base", "tiers": [{"above_input_tokens", "price"}]}, ...}}]},
all in US dollars per million tokens.
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


def micros(dollars):
    """Micro-dollars per million tokens, exactly."""
    value = Decimal(str(dollars)) * 1_000_000
    if value != value.to_integral_value():
        sys.exit(f"{dollars} $/MTok is no whole number of micro-dollars")
    return int(value)


def band_of(summary, genai):
    """(prompt tokens above which the band holds, its prices), or (0, zeros)."""
    for key, band in summary.items():
        above = re.fullmatch(r"above_(\d+)k_prompt_tokens", key)
        if above:
            return int(above[1]) * 1000, [micros(band[c]) for c in CLASSES]
    tiers = {c: (genai or {}).get(TIER_NAMES[c]) for c in CLASSES}
    if all(isinstance(t, dict) and len(t["tiers"]) == 1 for t in tiers.values()):
        return tiers["input"]["tiers"][0]["above_input_tokens"], [micros(t["tiers"][0]["price"]) for t in tiers.values()]
    return 0, [0] * len(CLASSES)


def row(summary, since, prices, band):
    seconds = int(datetime.fromisoformat(since).replace(tzinfo=timezone.utc).timestamp()) if since else 0
    instant = f"std::chrono::seconds({seconds:_})".replace("_", "'") if since else "kAlways"
    numbers = ", ".join(f"{n:_}".replace("_", "'") for n in [*prices, *([band[0], *band[1]] if band[0] else [])])
    comment = "      // " + (f"from {since}; " if since else "") + ", ".join(summary["sources"])
    return f'{comment}\n      {{"{summary["model"]}", {instant}, {numbers}}},'


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        facts = json.load(file)
    genai = {entry["model"]: entry.get("genai_prices") for entry in facts["anthropic"]}
    summaries = sorted(facts["summary"]["anthropic"], key=lambda s: s["model"])
    families = {s["model"] for s in summaries}
    rows = []
    for summary in summaries:
        model = summary["model"]
        if re.sub(r"-\d{8}$", "", model) in families - {model}:
            continue  # a dated id: the row of its family prices it
        prices = {c: micros(summary[c]) for c in CLASSES}
        band = band_of(summary, genai.get(model))
        since = None
        for day, before in CHANGES.get(model, []):
            rows.append(row(summary, since, list({**prices, **{c: micros(p) for c, p in before.items()}}.values()), band))
            since = day
        rows.append(row(summary, since, list(prices.values()), band))
    print("// model/price_table.cpp: the prices compiled into the binary. Written by tools/prices.py; do not edit.")
    print(f"// Facts of {facts['_meta']['generated']}; above each row its sources.")
    print("// Columns: model, effective from, then micro-dollars per million tokens: input, output, cache write 5m,")
    print("// cache write 1h, cache read; where there is a second band, the prompt tokens above which it holds,")
    print("// and its five prices.")
    print('#include "model/prices.h"\n\nnamespace weir::model {\n')
    print("std::vector<PriceRow> builtin_price_rows() {\n  constexpr WallTime kAlways{};\n  return {")
    print("\n".join(rows))
    print("  };\n}\n\n}  // namespace weir::model")


if __name__ == "__main__":
    main()
