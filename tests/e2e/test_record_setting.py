"""[record] of weir.toml: a server that runs keeps chosen exchanges as cassettes."""

import json
import socket
import time

import anthropic
import openai
import pytest
from conftest import http
from test_record_replay import cassettes, replayer

ALICE, BOB = "sk-weir-alice-of-the-cassettes", "sk-weir-bob-of-the-cassettes"
BODY = {"model": "claude-sonnet-5-5", "max_tokens": 64, "messages": [{"role": "user", "content": "Say hello"}]}


@pytest.fixture
def recording(launch):
    """Starts a Weir with this [record] table in front of the simulated provider; its cassettes lie in .cassettes."""
    def start(table="", extra_env=None):
        launch.count += 1
        folder = launch.folder / f"cassettes{launch.count}"
        config = launch.folder / f"record{launch.count}.toml"
        config.write_text(f'[record]\ndirectory = "{folder}"\n{table}\n')
        gateway, _ = launch.pair(env={"WEIR_CONFIG": str(config), "VALID_API_KEYS": f"{ALICE},{BOB}"} | (extra_env or {}))
        gateway.cassettes = folder
        return gateway
    return start


def ask(gateway, key=ALICE, headers=None, **changes):
    return gateway.request("POST", "/v1/messages", BODY | changes, {"x-api-key": key} | (headers or {}))


def text_of(folder):
    return "".join(path.read_text() for path in folder.glob("*.json"))


def test_what_is_recorded_can_be_replayed(launch, recording):
    gateway = recording()
    whole = ask(gateway)
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key=ALICE, max_retries=0)
    messages = [{"role": "user", "content": "Say hello"}]
    said = "".join(chunk.choices[0].delta.content or "" for chunk in client.chat.completions.create(
        model=BODY["model"], messages=messages, stream=True) if chunk.choices)
    streamed = ask(gateway, stream=True)
    assert len(cassettes(gateway.cassettes, 3)) == 3
    gateway.stop()
    stored = text_of(gateway.cassettes)
    assert ALICE not in stored and "sk-upstream" not in stored and "Say hello" in stored

    # The application, without Weir, a key or a provider.
    player = replayer(launch, gateway.cassettes)
    assert http("POST", player.url + "/v1/messages", BODY, {"x-api-key": "any"}).json == whole.json
    assert http("POST", player.url + "/v1/messages", BODY | {"stream": True}, {"x-api-key": "any"}).body == streamed.body
    again = openai.OpenAI(base_url=player.url + "/v1", api_key="any", max_retries=0)
    assert said and said == "".join(chunk.choices[0].delta.content or "" for chunk in again.chat.completions.create(
        model=BODY["model"], messages=messages, stream=True) if chunk.choices)


def test_only_what_is_chosen(recording):
    gateway = recording('models = ["claude-sonnet-*"]\nheaders = ["x-team: search*"]\npaths = ["/v1/messages"]')
    team = {"x-team": "search-and-find"}
    ask(gateway, headers=team)
    ask(gateway)  # without the field
    ask(gateway, headers=team, model="claude-haiku-5-5")
    gateway.request("POST", "/v1/messages/count_tokens", BODY, {"x-api-key": ALICE} | team)
    gateway.request("GET", "/api/health")
    ask(gateway, headers=team | {"authorization-token": "x"})
    assert len(cassettes(gateway.cassettes, 2)) == 2
    gateway.stop()
    assert len(cassettes(gateway.cassettes, 2)) == 2


def test_only_one_in_so_many(recording):
    gateway = recording("one_in = 10")
    for _ in range(200):
        assert ask(gateway).status == 200
    gateway.stop()
    assert 2 <= len(cassettes(gateway.cassettes, 2)) <= 60


def test_the_key_decides(recording):
    gateway = recording()
    ask(gateway)
    request_id = ask(gateway, BOB).headers["x-request-id"]
    key_id = gateway.request("GET", f"/api/requests/{request_id}", headers={"x-api-key": BOB}).json["key"]["id"]
    gateway.stop()
    chosen = recording(f'keys = ["{key_id}"]')
    ask(chosen)
    ask(chosen, BOB, messages=[{"role": "user", "content": "from bob"}])
    assert len(cassettes(chosen.cassettes, 1)) == 1
    chosen.stop()
    assert len(cassettes(chosen.cassettes, 1)) == 1 and "from bob" in text_of(chosen.cassettes)


def test_bounds(recording):
    gateway = recording('exchange_size_max = "16KiB"\ndirectory_size_max = "1MiB"')
    assert ask(gateway, messages=[{"role": "user", "content": "x" * 20_000}]).status == 200
    for number in range(120):
        assert ask(gateway, messages=[{"role": "user", "content": f"{number} " + "y" * 12_000}]).status == 200
    metrics = gateway.request("GET", "/metrics", headers={"x-api-key": ALICE}).body.decode()
    gateway.stop()
    size = sum(path.stat().st_size for path in gateway.cassettes.iterdir())
    assert 500_000 < size <= 2**20, size
    assert 'weir_cassettes_dropped_total{reason="too_large"} 1' in metrics
    assert "x" * 20_000 not in text_of(gateway.cassettes)


def test_a_client_that_leaves_leaves_no_cassette(recording):
    gateway = recording()
    body = json.dumps(BODY | {"stream": True}).encode()
    with socket.create_connection((gateway.host, gateway.port)) as raw:
        raw.sendall(f"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: {ALICE}\r\nx-weir-fault: stall\r\n"
                    f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        raw.recv(100)
    deadline = time.monotonic() + 5
    wanted = 'weir_cassettes_dropped_total{reason="client_gone"} 1'
    while wanted not in gateway.request("GET", "/metrics", headers={"x-api-key": ALICE}).body.decode():
        assert time.monotonic() < deadline, "the exchange was not dropped"
        time.sleep(0.05)
    assert not cassettes(gateway.cassettes, 1, wait_s=0.2)


def test_nothing_is_recorded_by_default(launch):
    gateway, _ = launch.pair(env={"VALID_API_KEYS": ALICE})
    assert anthropic.Anthropic(base_url=gateway.url, api_key=ALICE).messages.create(**BODY).content
    assert not list(gateway.data.rglob("*.json"))


def test_a_directory_that_cannot_be_made_stops_the_start(launch):
    config = launch.folder / "bad.toml"
    config.write_text('[record]\ndirectory = "/proc/none"\n')
    with pytest.raises(AssertionError, match="cannot make /proc/none"):
        launch.weir(env={"WEIR_CONFIG": str(config)})
