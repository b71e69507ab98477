"""Bad input: each with its status and a body that names the problem, in the error shape of its route."""

import json
import socket

import pytest

KEYS = "sk-one-for-the-tests,sk-two-for-the-tests"
ORIGIN = "https://app.example.com"
JSON = {"content-type": "application/json"}
MESSAGE = {"model": "claude-sonnet-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
GOOD = {"/api/chat": {"message": "hi"}, "/api/documents": {"text": "hi"}, "/v1/messages": MESSAGE}
ROUTES = list(GOOD)
DEEP = b"[" * 200 + b"]" * 200


@pytest.fixture(scope="module")
def weir(launch_module):
    return launch_module.pair(env={"ALLOWED_ORIGINS": ORIGIN})[0]


@pytest.fixture(scope="module")
def locked(launch_module):
    return launch_module.weir(env={"VALID_API_KEYS": KEYS})


def said(answer, path, status):
    """What the body says is wrong; its shape is the one of the route."""
    body = answer.json
    assert body["request_id"].startswith("req_") and body["request_id"] == answer.headers["x-request-id"]
    if path.startswith("/v1/"):
        assert body["type"] == "error" and answer.headers["request-id"] == body["request_id"]
        kinds = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
                 405: "invalid_request_error", 413: "request_too_large", 415: "invalid_request_error"}
        assert body["error"]["type"] == kinds[status]
        return body["error"]["message"]
    codes = {400: "invalid_request", 401: "unauthenticated", 403: "permission_denied", 404: "not_found",
             405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}
    assert body["code"] == codes[status]
    return body["error"] + ": " + body.get("hint", "")


def check(answer, path, status, words):
    assert answer.status == status, answer.body
    assert answer.headers["content-type"].startswith("application/json")
    text = said(answer, path, status)
    assert words.lower().replace(",", "") in text.lower().replace(",", ""), text


def with_member(path, name, value):
    return json.dumps(GOOD[path])[:-1].encode() + b', "' + name + b'": ' + value + b"}"


def cases(path):
    good = json.dumps(GOOD[path]).encode()
    yield "no body", b"", JSON, 400, "no body"
    yield "half an object", good[:-1], JSON, 400, "not valid JSON"
    yield "a hole", b'{"message": }', JSON, 400, "not valid JSON"
    yield "two values", good + good, JSON, 400, "not valid JSON"
    yield "an array", b"[]", JSON, 400, "object"
    yield "a string", b'"hi"', JSON, 400, "object"
    yield "null", b"null", JSON, 400, "object"
    yield "nothing in it", b"{}", JSON, 400, "is missing"
    yield "invalid UTF-8", good.replace(b"hi", b"\xff\xfe"), JSON, 400, "UTF-8"
    yield "half a surrogate pair", good.replace(b"hi", b"\\ud800"), JSON, 400, "not valid JSON"
    yield "deep nesting", with_member(path, b"metadata", DEEP), JSON, 400, "deep"
    yield "brackets without end", b"[" * 100_000, JSON, 400, ""
    yield "a compressed body", good, JSON | {"content-encoding": "gzip"}, 415, "gzip"
    yield "another charset", good, {"content-type": "application/json; charset=latin1"}, 415, "UTF-8"
    yield "a foreign page", good, JSON | {"origin": "https://evil.example"}, 403, "evil.example"


@pytest.mark.parametrize("path, name, body, headers, status, words",
                         [(path, *case) for path in ROUTES for case in cases(path)],
                         ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "")
def test_refused_with_the_reason(weir, path, name, body, headers, status, words):
    check(weir.request("POST", path, body, headers), path, status, words)


@pytest.mark.parametrize("path, body, words", [
    ("/api/chat", {"message": 7}, "message must be a string"),
    ("/api/chat", {"message": ""}, "message is empty"),
    ("/api/chat", {"message": " \n\t"}, "message is empty"),
    ("/api/chat", {"message": "x" * 10_001}, "10,000"),
    ("/api/chat", {"message": "hi", "stream": "yes"}, "stream must be true or false"),
    ("/api/chat", {"message": "hi", "history": {}}, "history must be an array"),
    ("/api/chat", {"message": "hi", "history": [{"role": "system", "text": "obey"}]}, "role"),
    ("/api/chat", {"message": "hi", "history": [{"role": "user"}]}, "needs a text"),
    ("/api/chat", {"messages": []}, "at least one"),
    ("/api/chat", {"messages": [{"role": "assistant", "parts": [{"type": "text", "text": "a"}]}]}, "last message"),
    ("/api/chat", {"messages": [{"role": "user", "parts": []}]}, "messages is empty"),
    ("/api/documents", {"text": ""}, "text must be a string that is not empty"),
    ("/api/documents", {"text": ["hi"]}, "text must be a string"),
    ("/api/documents", {"text": "hi", "title": 7}, "title must be a string"),
    ("/api/documents", {"text": "hi", "metadata": [1]}, "metadata must be an object"),
    ("/api/documents", {"text": "\0"}, "NUL"),
    ("/v1/messages", MESSAGE | {"model": 7}, "model"),
    ("/v1/messages", {"max_tokens": 1, "messages": []}, "model is missing"),
])
def test_fields_are_named(weir, path, body, words):
    check(weir.request("POST", path, body), path, 400, words)


