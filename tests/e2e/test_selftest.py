"""`weir selftest`: recordings through a gateway, and each difference by name."""

import json
import os
import re
import subprocess

import pytest
from conftest import API_KEY, BINARY, SHARED
from test_record_replay import replayer


def selftest(*arguments, env=None, timeout=300):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("WEIR_", "ANTHROPIC_", "OPENAI_"))}
    return subprocess.run([BINARY, "selftest", *arguments], env=clean | (env or {}), text=True, capture_output=True,
                          timeout=timeout)


def test_it_needs_nothing(launch):
    ran = selftest()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "8 equal: 3 streams (1 recorded without their end), 4 documents, 1 errors; 5 with equal usage and cost" in ran.stdout
    assert ran.stdout.endswith("0 different\n")


@pytest.mark.parametrize("provider, streams, documents, priced", [("anthropic", 50, 320, 365), ("openai", 20, 165, 185),
                                                                   ("bedrock", 40, 205, 240)])
def test_every_recording_comes_through(provider, streams, documents, priced):
    folder = SHARED / "recordings" / provider
    if not folder.is_dir():
        pytest.skip("the recorded exchanges are not here (WEIR_SHARED)")
    ran = selftest("--cassettes", str(folder))
    print(ran.stdout)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    counts = re.search(r"equal: (\d+) streams .*, (\d+) documents, \d+ errors; (\d+) with", ran.stdout)
    assert int(counts[1]) >= streams and int(counts[2]) >= documents and int(counts[3]) >= priced


def gateway_before(launch, folder, **env):
    upstream = replayer(launch, folder)
    return launch.weir(env={"ANTHROPIC_BASE_URL": upstream.url, "ANTHROPIC_API_KEY": API_KEY} | env)


def cassette(folder, name, text, body):
    folder.mkdir(exist_ok=True)
    request = {"method": "POST", "path": "/v1/messages", "headers": {"content-type": "application/json"},
               "body": {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": text}]}}
    (folder / f"{name}.json").write_text(json.dumps({
        "weir_cassette": 1, "request": request,
        "response": {"status": 200, "headers": {"content-type": "application/json"}, "body": body}}))


def message(text, tokens):
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": text}], "usage": {"input_tokens": tokens, "output_tokens": 3}}


def test_a_running_gateway_is_compared(launch, tmp_path):
    key = "static-key-of-the-selftest-0123"
    cassette(tmp_path / "a", "same", "one", message("Hello", 7))
    cassette(tmp_path / "a", "other", "two", message("Hello", 7))
    gateway = gateway_before(launch, tmp_path / "a", VALID_API_KEYS=key)
    equal = selftest("--cassettes", str(tmp_path / "a"), "--url", gateway.url, env={"WEIR_API_KEY": key})
    assert equal.returncode == 0 and "2 equal" in equal.stdout, equal.stdout + equal.stderr
    # What the provider replays is not what is expected: text and tokens of one of the two.
    cassette(tmp_path / "b", "same", "one", message("Hello", 7))
    cassette(tmp_path / "b", "other", "two", message("Hallo", 8))
    differs = selftest("--cassettes", str(tmp_path / "b"), "--url", gateway.url, env={"WEIR_API_KEY": key})
    assert differs.returncode == 1
    lines = differs.stdout.splitlines()
    assert any(line.startswith("other: byte ") and "Hello" in line and "Hallo" in line for line in lines), lines
    assert "other: input tokens 7 instead of 8" in lines and any(line.startswith("other: cost $ ") for line in lines)
    assert not any(line.startswith("same:") for line in lines)
    assert lines[-1] == "1 different" and "1 equal" in differs.stdout
    refused = selftest("--cassettes", str(tmp_path / "a"), "--url", gateway.url)
    assert refused.returncode == 1 and "same: status 401 instead of 200" in refused.stdout


def test_what_cannot_be_run_is_said(tmp_path):
    nobody = selftest("--url", "http://127.0.0.1:9")
    assert nobody.returncode == 3 and "no Weir answers" in nobody.stderr
    assert selftest("--cassettes", str(tmp_path / "nowhere")).returncode == 1
    assert "nothing that could be compared" in selftest("--cassettes", str(tmp_path)).stderr
