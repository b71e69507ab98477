"""Bad input: each with its status and a body that names the problem."""

import socket

import pytest


def post(weir, body, content_type="application/json"):
    return weir.request("POST", "/api/chat", body, {"content-type": content_type})


@pytest.mark.parametrize("body, status, words", [
    (b"", 400, "body"),
    (b"{", 400, "JSON"),
    (b'{"message": }', 400, "JSON"),
    (b"[]", 400, "object"),
    (b"{}", 400, "message"),
    (b'{"message": 7}', 400, "message"),
    (b'{"message": ""}', 400, "message"),
    (b'{"message": "' + b"x" * 10_001 + b'"}', 400, "10,000"),
    (b'{"message": "\xff\xfe"}', 400, "UTF-8"),
    (b'{"message": "hi", "metadata": ' + b"[" * 200 + b"]" * 200 + b"}", 400, "nest"),
])
def test_refused_with_the_reason(weir, body, status, words):
    answer = post(weir, body)
    assert answer.status == status
    text = answer.json["error"] + " " + answer.json.get("hint", "")
    assert words.lower().replace(",", "") in text.lower().replace(",", ""), text


def test_10000_characters_pass_counted_as_code_points(weir):
    assert post(weir, ('{"message": "%s"}' % ("ü" * 10_000)).encode()).status == 200


def test_wrong_content_type(weir):
    answer = post(weir, b'{"message": "hi"}', "text/plain")
    assert answer.status == 415 and "application/json" in answer.json["error"] + answer.json.get("hint", "")


def test_20_megabytes_are_refused_before_they_are_read(weir):
    with socket.create_connection((weir.host, weir.port), timeout=5) as connection:
        connection.sendall(b"POST /api/chat HTTP/1.1\r\nHost: weir\r\nContent-Type: application/json\r\n"
                           b"Content-Length: 20971520\r\n\r\n")
        assert connection.recv(64).startswith(b"HTTP/1.1 413 ")


def test_unknown_route_and_wrong_method(weir):
    missing = weir.request("GET", "/api/nothing")
    assert missing.status == 404 and "error" in missing.json
    wrong = weir.request("PUT", "/api/chat", {"message": "hi"})
    assert wrong.status == 405 and "POST" in wrong.headers["allow"]
    assert weir.request("GET", "/v1/nothing").json["error"]["type"] == "not_found_error"


def test_foreign_origin_and_preflight(launch):
    weir = launch.weir(env={"ALLOWED_ORIGINS": "https://app.example.com"})
    foreign = weir.request("POST", "/api/chat", {"message": "hi"}, {"origin": "https://evil.example"})
    assert foreign.status == 403 and "evil.example" in foreign.json["error"] + foreign.json.get("hint", "")
    preflight = weir.request("OPTIONS", "/api/chat", None, {
        "origin": "https://app.example.com", "access-control-request-method": "POST",
        "access-control-request-headers": "content-type"})
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "https://app.example.com"
    assert "origin" in preflight.headers["vary"].lower()


def test_keys(launch):
    weir = launch.weir(env={"VALID_API_KEYS": "sk-one-for-the-tests,sk-two-for-the-tests"})
    for headers, status in [({}, 401), ({"x-api-key": "sk-bad"}, 401), ({"x-api-key": "sk-one-for-the-tests"}, 200),
                            ({"authorization": "Bearer sk-two-for-the-tests"}, 200)]:
        assert weir.request("GET", "/api/documents", None, headers).status == status, headers
    assert weir.request("GET", "/api/documents?key=sk-one-for-the-tests").status == 401
    refused = weir.request("POST", "/v1/messages", {"model": "m"})
    assert refused.status == 401 and refused.json["error"]["type"] == "authentication_error"


def test_security_headers_on_every_answer(weir):
    for path in ("/", "/api/health", "/api/nothing", "/livez"):
        headers = weir.request("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        assert "max-age=31536000" in headers["strict-transport-security"], path
        assert headers["x-xss-protection"] == "0", path
        assert headers["x-dns-prefetch-control"] == "off", path
        assert "default-src" in headers["content-security-policy"], path
