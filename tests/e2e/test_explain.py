"""GET /api/requests/{id}, Server-Timing, the x-weir-* headers and `weir explain`, over the real binary."""

import json
import os
import re
import socket
import subprocess
import time

from conftest import API_KEY, BINARY, http

BODY = {"model": "claude-sonnet-5-5", "max_tokens": 64, "messages": [{"role": "user", "content": "Say PROMPT-CANARY"}]}
STREAM = BODY | {"stream": True}
KEY_A, KEY_B = "static-key-of-team-a-0123456789", "static-key-of-team-b-0123456789"


def explained(gateway, request_id, headers=None, wait_s=5):
    """The trace, once it is there: it is kept when the answer has ended."""
    deadline = time.monotonic() + wait_s
    while True:
        answer = gateway.request("GET", f"/api/requests/{request_id}", headers=headers)
        if answer.status == 200 or time.monotonic() > deadline:
            assert answer.status == 200, answer.body
            return answer.json
        time.sleep(0.02)


def timings(answer):
    return {name: float(ms) for name, ms in re.findall(r"(\w+);dur=([\d.]+)", answer.headers["server-timing"])}


def test_an_answer_is_explained_in_full(launch):
    gateway, _ = launch.pair(upstream_args=["--first-delay", "80ms"])
    answer = gateway.request("POST", "/v1/messages", BODY)
    trace = explained(gateway, answer.headers["x-request-id"])
    assert trace["state"] == "answered" and trace["status"] == 200 and trace["error"] is None
    assert trace["method"] == "POST" and trace["endpoint"] == "/v1/messages"
    assert trace["model"] == "claude-sonnet-5-5"
    assert trace["key"] == {"id": "anonymous", "tenant": "default"}
    assert trace["cache"] == {"state": "off"} and trace["refused_by"] is None
    (call,) = trace["calls"]
    assert call["route"] == "default" and call["end"] == "answered" and call["left_out"] == []
    (tried,) = call["tries"]
    assert tried["provider"] == "anthropic" and tried["status"] == 200 and tried["outcome"] == "answered"
    assert tried["breaker"] == "closed"
    assert 75 <= tried["first_byte_ms"] < 1000
    assert call["price"]["row"] == "claude-sonnet-5-5" and float(call["price"]["cost_usd"]) > 0
    usage = answer.json["usage"]
    assert call["price"]["usage"]["input_tokens"] == usage["input_tokens"]
    assert call["price"]["usage"]["output_tokens"] == usage["output_tokens"]
    phases = trace["phases_ms"]
    assert 75 <= phases["upstream"] <= phases["total"] < 1000
    assert phases["weir"] < 40 and phases["admission"] < 20
    spent = sum(phases[name] for name in ("body", "queue", "connect", "upstream", "weir", "stream"))
    assert abs(spent - phases["total"]) < 2, phases
    assert trace["bytes"] == len(answer.body)
    assert "PROMPT-CANARY" not in json.dumps(trace)


def test_the_head_says_it_in_short(launch):
    gateway, _ = launch.pair(upstream_args=["--first-delay", "80ms"])
    for body in (BODY, STREAM):
        answer = gateway.request("POST", "/v1/messages", body)
        headers = answer.headers
        assert headers["x-weir-provider"] == "anthropic" and headers["x-weir-model"] == "claude-sonnet-5-5"
        assert headers["x-weir-route"] == "default" and headers["x-weir-tries"] == "1"
        assert headers["x-weir-cache"] == "off"
        assert 0 < float(headers["x-weir-overhead-ms"]) < 40
        told = timings(answer)
        assert told["weir"] == float(headers["x-weir-overhead-ms"])
        assert 75 <= told["upstream"] < 1000 and told["queue"] == 0
    # Each event loop keeps its own connections; both have one before long.
    assert 0 in [timings(gateway.request("POST", "/v1/messages", BODY))["connect"] for _ in range(8)]
    for method, path, status in (("GET", "/api/health", 200), ("GET", "/nowhere", 404), ("GET", "/", 200)):
        answer = gateway.request(method, path)
        assert answer.status == status and float(answer.headers["x-weir-overhead-ms"]) >= 0
        assert "x-weir-provider" not in answer.headers


