"""Every recorded exchange of Anthropic's, OpenAI's and Bedrock's APIs, by its own dialect: what the client gets is what
the provider sent, and the ledger says what the provider said."""

import base64
import binascii
import collections
import functools
import json
import re
import struct
import urllib.parse

import pytest
from conftest import API_KEY, SHARED
from test_clouds import NOWHERE
from test_recordings import ledger_rows

# Azure's paths of OpenAI's API, as a client with Weir's base URL sends them.
AZURE = (re.compile(r"^/openai/deployments/[^/]+/"), re.compile(r"^/openai/v1/"), re.compile(r"^/models/(?=chat/)"))
COUNTS = "x-amzn-bedrock-{}-token-count"


def exchanges(provider):
    folder = SHARED / "recordings" / provider
    if not folder.is_dir():
        pytest.skip("the recorded exchanges are not here (WEIR_SHARED)")
    return [(path.name, json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]


def target_of(provider, request):
    path = request.get("path") or "/v1/messages"  # where only the answer was recorded
    if provider == "openai":
        for pattern in AZURE:
            path = pattern.sub("/v1/", path)
        path = re.sub(r"[?&]api-version=[^&]*", "", path)
    return path


def body_of(request):
    if request.get("body") is not None:
        return json.dumps(request["body"]).encode()
    if request.get("body_base64") is not None:
        return base64.b64decode(request["body_base64"])
    if request.get("body_text") is not None:
        return request["body_text"].encode()
    return None


def expected_of(response):
    if response.get("sse_text") is not None:
        return response["sse_text"].encode()
    if response.get("body_base64") is not None:
        return base64.b64decode(response["body_base64"])
    return (response.get("body_text") or "").encode()


def frames_of(data):
    """Event type and payload of each frame, with both checksums verified."""
    while data:
        size, headers_size, check = struct.unpack(">III", data[:12])
        assert binascii.crc32(data[:8]) == check and binascii.crc32(data[:size - 4]) == struct.unpack(">I", data[size - 4:size])[0]
        at, headers, name = 12, {}, None
        while at < 12 + headers_size:
            length = data[at]
            name = data[at + 1:at + 1 + length].decode()
            at += length + 2
            length = struct.unpack(">H", data[at:at + 2])[0]
            headers[name] = data[at + 2:at + 2 + length].decode()
            at += 2 + length
        yield headers, json.loads(data[12 + headers_size:size - 4] or b"{}")
        data = data[size:]


def bedrock_usage(response):
    """Input, output and cached tokens as Bedrock tells them; None: it tells none."""
    found = None
    if response.get("body_base64") is not None:
        for headers, payload in frames_of(base64.b64decode(response["body_base64"])):
            found = payload.get("usage") or found
            if "bytes" in payload:
                event = json.loads(base64.b64decode(payload["bytes"]))
                found = event.get("amazon-bedrock-invocationMetrics") or found
    elif isinstance(response.get("body"), dict):
        found = response["body"].get("usage")
    if not found:
        return None
    names = (("inputTokens", "inputTokenCount", "input_tokens"), ("outputTokens", "outputTokenCount", "output_tokens"),
             ("cacheReadInputTokens", "cacheReadInputTokenCount", "cache_read_input_tokens"))
    return tuple(next((found[name] for name in group if found.get(name) is not None), 0) for group in names)


@functools.cache
def prices():
    """USD per million tokens by Bedrock's ids."""
    table = json.loads((SHARED / "data" / "prices" / "prices.json").read_text())["bedrock_claude"]
    return {entry["model"]: entry["usd_per_mtok"] for entry in table}


def price_of(model):
    """Of a profile of a geography a tenth more than of the model."""
    geography, _, rest = model.partition(".")
    if geography == "anthropic" or not rest.startswith("anthropic."):
        geography, rest = "", model
    return prices().get(rest), 1.1 if geography not in ("", "global") else 1.0


def check_cost(row, name):
    """True: the model has a price, and the row is right."""
    price, factor = price_of(row["model"])
    if row["model"] in prices():
        price, factor = prices()[row["model"]], 1.0
    if price is None:
        return False
    cost = sum(row[tokens] * price.get(kind, 0) * factor for tokens, kind in (
        ("input_tokens", "input"), ("output_tokens", "output"), ("cache_read_tokens", "cache_read"),
        ("cache_write_5m_tokens", "cache_write_5m"), ("cache_write_1h_tokens", "cache_write_1h")))
    assert abs(row["cost_nanos"] - cost * 1000) <= 5, (name, row["model"], row["cost_nanos"], cost * 1000)
    return True


def check_events(name, got, recorded):
    """Byte for byte; behind a recording that breaks off before its end stands the error that says so."""
    if b"message_stop" in recorded or b"event: error" in recorded:
        assert got == recorded, name
    else:
        assert got.startswith(recorded) and b"event: error" in got[len(recorded):], name


class Replay:
    def __init__(self, provider, gateway):
        self.provider, self.gateway, self.counts, self.calls = provider, gateway, collections.Counter(), {}

    def run(self):
        for name, exchange in exchanges(self.provider):
            self.one(name, exchange.get("request") or {}, exchange["response"])
        print(f"{self.provider}: {dict(self.counts)}, all as recorded")
        return self

    def one(self, name, request, response):
        body = body_of(request)
        target = target_of(self.provider, request)
        method = request.get("method", "POST")
        if method == "POST" and body is None:
            body = b'{"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": []}' if "messages" in target else b"{}"
        headers = {"x-weir-recording": name, "authorization": "Bearer any"}
        content_type = (request.get("headers") or {}).get("content-type", "application/json")
        headers["content-type"] = content_type if isinstance(content_type, str) else content_type[0]
        if self.provider == "anthropic":
            headers["anthropic-version"] = "2023-06-01"
        answer = self.gateway.request(method, target, body, headers)
        assert answer.status == response.get("status", 200), (name, method, target, answer.body[:300])
        if "body" in response:
            assert json.loads(answer.body) == response["body"], name
            kind = "json" if answer.status < 400 else "errors"
        elif response.get("sse_text") is not None and self.provider == "anthropic":
            check_events(name, answer.body, response["sse_text"].encode())
            kind = "streams"
        else:
            assert answer.body == expected_of(response), name
            kind = "streams" if response.get("sse_text") is not None else "bytes"
            if "eventstream" in answer.headers["content-type"]:
                kind = "frames"
                assert list(frames_of(answer.body)), name
        self.counts[kind] += 1
        self.calls[answer.headers["x-request-id"]] = (name, target, request, response)


def test_bedrock(launch_module):
    upstream = launch_module.upstream(["--recordings", str(SHARED / "recordings" / "bedrock")])
    config = launch_module.folder / "bedrock.toml"
    config.write_text(f'[providers.bedrock]\nkind = "bedrock"\nregion = "us-east-1"\nbase_url = "{upstream.url}"\n'
                      'api_key = "any"\n')
    gateway = launch_module.weir(env=NOWHERE | {"WEIR_CONFIG": str(config)})
    replay = Replay("bedrock", gateway).run()
    assert sum(replay.counts.values()) == 269 and replay.counts["frames"] == 40
    told = {i: usage for i, (_, _, _, response) in replay.calls.items()
            if response.get("status", 200) == 200 and (usage := bedrock_usage(response)) is not None}
    rows = ledger_rows(gateway, len(replay.calls) - 9)  # counts of tokens leave no rows
    priced = 0
    for request_id, usage in told.items():
        row, name = rows[request_id], replay.calls[request_id][0]
        assert (row["input_tokens"], row["output_tokens"], row["cache_read_tokens"]) == usage, name
        assert row["usage_estimated"] == 0, name
        priced += check_cost(row, name)
    print(f"bedrock: usage equal in {len(told)}, cost in {priced} of Claude's")
    assert len(told) >= 180 and priced >= 60


def test_anthropic(launch_module):
    upstream = launch_module.upstream(["--recordings", str(SHARED / "recordings" / "anthropic")])
    gateway = launch_module.weir(env={"ANTHROPIC_BASE_URL": upstream.url, "ANTHROPIC_API_KEY": API_KEY})
    replay = Replay("anthropic", gateway).run()
    assert sum(replay.counts.values()) == 412 and replay.counts["streams"] >= 56


def test_openai(launch_module):
    upstream = launch_module.upstream(["--recordings", str(SHARED / "recordings" / "openai")])
    gateway = launch_module.weir(env={"OPENAI_BASE_URL": upstream.url + "/v1", "OPENAI_API_KEY": API_KEY})
    replay = Replay("openai", gateway).run()
    assert sum(replay.counts.values()) == 261
    # The results of batches leave a row each, under OpenAI's ids of them.
    told = {}
    for name, target, _, response in replay.calls.values():
        if target.startswith("/v1/files/") and target.endswith("/content"):
            body = response["body"] if "body" in response else None
            lines = [body] if body else [json.loads(line) for line in expected_of(response).splitlines()]
            told |= {line["id"]: line["response"]["body"]["usage"] for line in lines}
    rows = ledger_rows(gateway, len(told), ids=told)
    for line, usage in told.items():
        cached = (usage.get("input_tokens_details") or {}).get("cached_tokens", 0)
        assert rows[line]["input_tokens"] + cached == usage.get("input_tokens", usage.get("prompt_tokens")), line
        assert rows[line]["output_tokens"] == usage.get("output_tokens", 0), line
    print(f"openai: {len(told)} results of batches in the ledger, as told")
    assert len(told) >= 4
