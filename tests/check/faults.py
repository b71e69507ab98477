"""Single misconfigurations, each with the one rule of `weir check` that must find it."""

import json
from dataclasses import dataclass, field

from fault_proxy import Fault, Reply

KEY = "probe-key-of-a-sound-weir"
ORIGIN = "https://app.example.com"
ANTHROPIC_KEY = "sk-ant-" + "api03-" + "Q" * 40  # of the right form, and of nobody
JSON = [("content-type", "application/json"), ("x-content-type-options", "nosniff"), ("cache-control", "no-store"),
        ("x-request-id", "req_made_up")]


@dataclass
class Case:
    name: str
    rule: str
    fault: Fault = field(default_factory=Fault)
    settings: dict = field(default_factory=dict)  # of Weir, in its environment; a value of None removes one
    arguments: tuple = ()
    certificate: str = "sound"
    outdated_tls: bool = False
    short: bool = False


def on_response(change):
    """A fault that changes responses."""
    made = Fault()
    made.response = change
    return made


def drops(*names, where=lambda head, reply: True):
    return on_response(lambda head, reply: reply.drop(*names) if where(head, reply) else None)


def sets(name, value, where=lambda head, reply: True):
    return on_response(lambda head, reply: reply.set(name, value) if where(head, reply) else None)


def answers(status, body=b"{}", where=lambda head: True, media="application/json"):
    made = Fault()
    headers = [(name, media if name == "content-type" else value) for name, value in JSON]
    made.answer = lambda head: Reply(status, list(headers), body) if where(head) else None
    return made


def attribute(name, value=True):
    made = Fault()
    setattr(made, name, value)
    return made


def is_chat(head, _=None):
    return head.route == "/api/chat"


def is_stream(_, reply):
    return reply.get("content-type").startswith("text/event-stream")


def is_plain(reply):
    return reply.status == 200 and not reply.get("content-encoding")


def allows(matches):
    def change(head, reply):
        origin = head.headers.get("origin")
        if origin and matches(origin):
            reply.set("access-control-allow-origin", origin)
            reply.set("vary", "Origin")
    return on_response(change)


def turns(status, into, where):
    def change(head, reply):
        if reply.status == status and where(head, reply):
            reply.status = into
    return on_response(change)


def edits_json(route, edit):
    def change(head, reply):
        if head.route == route and reply.status < 400 and not reply.get("content-encoding"):
            body = json.loads(reply.body)
            edit(body)
            reply.body = json.dumps(body).encode()
    return on_response(change)


def appends(text, where):
    def change(head, reply):
        if where(head, reply):
            reply.body += text.encode()
    return on_response(change)


def replaces_keys():
    made = Fault()

    def request(head):
        if "authorization" in head.headers:
            head.headers["authorization"] = "Bearer " + KEY
    made.request = request
    return made


def takes_key_from_url():
    made = Fault()

    def request(head):
        if "api_key=" in head.path:
            head.headers["authorization"] = "Bearer " + KEY
    made.request = request
    return made


def opens(route):
    made = Fault()

    def request(head):
        if head.route == route:
            head.headers["authorization"] = "Bearer " + KEY
    made.request = request
    return made


def freezes(route):
    made, kept = Fault(), {}
    made.answer = lambda head: kept.get(head.route)

    def change(head, reply):
        if head.route == route and reply.status == 200 and "origin" not in head.headers:
            kept.setdefault(route, Reply(reply.status, list(reply.headers), reply.body))
    made.response = change
    return made


def freezes_metrics():
    made, kept = Fault(), {}
    made.answer = lambda head: kept.get(head.route) if "authorization" in head.headers else None

    def change(head, reply):
        if head.route == "/metrics" and reply.status == 200:
            kept.setdefault("/metrics", Reply(reply.status, list(reply.headers), reply.body))
    made.response = change
    return made


def strips_request_id():
    def change(head, reply):
        reply.drop("x-request-id", "request-id", "traceparent")
        if reply.status >= 400 and reply.body.startswith(b"{"):
            body = json.loads(reply.body)
            body.pop("request_id", None)
            reply.body = json.dumps(body).encode()
    return on_response(change)


def strips_framing():
    def change(_, reply):
        policy = reply.get("content-security-policy")
        reply.drop("x-frame-options")
        parts = [part.strip() for part in policy.split(";") if "frame-ancestors" not in part]
        reply.set("content-security-policy", "; ".join(parts))
    return on_response(change)


def strips_encoding():
    made = Fault()
    made.request = lambda head: head.headers.pop("accept-encoding", None)
    return made


def serves_env():
    return answers(200, b"ANTHROPIC_API_KEY=made-up\n", lambda head: head.route == "/.env", "text/plain")