def test_a_slow_body_is_not_weirs_own_time(launch):
    gateway, _ = launch.pair()
    body = json.dumps(BODY).encode()
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as client:
        client.sendall(b"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
                       b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body[:20])
        time.sleep(0.3)
        client.sendall(body[20:])
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    head = answer.split(b"\r\n\r\n")[0].decode()
    assert " 200 " in head.splitlines()[0]
    assert float(re.search(r"x-weir-overhead-ms: ([\d.]+)", head)[1]) < 100
    trace = explained(gateway, re.search(r"x-request-id: (\S+)", head)[1])
    assert 250 <= trace["phases_ms"]["body"] < 5000 and trace["phases_ms"]["weir"] < 100


def test_tries_and_pauses(launch):
    gateway, _ = launch.pair()
    answer = gateway.request("POST", "/v1/messages", BODY,
                             {"x-weir-fault": "529=1,times=1", "x-weir-fault-id": "explain"})
    assert answer.status == 200 and answer.headers["x-weir-tries"] == "2"
    assert float(answer.headers["x-weir-overhead-ms"]) < 100  # the pause of a second is not Weir's own
    (call,) = explained(gateway, answer.headers["x-request-id"])["calls"]
    first, second = call["tries"]
    assert first["outcome"] == "server" and first["status"] == 529 and first["pause_ms"] >= 900
    assert second["outcome"] == "answered" and second["pause_ms"] == 0


