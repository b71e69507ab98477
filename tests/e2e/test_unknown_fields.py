"""What Weir does not know of a Messages request reaches the provider unchanged."""

import json
import random
import string
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import API_KEY

ANSWER = json.dumps({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5",
                     "content": [], "usage": {"input_tokens": 1, "output_tokens": 1}}).encode()


@pytest.fixture
def provider():
    seen = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.append((self.path, self.headers, body))
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(ANSWER)))
            self.end_headers()
            self.wfile.write(ANSWER)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()


def word(dice):
    return "".join(dice.choices(string.ascii_lowercase, k=dice.randint(3, 12)))


def value(dice, depth=0):
    kind = dice.randrange(6 if depth < 3 else 4)
    if kind == 4:
        return [value(dice, depth + 1) for _ in range(dice.randrange(4))]
    if kind == 5:
        return {word(dice): value(dice, depth + 1) for _ in range(dice.randrange(4))}
    return [None, True, dice.uniform(-1e9, 1e9), "ä\u2028" + word(dice)][kind]


def test_invented_headers_fields_and_betas_pass_unchanged(launch, provider):
    url, seen = provider
    gateway = launch.weir(env={"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": API_KEY})
    dice = random.Random(7)
    for _ in range(100):
        fields = {f"zz_{word(dice)}": value(dice) for _ in range(dice.randint(1, 6))}
        body = {"model": "claude-sonnet-5-5", "max_tokens": 8, "messages": [{"role": "user", "content": "hi"}]} | fields
        raw = json.dumps(body, indent=dice.choice([None, 1, 3]), ensure_ascii=dice.random() < 0.5).encode()
        headers = {f"{dice.choice(['anthropic-', 'x-claude-code-', 'x-'])}zz-{word(dice)}": word(dice) for _ in range(4)}
        headers |= {"anthropic-beta": ",".join(f"{word(dice)}-2031-01-02" for _ in range(3)),
                    "anthropic-version": "2031-06-01", "content-type": "application/json"}
        target = f"/v1/messages?beta=true&{word(dice)}={word(dice)}"
        assert gateway.request("POST", target, raw, headers).status == 200
        path, got, sent = seen[-1]
        assert path == target and sent == raw
        assert {name: got[name] for name in headers} == headers
    assert len(seen) == 100