def malformed(head):
    try:
        json.loads(head.body or b"{}")
        return False
    except ValueError:
        return True


def not_probe(head, reply):
    return head.route not in ("/api/health", "/livez", "/readyz") and not is_stream(head, reply)


HTML = "text/html; charset=utf-8"
API_404 = "/api/weir-check-no-such-route"

CASES = [
    # Headers
    Case("nosniff is dropped", "WEIR-SEC-001", drops("x-content-type-options"), short=True),
    Case("anybody may frame the page", "WEIR-SEC-002", strips_framing()),
    Case("no referrer policy", "WEIR-SEC-003", drops("referrer-policy")),
    Case("no content security policy", "WEIR-SEC-004", drops("content-security-policy")),
    Case("the policy allows eval", "WEIR-SEC-004",
         sets("content-security-policy", "default-src 'self' 'unsafe-eval'; frame-ancestors 'none'")),
    Case("the proxy names its version", "WEIR-SEC-005", sets("server", "nginx/1.22.1")),
    Case("the framework names itself", "WEIR-SEC-005", sets("x-powered-by", "Express")),
    Case("the CDN keeps answers", "WEIR-SEC-006", sets("cache-control", "public, max-age=60", not_probe)),
    Case("a cookie that scripts read", "WEIR-SEC-007", sets("set-cookie", "session=1; Secure; SameSite=Lax")),
    Case("a cookie without Secure", "WEIR-SEC-007", sets("set-cookie", "session=1; HttpOnly; SameSite=Lax")),
    Case("TRACE is answered", "WEIR-SEC-008", answers(200, b"TRACE / HTTP/1.1", lambda head: head.method == "TRACE")),
    Case("nothing is compressed", "WEIR-SEC-009", strips_encoding()),
    Case("two lengths are taken", "WEIR-SEC-010", attribute("takes_two_lengths"), short=True),
    # TLS
    Case("HSTS is off", "WEIR-TLS-005", drops("strict-transport-security")),
    Case("HSTS is withdrawn", "WEIR-TLS-005", sets("strict-transport-security", "max-age=0")),
    Case("the certificate ends in five days", "WEIR-TLS-003", certificate="ending", short=True),
    Case("the certificate is of nobody", "WEIR-TLS-002", certificate="unknown"),
    Case("the certificate is of another name", "WEIR-TLS-002", certificate="misnamed"),
    Case("TLS 1.0 is taken", "WEIR-TLS-004", outdated_tls=True),
    # Keys
    Case("no key is asked for", "WEIR-KEY-001", settings={"VALID_API_KEYS": None}, short=True),
    Case("any key is taken", "WEIR-KEY-002", replaces_keys()),
    Case("keys are taken from the URL", "WEIR-KEY-003", takes_key_from_url()),
    # CORS
    Case("any page may read", "WEIR-CORS-003", sets("access-control-allow-origin", "*")),
    Case("every origin is mirrored", "WEIR-CORS-003", allows(lambda origin: True), short=True),
    Case("null may read", "WEIR-CORS-004", allows(lambda origin: origin == "null")),
    Case("a suffix may read", "WEIR-CORS-005", allows(lambda origin: origin.startswith(ORIGIN))),
    Case("a prefix may read", "WEIR-CORS-005", allows(lambda origin: origin.endswith("app.example.com"))),
    Case("clear text may read", "WEIR-CORS-005", allows(lambda origin: origin == "http://app.example.com")),
    Case("another port may read", "WEIR-CORS-005",
         allows(lambda origin: origin.split(":")[1:2] == ["//app.example.com"] and origin.startswith("https"))),
    Case("Vary is dropped", "WEIR-CORS-006", drops("vary")),
    Case("preflights are not answered", "WEIR-CORS-002", answers(404, where=lambda head: head.method == "OPTIONS")),
    Case("preflights name no headers", "WEIR-CORS-002", drops("access-control-allow-headers")),
    Case("the page is not on the list", "WEIR-CORS-001", settings={"ALLOWED_ORIGINS": None}),
    # Errors
    Case("malformed JSON is 500", "WEIR-ERR-001", turns(400, 500, lambda head, _: malformed(head)), short=True),
    Case("a wrong type is 500", "WEIR-ERR-002",
         turns(400, 500, lambda head, _: is_chat(head) and not malformed(head) and len(head.body) < 100)),
    Case("messages may be longer", "WEIR-ERR-003", settings={"WEIR_CONFIG": "longer_messages.toml"}),
    Case("unknown routes are pages", "WEIR-ERR-004",
         answers(404, b"<html>not found</html>", lambda head: head.route == API_404, HTML)),
    Case("unknown routes are 200", "WEIR-ERR-004",
         answers(200, b"<html></html>", lambda head: head.route == API_404, HTML)),
    Case("405 names no method", "WEIR-ERR-005", drops("allow")),
    Case("a wrong method is 404", "WEIR-ERR-005", turns(405, 404, is_chat)),
    Case("errors show the stack", "WEIR-ERR-006",
         appends("Error: x\n    at Object.<anonymous> (/srv/node_modules/next/server.js:1:1)",
                 lambda head, reply: reply.status == 400)),
    Case("errors name no request", "WEIR-ERR-007", strips_request_id()),
    Case("huge bodies are asked for", "WEIR-ERR-008", attribute("takes_huge_bodies")),
    # Health
    Case("ill with 200", "WEIR-HEALTH-002", edits_json("/api/health", lambda body: body.update(status="unhealthy"))),
    Case("health names nothing", "WEIR-HEALTH-003", edits_json("/api/health", lambda body: body.pop("checks"))),
    Case("health is frozen", "WEIR-HEALTH-004", freezes("/api/health")),
    Case("health comes from a cache", "WEIR-HEALTH-004", sets("age", "30", lambda head, _: head.route == "/api/health")),
    Case("no liveness", "WEIR-HEALTH-005", answers(404, where=lambda head: head.route == "/livez")),
    Case("no readiness", "WEIR-HEALTH-006", answers(404, where=lambda head: head.route == "/readyz"), short=True),
    Case("health tells of the database", "WEIR-HEALTH-007",
         edits_json("/api/health", lambda body: body.update(database="/var/lib/app/data.db"))),
    # Monitoring and documentation
    Case("no metrics", "WEIR-MON-001", answers(404, where=lambda head: head.route == "/metrics")),
    Case("metrics are open", "WEIR-MON-002", opens("/metrics"), short=True),
    Case("metrics are frozen", "WEIR-MON-003", freezes_metrics()),
    Case("no description", "WEIR-DOC-001", answers(404, where=lambda head: head.route == "/openapi.json")),
    Case("the description forgets the chat", "WEIR-DOC-002",
         edits_json("/openapi.json", lambda body: body["paths"].pop("/api/chat"))),
    # Secrets
    Case("a key in the page", "WEIR-ENV-001",
         appends(f"<script>k='{ANTHROPIC_KEY}'</script>", lambda head, reply: head.route == "/" and is_plain(reply)),
         short=True),
    Case("a key in a script", "WEIR-ENV-001",
         appends(f";k='{ANTHROPIC_KEY}'", lambda head, reply: head.route.endswith(".js") and is_plain(reply))),
    Case("a key in a header", "WEIR-ENV-002", sets("x-debug", ANTHROPIC_KEY)),
    Case("a key in errors", "WEIR-ENV-002",
         appends(f"upstream refused {ANTHROPIC_KEY}", lambda head, reply: reply.status == 400)),
    Case("errors repeat the caller's key", "WEIR-ENV-002",
         appends(f"bad request of {KEY}", lambda head, reply: reply.status == 400)),
    Case(".env is served", "WEIR-ENV-003", serves_env()),
    # Streaming
    Case("streams are held back", "WEIR-STREAM-001", attribute("buffers_streams"), short=True),
    Case("streams are encoded", "WEIR-STREAM-002", sets("content-encoding", "identity, gzip", is_stream)),
    Case("streams are plain text", "WEIR-STREAM-002", sets("content-type", "text/plain", is_stream)),
    Case("streams may be transformed", "WEIR-STREAM-003", sets("cache-control", "no-cache", is_stream)),
    Case("streams may be buffered", "WEIR-STREAM-003", drops("x-accel-buffering")),
    # Limits
    Case("there is no limit", "WEIR-RATE-001", settings={"WEIR_RATE_LIMIT": "off"}),
    Case("X-Forwarded-For is believed", "WEIR-RATE-002", attribute("forwards_address_fields", ("x-forwarded-for",)),
         short=True),
    Case("X-Real-IP is believed", "WEIR-RATE-002", attribute("forwards_address_fields", ("x-real-ip",))),
    Case("Forwarded is believed", "WEIR-RATE-002", attribute("forwards_address_fields", ("forwarded",))),
    Case("counts are dropped", "WEIR-RATE-003", drops("ratelimit", "ratelimit-policy")),
    Case("429 without Retry-After", "WEIR-RATE-004", drops("retry-after")),
    # Load test
    Case("the load test cannot fail", "WEIR-LOAD-001", arguments=("--load-test", "tests/bad_app/load_summary.json")),
    Case("the load test failed", "WEIR-LOAD-001",
         arguments=("--load-test", "tests/check/load_summary_crossed.json")),
]
