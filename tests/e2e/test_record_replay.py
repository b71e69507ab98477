"""`weir record` in front of a provider, and `weir upstream --replay` of what it kept."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import Process, free_port, http

KEY = "sk-ant-api03-KEY-CANARY-0123456789-AA"
COOKIE = "session-COOKIE-CANARY-0123456789"
BODY = {"model": "claude-sonnet-5-5", "max_tokens": 64, "messages": [{"role": "user", "content": "Say hello"}]}
HEADERS = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}


def recorder(launch, upstream, folder, *flags, env=None):
    port = free_port()
    launch.count += 1
    process = Process(["record", "--to", str(folder), "--listen", f"127.0.0.1:{port}", "--upstream", upstream, *flags],
                      launch.folder / f"record{launch.count}.log", port, "/healthz", env or {})
    launch.running.append(process)
    return process


def cassettes(folder, count, wait_s=5):
    """The files but those of the health probe, once there are so many."""
    deadline = time.monotonic() + wait_s
    while True:
        found = [path for path in sorted(Path(folder).glob("*.json")) if "healthz" not in path.name]
        if len(found) >= count or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


def replayer(launch, folder, *flags, env=None):
    port = free_port()
    launch.count += 1
    process = Process(["upstream", "--replay", str(folder), "--listen", f"127.0.0.1:{port}", *flags],
                      launch.folder / f"replay{launch.count}.log", port, "/", env or {})
    launch.running.append(process)
    return process


class Echo(BaseHTTPRequestHandler):
    """A provider that keeps what it saw and gives back every secret that it was told."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        self.server.seen.append((self.path, dict(self.headers), body))
        answer = json.dumps({"you_sent": self.headers.get("x-api-key"), "cookie": self.headers.get("cookie"),
                             "path": self.path}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("set-cookie", f"next={COOKIE}")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture
def echo():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.seen = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()


def test_what_was_recorded_is_replayed_byte_for_byte(launch, tmp_path):
    provider = launch.upstream(["--event-delay", "5ms"])
    folder = tmp_path / "cassettes"
    proxy = recorder(launch, provider.url, folder)
    whole = proxy.request("POST", "/v1/messages", BODY, HEADERS)
    stream = proxy.request("POST", "/v1/messages", BODY | {"stream": True}, HEADERS)
    wrong = proxy.request("POST", "/v1/messages", {"model": "claude-sonnet-5-5"}, HEADERS)
    assert whole.status == stream.status == 200 and wrong.status == 400
    files = cassettes(folder, 3)
    assert len(files) == 3
    kept = json.loads(files[1].read_text())
    assert kept["weir_cassette"] == 1 and kept["request"]["body"]["stream"] is True
    assert kept["response"]["sse_text"].encode() == stream.body
    assert sum(size for _, size in kept["response"]["chunks"]) == len(stream.body)
    assert kept["response"]["chunks"][-1][0] >= 10  # milliseconds
    assert proxy.stop() == 0
    assert "recorded" in proxy.log_text()

    replayed = replayer(launch, folder)
    for body, recorded in ((BODY, whole), (BODY | {"stream": True}, stream), ({"model": "claude-sonnet-5-5"}, wrong)):
        # Spelled another way, with another key: the same request.
        text = json.dumps(body, indent=3, ensure_ascii=False).encode()
        answer = http("POST", replayed.url + "/v1/messages", text,
                      {"content-type": "application/json", "x-api-key": "another", "anthropic-version": "2023-06-01"})
        assert (answer.status, answer.body) == (recorded.status, recorded.body)
        assert answer.headers["request-id"] == recorded.headers["request-id"]
        assert answer.headers["x-weir-cassette"] in [path.stem for path in files]


def test_no_secret_reaches_the_disk(launch, echo, tmp_path):
    folder = tmp_path / "cassettes"
    environment = {"OPENAI_API_KEY": "environment-CANARY-0123456789"}
    proxy = recorder(launch, echo.url, folder, "--redact", "x-tenant-pass,pin", env=environment)
    body = BODY | {"api_key": "MEMBER-CANARY", "pin": "PIN-CANARY", "note": f"my key is {KEY}, not environment-CANARY-0123456789"}
    answer = proxy.request("POST", "/v1/messages?key=QUERY-CANARY-0123&beta=true", body,
                           HEADERS | {"cookie": f"a={COOKIE}", "x-tenant-pass": "HEADER-CANARY",
                                      "authorization": "Bearer BEARER-CANARY-0123456789"})
    # What passes is untouched.
    path, headers, seen = echo.seen[-1]
    assert headers["x-api-key"] == KEY and headers["cookie"] == f"a={COOKIE}" and "QUERY-CANARY-0123" in path
    assert json.loads(seen) == body
    assert answer.json["you_sent"] == KEY and COOKIE in answer.headers["set-cookie"]
    (path,) = cassettes(folder, 1)
    text = path.read_text()
    assert "CANARY" not in text, text
    kept = json.loads(text)
    assert kept["request"]["headers"]["x-api-key"] == "REDACTED" and "cookie" not in kept["request"]["headers"]
    assert kept["request"]["path"] == "/v1/messages?key=REDACTED&beta=true"
    assert kept["response"]["body"]["you_sent"] == "REDACTED"
    assert "set-cookie" not in kept["response"]["headers"]
    assert proxy.stop() == 0
    everything = b"".join(path.read_bytes() for path in folder.iterdir()) + proxy.log_text().encode()
    assert b"CANARY" not in everything
    # The same secrets, or others, find the cassette again.
    replayed = replayer(launch, folder, "--redact", "x-tenant-pass,pin", env=environment)
    again = replayed.request("POST", "/v1/messages?key=OTHER-0123456789&beta=true",
                             body | {"api_key": "x", "pin": "y"}, HEADERS)
    assert again.status == 200, again.body


def test_only_what_is_chosen_is_kept(launch, tmp_path):
    provider = launch.upstream()
    chosen = tmp_path / "chosen"
    proxy = recorder(launch, provider.url, chosen, "--paths", "/v1/messages", "--models", "claude-haiku-*")
    haiku = BODY | {"model": "claude-haiku-4-5"}
    assert proxy.request("POST", "/v1/messages", BODY, HEADERS).status == 200
    assert proxy.request("POST", "/v1/messages/count_tokens", haiku, HEADERS).status == 200
    assert proxy.request("POST", "/v1/messages", haiku, HEADERS).status == 200
    proxy.stop()
    assert [json.loads(path.read_text())["request"]["body"]["model"] for path in chosen.glob("*.json")] == ["claude-haiku-4-5"]
    sampled = tmp_path / "sampled"
    proxy = recorder(launch, provider.url, sampled, "--paths", "/v1/messages", "--sample", "50%")
    for _ in range(60):
        assert proxy.request("POST", "/v1/messages", BODY, HEADERS).status == 200
    proxy.stop()
    assert 10 <= len(list(sampled.glob("*.json"))) <= 50
    small = tmp_path / "small"
    proxy = recorder(launch, provider.url, small, "--size-max", "1KiB")
    large = proxy.request("POST", "/v1/messages", BODY | {"system": "x" * 2000}, HEADERS)
    assert large.status == 200  # it passes
    proxy.stop()
    assert cassettes(small, 0) == [] and "1 dropped" in proxy.log_text()


def test_a_stream_that_breaks_off_is_kept_as_such(launch, tmp_path):
    provider = launch.upstream()
    folder = tmp_path / "cassettes"
    proxy = recorder(launch, provider.url, folder)
    body = json.dumps(BODY | {"stream": True}).encode()
    first = raw_post(proxy, body, b"x-weir-fault: cut\r\nx-api-key: k\r\n")
    (path,) = cassettes(folder, 1)
    assert json.loads(path.read_text())["response"]["cut"] is True
    replayed = replayer(launch, folder, "--match", "loose")
    second = raw_post(replayed, body)
    assert b"message_start" in first and not first.endswith(b"0\r\n\r\n")
    assert dechunked(second) == dechunked(first) and not second.endswith(b"0\r\n\r\n")


def raw_post(process, body, fields=b""):
    with socket.create_connection((process.host, process.port), timeout=10) as client:
        client.sendall(b"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n" + fields +
                       b"content-length: %d\r\n\r\n" % len(body) + body)
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    return answer


def dechunked(answer):
    body, rest = b"", answer.split(b"\r\n\r\n", 1)[1]
    while b"\r\n" in rest:
        size, rest = rest.split(b"\r\n", 1)
        body, rest = body + rest[:int(size, 16)], rest[int(size, 16) + 2:]
    return body


def test_a_client_that_leaves_costs_one_cassette(launch, tmp_path):
    provider = launch.upstream()
    folder = tmp_path / "cassettes"
    proxy = recorder(launch, provider.url, folder)
    body = json.dumps(BODY | {"stream": True}).encode()
    with socket.create_connection((proxy.host, proxy.port), timeout=10) as client:
        client.sendall(b"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-api-key: k\r\n"
                       b"x-weir-fault: stall\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        assert client.recv(65536)
    time.sleep(0.2)
    assert proxy.request("POST", "/v1/messages", BODY, HEADERS).status == 200
    proxy.stop()
    assert len(cassettes(folder, 1)) == 1 and "1 dropped" in proxy.log_text()


def write(folder, name, request, response):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps({"weir_cassette": 1, "request": request, "response": response}))


def made(content, **more):
    return {"method": "POST", "path": "/v1/messages", "headers": {"content-type": "application/json"},
            "body": {"model": "m", "messages": [{"role": "user", "content": content}], **more}}


def test_a_miss_names_the_nearest_cassette_and_the_first_difference(launch, tmp_path):
    folder = tmp_path / "cassettes"
    write(folder, "about-cats", made("Tell me of cats"), {"status": 200, "headers": {}, "body": {"a": "cats"}})
    write(folder, "about-dogs", made("Tell me of dogs", max_tokens=9, top_k=3), {"status": 200, "headers": {}, "body": {"a": "dogs"}})
    replayed = replayer(launch, folder)
    asked = made("Tell me of cats and mice")["body"]
    miss = replayed.request("POST", "/v1/messages", asked)
    assert miss.status == 404 and miss.headers["x-should-retry"] == "false"
    message = miss.json["error"]["message"]
    assert "no cassette fits POST /v1/messages" in message and "the nearest is about-cats" in message
    assert 'messages[0].content: "Tell me of cats and mice" instead of "Tell me of cats"' in message
    assert miss.headers["x-weir-nearest-cassette"] == "about-cats"
    assert replayed.request("POST", "/v1/messages", asked, {"x-weir-cassette": "about-dogs"}).json == {"a": "dogs"}
    assert replayed.request("GET", "/v1/models").status == 404
    assert replayed.stop() == 0 and "the nearest is about-cats" in replayed.log_text()


def test_loose_ignores_order_and_what_changes_each_time(launch, tmp_path):
    folder = tmp_path / "cassettes"
    recorded = made("It is 2026-01-02T03:04:05Z", metadata={"user_id": "u-1"}, tool="toolu_01ABCDEFGHIJKL23")
    write(folder, "one", recorded, {"status": 200, "headers": {}, "body": {"ok": True}})
    asked = {"tool": "toolu_09ZYXWVUTSRQPO98", "metadata": {"user_id": "u-2"},
             "messages": [{"content": "It is 2026-11-24T17:00:00Z", "role": "user"}], "model": "m"}
    loose = replayer(launch, folder, "--match", "loose")
    assert loose.request("POST", "/v1/messages", asked).json == {"ok": True}
    assert loose.request("POST", "/v1/messages", asked | {"model": "n"}).status == 404
    assert replayer(launch, folder).request("POST", "/v1/messages", asked).status == 404


def test_equal_requests_get_their_answers_in_order_and_timings_are_kept(launch, tmp_path):
    folder = tmp_path / "cassettes"
    for i in range(3):
        write(folder, f"turn-{i}", made("Next"), {"status": 200, "headers": {}, "body": {"turn": i}})
    write(folder, "slow", made("Slow"), {"status": 200, "headers": {"content-type": "text/event-stream"},
                                         "sse_text": "data: 1\n\ndata: 2\n\n", "chunks": [[100, 9], [300, 9]]})
    replayed = replayer(launch, folder)
    turns = [replayed.request("POST", "/v1/messages", made("Next")["body"]).json["turn"] for _ in range(5)]
    assert turns == [0, 1, 2, 2, 2]
    took = []
    for process in (replayed, replayer(launch, folder, "--timings")):
        began = time.monotonic()
        assert process.request("POST", "/v1/messages", made("Slow")["body"]).body == b"data: 1\n\ndata: 2\n\n"
        took.append(time.monotonic() - began)
    assert took[0] < 0.25 and 0.3 <= took[1] < 3


def test_every_recording_can_be_asked_for_strictly(launch, recordings):
    replayed = replayer(launch, recordings)
    fitted = 0
    for path in sorted(recordings.glob("*.json")):
        exchange = json.loads(path.read_text())
        request = exchange.get("request") or {}
        if request.get("method") != "POST" or not isinstance(request.get("body"), dict):
            continue
        headers = {name: value for name, value in request["headers"].items()
                   if name in ("content-type", "anthropic-version", "anthropic-beta")}
        answer = replayed.request("POST", request["path"], request["body"], headers)
        assert "x-weir-cassette" in answer.headers, (path.name, answer.body)
        fitted += 1
    print(f"{fitted} recorded requests found their cassette")
    assert fitted >= 300


def test_what_cannot_be_served_is_said(launch, tmp_path, binary):
    import subprocess
    def run(*words):
        return subprocess.run([binary, *words], text=True, capture_output=True, timeout=20)
    assert "cannot read" in run("upstream", "--replay", str(tmp_path / "nowhere")).stderr
    assert "there are no cassettes" in run("upstream", "--replay", str(tmp_path)).stderr
    (tmp_path / "broken.json").write_text("{")
    assert "broken.json" in run("upstream", "--replay", str(tmp_path)).stderr
    assert run("upstream", "--replay", str(tmp_path), "--match", "near").returncode == 2
    assert run("record").returncode == 2 and "--to is missing" in run("record").stderr
    assert run("record", "--to", str(tmp_path), "--sample", "200%").returncode == 2


def test_the_example_runs_without_a_key(binary):
    import subprocess
    import sys
    example = Path(__file__).resolve().parents[2] / "examples" / "replayed_tests"
    environment = {"PATH": "/usr/bin:/bin", "WEIR_BIN": str(Path(binary).resolve())}
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(example)], cwd=example,
                         env=environment, text=True, capture_output=True, timeout=60)
    assert ran.returncode == 0 and "2 passed" in ran.stdout, ran.stdout + ran.stderr