def test_a_call_that_fails_is_explained(launch):
    gateway = launch.weir(env={"ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "ANTHROPIC_API_KEY": API_KEY})
    answer = gateway.request("POST", "/v1/messages", BODY)
    assert answer.status >= 500
    assert answer.headers["x-weir-tries"] == "3" and answer.headers["x-weir-provider"] == "anthropic"
    assert float(answer.headers["x-weir-overhead-ms"]) < 100
    trace = explained(gateway, answer.headers["x-request-id"])
    assert trace["state"] == "failed" and trace["error"]["code"]
    assert [tried["outcome"] for tried in trace["calls"][0]["tries"]] == ["connect"] * 3


def test_routes_breakers_and_what_was_left_out(launch, tmp_path):
    good, bad = launch.upstream(), launch.upstream(["--faults", "500"])
    config = tmp_path / "weir.toml"
    config.write_text(f"""
[resilience]
breaker_tries_min = 2
breaker_open_for = "1h"
[providers.bad]
kind = "anthropic"
base_url = "{bad.url}"
api_key = "{API_KEY}"
[providers.good]
kind = "anthropic"
base_url = "{good.url}"
api_key = "{API_KEY}"
[[routes]]
name = "two"
models = ["claude-*"]
[[routes.targets]]
provider = "bad"
[[routes.targets]]
provider = "good"
order = 1
""")
    gateway = launch.weir(env={"WEIR_CONFIG": str(config)})
    calls = []
    for _ in range(4):
        answer = gateway.request("POST", "/v1/messages", BODY)
        assert answer.status == 200 and answer.headers["x-weir-route"] == "two"
        assert answer.headers["x-weir-provider"] == "good"
        calls.append(explained(gateway, answer.headers["x-request-id"])["calls"][0])
    assert [tried["provider"] for tried in calls[0]["tries"]] == ["bad", "good"]
    assert calls[0]["tries"][0]["breaker"] == "closed"
    assert [tried["provider"] for tried in calls[-1]["tries"]] == ["good"]
    assert calls[-1]["left_out"] == [{"provider": "bad", "model": "claude-sonnet-5-5", "why": "breaker_open"}]


def test_only_the_key_that_asked_sees_it(launch):
    gateway, _ = launch.pair(env={"VALID_API_KEYS": f"{KEY_A},{KEY_B}"})
    answer = gateway.request("POST", "/v1/messages", BODY, {"x-api-key": KEY_A})
    request_id = answer.headers["x-request-id"]
    trace = explained(gateway, request_id, {"x-api-key": KEY_A})
    assert trace["key"]["id"].startswith("static:") and KEY_A not in json.dumps(trace)
    assert API_KEY not in json.dumps(trace)
    other = gateway.request("GET", f"/api/requests/{request_id}", headers={"x-api-key": KEY_B})
    unknown = gateway.request("GET", "/api/requests/req_nothing", headers={"x-api-key": KEY_B})
    assert other.status == unknown.status == 404
    assert other.json["error"] == unknown.json["error"]
    assert gateway.request("GET", f"/api/requests/{request_id}").status == 401


def test_what_the_pipeline_refuses_is_explained(launch):
    data = launch.folder / "keyed"
    environment = dict(os.environ, WEIR_DATA=str(data))
    token = subprocess.run([BINARY, "keys", "create", "--name", "ops", "--scopes", "admin,models"], env=environment,
                           text=True, capture_output=True, check=True).stdout.strip()
    gateway, _ = launch.pair(data=data, env={"VALID_API_KEYS": KEY_A, "WEIR_RATE_LIMIT": "4/1h"})
    admin = {"authorization": f"Bearer {token}"}
    no_key = gateway.request("POST", "/v1/messages", BODY)
    assert no_key.status == 401 and "server-timing" in no_key.headers
    wrong = gateway.request("POST", "/v1/messages", BODY, {"x-api-key": "WRONG-KEY-CANARY-0123456789"})
    assert wrong.status == 401
    large = http("POST", gateway.url + "/api/chat", b"{" + b" " * 300_000 + b"}",
                 {"content-type": "application/json", "x-api-key": KEY_A})
    assert large.status == 413
    assert gateway.request("POST", "/v1/messages", BODY, {"x-api-key": KEY_A}).status == 200
    limited = gateway.request("POST", "/v1/messages", BODY, {"x-api-key": KEY_A})
    assert limited.status == 429 and float(limited.headers["x-weir-overhead-ms"]) < 100
    # The reader is limited by its address like everybody else; this one comes another way.
    again = launch.weir(data=data, env={"VALID_API_KEYS": KEY_A})
    refused = again.request("POST", "/v1/messages", BODY)
    assert again.request("GET", f"/api/requests/{refused.headers['x-request-id']}",
                         headers={"x-api-key": KEY_A}).status == 404
    trace = explained(again, refused.headers["x-request-id"], admin)
    assert trace["state"] == "refused" and trace["refused_by"] == "key" and trace["status"] == 401
    assert trace["error"]["code"] == "unauthenticated" and trace["calls"] == []
    wrong = again.request("POST", "/v1/messages", BODY, {"x-api-key": "WRONG-KEY-CANARY-0123456789"})
    assert "CANARY" not in json.dumps(explained(again, wrong.headers["x-request-id"], admin))
    large = http("POST", again.url + "/api/chat", b"{" + b" " * 300_000 + b"}",
                 {"content-type": "application/json", "x-api-key": KEY_A})
    trace = explained(again, large.headers["x-request-id"], {"x-api-key": KEY_A})
    assert trace["refused_by"] == "body" and trace["error"]["code"] == "too_large"


def test_the_rate_limit_that_refused_is_told(launch):
    gateway, _ = launch.pair(rate_limit="3/2s")
    admitted = gateway.request("POST", "/v1/messages", BODY)
    statuses = [gateway.request("POST", "/v1/messages", BODY) for _ in range(3)]
    assert statuses[-1].status == 429
    time.sleep(2.1)
    trace = explained(gateway, statuses[-1].headers["x-request-id"])
    assert trace["state"] == "refused" and trace["refused_by"] == "rate limit"
    assert trace["rate_limit"] == {"policy": "default", "admitted": False, "count": 3, "window_s": 2, "remaining": 0}
    trace = explained(gateway, admitted.headers["x-request-id"])
    assert trace["rate_limit"]["admitted"] is True and trace["rate_limit"]["remaining"] == 2


def test_streams_and_resumed_streams(launch):
    gateway, _ = launch.pair()
    first = gateway.request("POST", "/v1/messages", STREAM, {"x-weir-resume": "true", "x-weir-fault": "event_delay_ms=5"})
    stream = first.headers["x-weir-stream-id"]
    trace = explained(gateway, first.headers["x-request-id"])
    assert trace["stream"] == {"id": stream, "begun_by": first.headers["x-request-id"]}
    assert trace["phases_ms"]["stream"] >= 10 and len(trace["calls"]) == 1
    assert trace["calls"][0]["first_token_ms"] > 0
    again = gateway.request("GET", f"/api/streams/{stream}", headers={"last-event-id": "2"})
    assert again.status == 200 and again.headers["x-weir-begun-by"] == first.headers["x-request-id"]
    resumed = explained(gateway, again.headers["x-request-id"])
    assert resumed["stream"] == {"id": stream, "begun_by": first.headers["x-request-id"]}
    assert resumed["calls"] == [] and resumed["called"] is False


def test_a_client_that_leaves_is_told_as_such(launch):
    gateway, _ = launch.pair()
    body = json.dumps(STREAM).encode()
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as client:
        client.sendall(b"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                       b"x-weir-fault: stall\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        head = b""
        while b"message_start" not in head:
            head += client.recv(65536)
    trace = explained(gateway, re.search(rb"x-request-id: (\S+)", head)[1].decode())
    assert trace["state"] == "client_gone" and trace["calls"][0]["error"] == "client_gone"


def test_the_chat_is_explained(launch):
    gateway, _ = launch.pair()
    gateway.request("POST", "/api/documents", {"title": "Refunds", "text": "Orders can be returned within 30 days."})
    for stream in (False, True):
        answer = gateway.request("POST", "/api/chat", {"message": "When can orders be returned?", "stream": stream})
        assert answer.status == 200
        assert answer.headers["x-weir-provider"] == (None if stream else "anthropic")  # the sources come first
        trace = explained(gateway, answer.headers["x-request-id"])
        assert trace["endpoint"] == "/api/chat" and len(trace["calls"]) == 1
        assert "returned" not in json.dumps(trace)


def test_the_store_is_bounded_and_can_be_off(launch):
    gateway, _ = launch.pair(env={"WEIR_CONFIG": config_file(launch, "explain.memory_max", '"64KiB"')})
    ids = [gateway.request("GET", "/v1/models").headers["x-request-id"] for _ in range(200)]
    assert explained(gateway, ids[-1])["id"] == ids[-1]
    assert gateway.request("GET", f"/api/requests/{ids[0]}").status == 404
    off, _ = launch.pair(env={"WEIR_CONFIG": config_file(launch, "explain.memory_max", "0")})
    answer = off.request("POST", "/v1/messages", BODY)
    assert "server-timing" in answer.headers
    assert off.request("GET", f"/api/requests/{answer.headers['x-request-id']}").status == 404


def config_file(launch, key, value):
    section, name = key.split(".")
    path = launch.folder / f"{name}{len(launch.running)}.toml"
    path.write_text(f"[{section}]\n{name} = {value}\n")
    return str(path)


def run_explain(gateway, *arguments, key=None):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WEIR_")} | {"WEIR_URL": gateway.url}
    if key:
        environment["WEIR_API_KEY"] = key
    return subprocess.run([BINARY, "explain", *arguments], env=environment, text=True, capture_output=True, timeout=30)


def test_the_command_prints_it(launch):
    gateway, _ = launch.pair()
    request_id = gateway.request("POST", "/v1/messages", BODY).headers["x-request-id"]
    explained(gateway, request_id)
    printed = run_explain(gateway, request_id)
    assert printed.returncode == 0, printed.stderr
    for expected in (request_id, "route       default", "try 1", "anthropic claude-sonnet-5-5: answered, status 200",
                     "breaker closed", "price       $0.", "cache       off", "upstream", "total"):
        assert expected in printed.stdout, printed.stdout
    assert json.loads(run_explain(gateway, request_id, "--json").stdout)["id"] == request_id
    missing = run_explain(gateway, "req_nothing")
    assert missing.returncode == 1 and "nothing is known of this request" in missing.stderr
    assert run_explain(gateway, "x", "--url", "http://127.0.0.1:9").returncode == 3
