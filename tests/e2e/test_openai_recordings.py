"""Every recorded exchange of OpenAI's APIs, served by the simulated provider, arrives as it was."""

import json

import pytest
from conftest import API_KEY, SHARED
from test_recordings import ledger_rows

PATHS = ("/v1/chat/completions", "/v1/responses", "/v1/embeddings")


@pytest.fixture(scope="module")
def folder():
    found = SHARED / "recordings" / "openai"
    if not found.is_dir():
        pytest.skip("the recorded exchanges are not here (WEIR_SHARED)")
    return found


@pytest.fixture(scope="module")
def gateway(launch_module, folder):
    upstream = launch_module.upstream(["--recordings", str(folder)])
    return launch_module.weir(env={"OPENAI_BASE_URL": upstream.url + "/v1", "OPENAI_API_KEY": API_KEY})


def exchanges(folder):
    for path in sorted(folder.glob("*.json")):
        exchange = json.loads(path.read_text())
        request = exchange.get("request") or {}
        target = (request.get("path") or "").split("?")[0]
        body = request.get("body")
        if target in PATHS and request.get("method") == "POST" and isinstance(body, dict) and body.get("model"):
            yield path.name, target, body, exchange["response"]


def usage_of(response):
    """What the provider said, read without Weir's code: input, output and cached tokens."""
    found = None
    if response.get("sse_text") is not None:
        for line in response["sse_text"].splitlines():
            if line.startswith("data: {"):
                event = json.loads(line[6:])
                found = event.get("usage") or (event.get("response") or {}).get("usage") or found
    else:
        found = response["body"].get("usage")
    if not found:
        return None
    whole = found.get("prompt_tokens", found.get("input_tokens", 0))
    details = found.get("prompt_tokens_details") or found.get("input_tokens_details") or {}
    cached, written = details.get("cached_tokens") or 0, details.get("cache_write_tokens") or 0
    return whole - cached - written, found.get("completion_tokens", found.get("output_tokens", 0)), cached


def test_answers_arrive_as_recorded_and_the_ledger_agrees(gateway, folder):
    counts, expected = {"streams": 0, "json": 0, "errors": 0}, {}
    for name, target, body, response in exchanges(folder):
        answer = gateway.request("POST", target, body, {"x-weir-recording": name, "authorization": "Bearer any"})
        assert answer.status == response["status"], name
        if response.get("sse_text") is not None:
            assert answer.body == response["sse_text"].encode(), name
            counts["streams"] += 1
        elif "body" in response:
            assert answer.json == response["body"], name
            counts["json" if answer.status < 400 else "errors"] += 1
        else:
            continue
        if answer.status == 200 and (usage := usage_of(response)) is not None:
            expected[answer.headers["x-request-id"]] = (name, usage)
    print(counts, f"{len(expected)} with usage")
    assert counts["streams"] >= 15 and counts["json"] >= 100 and len(expected) >= 100
    rows = ledger_rows(gateway, len(expected), ids=expected)
    for request_id, (name, usage) in expected.items():
        row = rows[request_id]
        assert (row["input_tokens"], row["output_tokens"], row["cache_read_tokens"]) == usage, name
        assert row["usage_estimated"] == 0, name
