"""A chat application as one finds them: it works in the demonstration, and has five faults that `weir check` must find.

    python3 tests/bad_app/app.py --port 3000 [--mended trusts_forwarded,no_keys,malformed_500,buffers_streams]

It believes X-Forwarded-For from anybody, never looks at keys, answers 500 to malformed JSON and holds its streams
back until they are whole; its load test (load_summary.json, as k6 exports it) has no thresholds and so cannot fail.
Everything else is in order, so that a check that finds more than these is wrong.
"""

import argparse
import itertools
import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LIMIT, WINDOW_S = 100, 900
MESSAGE_MAX = 10_000
BODY_MAX = 1024 * 1024
ORIGINS = {"https://app.example.com"}
KEYS = {"probe-key-of-the-bad-app"}
PAGE = "<!doctype html><title>Chat</title><form><input name=q></form>"
OPENAPI = {"openapi": "3.1.0", "info": {"title": "Chat", "version": "1"},
           "paths": {"/api/chat": {"post": {}}, "/api/health": {"get": {}}}}


class State:
    def __init__(self, mended):
        self.mended = mended
        self.lock = threading.Lock()
        self.seen = {}
        self.served = itertools.count(1)
        self.started = time.monotonic()

    def take(self, client):
        """How many requests the client has left; negative: none."""
        with self.lock:
            times = [t for t in self.seen.get(client, []) if t > time.monotonic() - WINDOW_S]
            times.append(time.monotonic())
            self.seen[client] = times
            return LIMIT - len(times)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state = None

    def version_string(self):
        return "app"

    def log_message(self, *_):
        pass

    def fault(self, name):
        return name not in self.state.mended

    # What every answer has.
    def answer(self, status, body, media="application/json", extra=()):
        data = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.common(media, extra)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def common(self, media, extra=()):
        self.send_header("content-type", media)
        for name, value in (("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"),
                            ("referrer-policy", "no-referrer"), ("x-request-id", uuid.uuid4().hex),
                            ("content-security-policy", "default-src 'self'; frame-ancestors 'none'"),
                            ("vary", "Origin"), *extra):
            self.send_header(name, value)
        if not any(name == "cache-control" for name, _ in extra):
            self.send_header("cache-control", "no-store")
        if self.headers.get("origin") in ORIGINS:
            self.send_header("access-control-allow-origin", self.headers["origin"])

    def error(self, status, message, extra=()):
        self.answer(status, json.dumps({"error": message}), extra=extra)

    def handle_expect_100(self):
        if int(self.headers.get("content-length") or 0) > BODY_MAX:
            self.close_connection = True
            self.error(413, "the body is too large")
            return False
        return super().handle_expect_100()

    def body(self):
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def is_ambiguous(self):
        if self.headers.get("transfer-encoding"):
            self.close_connection = True
            self.error(400, "send Content-Length")
            return True
        return False

    def do_GET(self):
        number = next(self.state.served)
        path = self.path.split("?")[0]
        if path == "/":
            self.answer(200, PAGE, "text/html; charset=utf-8")
        elif path == "/api/health":
            self.answer(200, json.dumps({"status": "healthy", "timestamp": time.time(),
                                         "uptime": time.monotonic() - self.state.started,
                                         "checks": {"model": {"status": "ok"}}}))
        elif path in ("/livez", "/readyz"):
            self.answer(200, '{"status":"ok"}')
        elif path == "/metrics":
            if self.key_missing():
                return self.error(401, "a key is required")
            self.answer(200, f"# TYPE app_requests_total counter\napp_requests_total {number}\n", "text/plain; version=0.0.4")
        elif path == "/openapi.json":
            self.answer(200, json.dumps(OPENAPI))
        elif path == "/api/chat":
            self.error(405, "POST a message", [("allow", "POST, OPTIONS")])
        else:
            self.error(404, "there is no such route")

    do_HEAD = do_GET

    def do_OPTIONS(self):
        extra = []
        if self.headers.get("origin") in ORIGINS:
            extra = [("access-control-allow-methods", "POST"), ("access-control-allow-headers", "content-type")]
        self.answer(204, "", extra=extra)

    def do_DELETE(self):
        self.error(405 if self.path == "/api/chat" else 404, "no", [("allow", "POST, OPTIONS")])

    def do_TRACE(self):
        self.error(405, "no", [("allow", "GET")])

    def key_missing(self):
        if self.fault("no_keys"):
            return False
        return self.headers.get("authorization", "").removeprefix("Bearer ") not in KEYS

    def client(self):
        if self.fault("trusts_forwarded") and self.headers.get("x-forwarded-for"):
            return self.headers["x-forwarded-for"].split(",")[0].strip()
        return self.client_address[0]

    def do_POST(self):
        if self.is_ambiguous():
            return
        raw = self.body()
        if self.path.split("?")[0] != "/api/chat":
            return self.error(404, "there is no such route")
        left = self.state.take(self.client())
        if left < 0:
            return self.error(429, "slow down", [("retry-after", str(WINDOW_S)), ("x-ratelimit-remaining", "0")])
        limits = [("x-ratelimit-limit", str(LIMIT)), ("x-ratelimit-remaining", str(left))]
        if self.key_missing():
            return self.error(401, "a key is required", limits)
        try:
            body = json.loads(raw)
        except ValueError:
            malformed = self.fault("malformed_500")
            return self.error(500 if malformed else 400, "Internal Server Error" if malformed else "no JSON", limits)
        message = body.get("message") if isinstance(body, dict) else None
        if not isinstance(message, str) or not message.strip():
            return self.error(400, "message must be a text", limits)
        if len(message) > MESSAGE_MAX:
            return self.error(400, f"message has more than {MESSAGE_MAX} characters", limits)
        if body.get("stream"):
            return self.stream(limits)
        self.answer(200, json.dumps({"success": True, "answer": "One."}), extra=limits)

    def stream(self, extra):
        self.send_response(200)
        self.common("text/event-stream", [*extra, ("cache-control", "no-cache, no-transform"), ("x-accel-buffering", "no"),
                                          ("transfer-encoding", "chunked")])
        self.end_headers()
        held = b""
        for number in range(1, 11):
            event = f"data: {number}\n\n".encode()
            if self.fault("buffers_streams"):
                held += event
            else:
                self.chunk(event)
            time.sleep(0.05)
        if held:
            self.chunk(held)
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


def serve(port, mended=()):
    """The server, listening and not yet served; port 0: any."""
    handler = type("AppHandler", (Handler,), {"state": State(frozenset(mended))})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=3000)
    options.add_argument("--mended", default="")
    chosen = options.parse_args()
    serve(chosen.port, chosen.mended.split(",")).serve_forever()
