"""Every recorded Anthropic stream, served by the simulated provider, arrives byte for byte."""

import json
import sqlite3
import time

import pytest

FINAL_CLASSES = ("input_tokens", "output_tokens", "cache_read_input_tokens")


def streams(folder):
    for path in sorted(folder.glob("*.json")):
        exchange = json.loads(path.read_text())
        response = exchange["response"]
        if response.get("sse_text") is not None and response.get("status", 200) == 200:
            yield path.name, exchange


def final_usage(sse_text):
    """The last value of each field over message_start and message_delta, read without Weir's code."""
    usage = {}
    for line in sse_text.splitlines():
        if not line.startswith("data:"):
            continue
        try:
            event = json.loads(line[5:])
        except ValueError:
            continue
        source = event.get("message", {}).get("usage") if event.get("type") == "message_start" else event.get("usage")
        if event.get("type") in ("message_start", "message_delta") and source:
            usage |= {name: value for name, value in source.items() if value is not None}
    return usage


@pytest.fixture(scope="module")
def gateway(launch_module, recordings):
    return launch_module.pair(upstream_args=["--recordings", str(recordings)])[0]


def test_streams_arrive_byte_for_byte_and_the_ledger_agrees(gateway, recordings):
    expected = {}
    for name, exchange in streams(recordings):
        body = (exchange.get("request") or {}).get("body")
        body = body if isinstance(body, dict) else {"model": "claude-sonnet-4-5", "max_tokens": 64,
                                                    "messages": [{"role": "user", "content": "hi"}]}
        answer = gateway.request("POST", "/v1/messages", dict(body, stream=True),
                                 {"x-weir-recording": name, "anthropic-version": "2023-06-01"})
        text = exchange["response"]["sse_text"].encode()
        if b"event: error" not in text and b"message_stop" in text:
            assert answer.body == text, name
            expected[answer.headers["x-request-id"]] = (name, final_usage(text.decode()))
        else:
            # Every byte that was recorded, and an error at the end: the provider's own, or Weir's where it has none.
            assert answer.status == 200 and answer.body.startswith(text), name
            last = [line for line in answer.body.splitlines() if line.startswith(b"data:")][-1]
            assert json.loads(last[5:])["type"] == "error", name
    assert len(expected) >= 50
    print(f"{len(expected)} streams byte for byte")
    rows = ledger_rows(gateway, len(expected), ids=expected)
    for request_id, (name, usage) in expected.items():
        row = rows[request_id]
        assert row["input_tokens"] == usage.get("input_tokens", 0), name
        assert row["output_tokens"] == usage.get("output_tokens", 0), name
        assert row["cache_read_tokens"] == usage.get("cache_read_input_tokens", 0), name
        written = row["cache_write_5m_tokens"] + row["cache_write_1h_tokens"]
        assert written == usage.get("cache_creation_input_tokens", 0), name
        assert row["usage_estimated"] == 0, name


def ledger_rows(gateway, at_least, wait_s=5, ids=()):
    """The rows by request id, once there are so many, and those of `ids` among them."""
    deadline = time.monotonic() + wait_s
    while True:
        with sqlite3.connect(f"file:{gateway.data}/weir.db?mode=ro", uri=True) as database:
            database.row_factory = sqlite3.Row
            rows = {row["request_id"]: row for row in database.execute("SELECT * FROM ledger")}
        if (len(rows) >= at_least and rows.keys() >= set(ids)) or time.monotonic() > deadline:
            return rows
        time.sleep(0.05)