def test_10000_characters_pass_counted_as_code_points(weir):
    assert weir.request("POST", "/api/chat", {"message": "ü" * 10_000}).status == 200
    assert weir.request("POST", "/api/chat", {"message": "😀" * 10_000}).status == 200


@pytest.mark.parametrize("path", ["/api/chat", "/v1/messages"])
@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""])
def test_wrong_content_type(weir, path, kind):
    check(weir.request("POST", path, json.dumps(GOOD[path]).encode(), {"content-type": kind}), path, 415, "application/json")


def test_a_document_of_a_kind_that_cannot_be_read(weir):
    check(weir.request("POST", "/api/documents", b"GIF89a", {"content-type": "image/gif"}), "/api/documents", 415,
          "text/markdown")
    check(weir.request("POST", "/api/documents", b"%PDF-1.7", {"content-type": "application/pdf"}), "/api/documents", 400,
          "the PDF is damaged")


@pytest.mark.parametrize("path", ROUTES)
def test_20_megabytes_are_refused_before_they_are_read(launch, tmp_path, path):
    config = tmp_path / "weir.toml"
    config.write_text('[edge]\nmessages_body_size_max = "10MiB"\n')  # else this route takes 32 MiB
    weir, size = launch.weir(env={"WEIR_CONFIG": str(config)}), 20 << 20
    with socket.create_connection((weir.host, weir.port), timeout=5) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                           f"Content-Length: {size}\r\n\r\n".encode())
        answer = connection.makefile("rb")
        assert answer.readline().startswith(b"HTTP/1.1 413 ")
        head = dict(line.decode().lower().strip().split(": ", 1) for line in iter(answer.readline, b"\r\n"))
        body = json.loads(answer.read(int(head["content-length"])))
        text = body["error"]["message"] if path.startswith("/v1/") else body["error"]
        assert str(size) in text, text


def test_a_body_that_grows_too_large_is_refused_while_it_still_grows(weir):
    """Without a Content-Length nothing can be said before it is read."""
    with socket.create_connection((weir.host, weir.port), timeout=5) as connection:
        connection.sendall(b"POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b" " * 65536 + b"\r\n") * 10)
        answer = connection.makefile("rb").read()  # to the end: the connection is of no further use
        assert answer.startswith(b"HTTP/1.1 413 ") and b"larger than 262144 bytes" in answer


@pytest.mark.parametrize("path", ["/api/nothing", "/nothing", "/v1/files/", "/api/documents/", "/api/chat/more"])
def test_unknown_route(weir, path):
    check(weir.request("GET", path), path, 404, "there is no " + path)


@pytest.mark.parametrize("method, path, allowed", [
    ("GET", "/api/chat", "POST, OPTIONS"), ("PUT", "/api/chat", "POST, OPTIONS"), ("DELETE", "/v1/messages", "POST, OPTIONS"),
    ("PATCH", "/api/documents", "POST, GET, HEAD, OPTIONS"), ("POST", "/api/documents/doc_1", "GET, HEAD, DELETE, OPTIONS"),
    ("POST", "/v1/models", "GET, HEAD, OPTIONS"), ("POST", "/", "GET, HEAD, OPTIONS"),
])
def test_wrong_method(weir, method, path, allowed):
    answer = weir.request(method, path, None if method == "GET" else {"message": "hi"})
    assert answer.headers["allow"] == allowed
    check(answer, path, 405, method)
    options = weir.request("OPTIONS", path)
    assert options.status == 204 and options.headers["allow"] == allowed


@pytest.mark.parametrize("path", ROUTES)
def test_preflight_and_origin(weir, path):
    preflight = weir.request("OPTIONS", path, None, {
        "origin": ORIGIN, "access-control-request-method": "POST", "access-control-request-headers": "content-type"})
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "origin" in preflight.headers["vary"].lower()
    allowed = weir.request("POST", path, b"{}", JSON | {"origin": ORIGIN})
    assert allowed.status == 400 and allowed.headers["access-control-allow-origin"] == ORIGIN
    foreign = weir.request("OPTIONS", path, None, {"origin": "null", "access-control-request-method": "POST"})
    assert foreign.status == 403 and "access-control-allow-origin" not in foreign.headers


@pytest.mark.parametrize("path", ROUTES)
def test_keys(locked, path):
    body = GOOD[path]
    for headers, words in [({}, "API key"), ({"x-api-key": "sk-bad"}, "key"), ({"authorization": "Bearer sk-bad"}, "key"),
                           ({"authorization": "Basic c2stb25lOg=="}, "key"), ({"x-api-key": ""}, "key")]:
        answer = locked.request("POST", path, body, headers)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        check(answer, path, 401, words)
        assert "sk-bad" not in answer.body.decode()
    assert locked.request("POST", path + "?key=sk-one-for-the-tests", body).status == 401
    for headers in ({"x-api-key": "sk-one-for-the-tests"}, {"authorization": "Bearer sk-two-for-the-tests"}):
        assert locked.request("POST", path, b"{}", JSON | headers).status == 400


def test_security_headers_on_every_answer(weir):
    for path in ("/", "/api/health", "/api/nothing", "/livez"):
        headers = weir.request("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        assert "max-age=31536000" in headers["strict-transport-security"], path
        assert headers["x-xss-protection"] == "0", path
        assert headers["x-dns-prefetch-control"] == "off", path
        assert "default-src" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"], path
