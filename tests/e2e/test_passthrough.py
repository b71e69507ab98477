"""What Weir does not know of Anthropic's API goes through, byte for byte; what must not, does not."""

import http.client
import http.server
import threading

import pytest

KEY = "sk-weir-passthrough-test"
UPSTREAM_KEY = "sk-upstream-for-tests"


class Recorder(http.server.BaseHTTPRequestHandler):
    """Answers everything, and remembers what it was asked."""

    protocol_version = "HTTP/1.1"
    seen = []

    def answer(self):
        if self.headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        answer = b'{"id": "skill_1",   "padded":true}'
        self.send_response(201)
        for name, value in (("content-type", "application/json"), ("content-length", str(len(answer))),
                            ("request-id", "req_up"), ("x-new-field", "as it is"), ("set-cookie", "a=b")):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def provider():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def gateway(launch_module, provider):
    return launch_module.weir(env={"ANTHROPIC_BASE_URL": provider, "ANTHROPIC_API_KEY": UPSTREAM_KEY,
                                   "VALID_API_KEYS": KEY})


def ask(gateway, method, target, body=None, headers=None, **kwargs):
    connection = http.client.HTTPConnection(gateway.host, gateway.port, timeout=20)
    connection.request(method, target, body, {"x-api-key": KEY} | (headers or {}), **kwargs)
    answer = connection.getresponse()
    return answer, answer.read()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])
@pytest.mark.parametrize("version", ["2023-06-01", "2026-10-21"])
def test_every_method_with_its_query_and_body(gateway, method, version):
    target = "/v1/skills/skill_1/versions?beta=true&b=%20x+y&a=1&a=2&empty="
    body = b'{"unknown":  [1,2 ]}' if method in ("POST", "PUT", "PATCH") else None
    answer, text = ask(gateway, method, target, body, {
        "anthropic-version": version, "anthropic-beta": "skills-2025-10-02,made-up-2030-01-01",
        "x-made-up": "yes", "cookie": "c=d", "connection": "x-hop", "x-hop": "no", "x-forwarded-for": "192.0.2.1"})
    assert answer.status == 201
    if method != "HEAD":
        assert text == b'{"id": "skill_1",   "padded":true}'
    assert answer.headers["x-new-field"] == "as it is" and answer.headers["set-cookie"] is None
    got_method, got_target, fields, got_body = Recorder.seen[-1]
    assert (got_method, got_target, got_body) == (method, target, body or b"")
    assert fields["anthropic-version"] == version and fields["x-made-up"] == "yes"
    assert fields["anthropic-beta"] == "skills-2025-10-02,made-up-2030-01-01"
    assert fields["x-api-key"] == UPSTREAM_KEY
    assert not {"authorization", "cookie", "x-hop", "x-forwarded-for"} & fields.keys()
    assert KEY not in str(fields)


def test_both_key_fields_and_no_key(gateway):
    answer, _ = ask(gateway, "GET", "/v1/skills", headers={"x-api-key": "", "authorization": f"Bearer {KEY}"})
    assert answer.status == 201 and "authorization" not in Recorder.seen[-1][2]
    before = len(Recorder.seen)
    for wrong in ({"x-api-key": "sk-wrong"}, {"x-api-key": ""}):
        answer, text = ask(gateway, "GET", "/v1/skills", headers=wrong)
        assert answer.status == 401 and b"authentication_error" in text
    assert len(Recorder.seen) == before


def test_a_large_body_is_passed_on_in_chunks(gateway):
    body = bytes(range(256)) * 12_000
    answer, _ = ask(gateway, "POST", "/v1/skills", iter([body[:1000], body[1000:]]), encode_chunked=True)
    assert answer.status == 201 and Recorder.seen[-1][3] == body
    assert Recorder.seen[-1][2]["transfer-encoding"] == "chunked"
    answer, _ = ask(gateway, "POST", "/v1/skills", body)
    assert answer.status == 201 and Recorder.seen[-1][3] == body
    assert Recorder.seen[-1][2]["content-length"] == str(len(body))


@pytest.mark.parametrize("target", [
    "/v1/organizations", "/v1/organizations/api_keys", "/v1/Organizations/users", "/v1/%6frganizations/users",
    "/v1//organizations/users", "/v1/files/", "/v1//files", "/v1/Files/file_1", "/v1/files/file_1/content/",
    "/v1/messages/", "/v1/messages/batches/", "/v1/messages//batches", "/v1/messages/batches/b/results/"])
def test_what_is_never_forwarded(gateway, target):
    before = len(Recorder.seen)
    answer, text = ask(gateway, "GET", target)
    assert answer.status == 404 and b"not_found_error" in text
    assert len(Recorder.seen) == before


def test_the_organization_api_can_be_opened(launch, provider, tmp_path):
    config = tmp_path / "weir.toml"
    config.write_text("[edge]\norganization_api = true\n")
    gateway = launch.weir(env={"ANTHROPIC_BASE_URL": provider, "ANTHROPIC_API_KEY": UPSTREAM_KEY,
                               "VALID_API_KEYS": KEY, "WEIR_CONFIG": str(config)})
    assert ask(gateway, "GET", "/v1/organizations/users?limit=2")[0].status == 201
    assert Recorder.seen[-1][1] == "/v1/organizations/users?limit=2"


def test_other_manners_stay_as_they_are(gateway):
    assert ask(gateway, "GET", "/v1/messages")[0].status == 405
    answer, text = ask(gateway, "GET", "/v1/chat/unknown")
    assert answer.status == 404 and b'"error":{' in text and b'"type":"error"' not in text


def test_the_probes_of_claude_code(gateway):
    # The warm-up comes without a key, and before anything else.
    for path in ("/", "/api/hello"):
        connection = http.client.HTTPConnection(gateway.host, gateway.port, timeout=20)
        connection.request("HEAD", path)
        answer = connection.getresponse()
        assert answer.status == 200 and answer.read() == b""
