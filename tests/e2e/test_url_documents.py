"""Documents by URL: read as files are; nothing inside can be reached, by name, by redirect or in any spelling."""

import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import BINARY


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        path = self.path.split("?")[0]
        if path == "/page.html":
            return self.answer(200, b"<title>Parking</title><h1>Parking</h1><p>Visitors park on level 3.</p>", "text/html; charset=utf-8")
        if path == "/latin.txt":
            return self.answer(200, "Größe".encode("latin1"), "text/plain; charset=iso-8859-1")
        if path == "/large.txt":
            return self.answer(200, b"x" * (17 << 20), "text/plain")
        if path.startswith("/hop/"):
            left = int(path[5:])
            return self.answer(302, b"", "text/plain", "/page.html" if left == 0 else f"/hop/{left - 1}")
        if path == "/away":
            return self.answer(302, b"", "text/plain", self.path.split("?", 1)[1])
        if path == "/picture":
            return self.answer(200, b"\x89PNG\r\n\x1a\n", "image/png")
        return self.answer(404, b"no", "text/plain")

    def answer(self, status, body, kind, location=None):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        if location:
            self.send_header("location", location)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # the reader has seen enough

    def log_message(self, *_):
        pass


def serve():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def site():
    server = serve()
    yield server
    server.shutdown()


@pytest.fixture(scope="module")
def inside():
    """What must never be asked."""
    server = serve()
    yield server
    server.shutdown()
    assert server.asked == []


@pytest.fixture(scope="module")
def config(tmp_path_factory, site):
    path = tmp_path_factory.mktemp("urls") / "weir.toml"
    path.write_text(f'[documents]\nurl_hosts_allowed = ["127.0.0.1:{site.server_port}"]\nurl_timeout = "5s"\n')
    return path


@pytest.fixture(scope="module")
def weir(launch_module, config):
    return launch_module.weir(env={"WEIR_CONFIG": str(config)})


def take(weir, url, **more):
    return weir.request("POST", "/api/documents", {"url": url} | more)


def test_a_page_is_taken_and_again_unchanged(weir, site):
    url = f"http://127.0.0.1:{site.server_port}/page.html?x=1#part"
    answer = take(weir, url, metadata={"team": "a"})
    assert answer.status == 201, answer.body
    assert answer.json["title"] == "Parking" and answer.json["source"] == url and answer.json["metadata"] == {"team": "a"}
    assert take(weir, url).json["outcome"] == "unchanged"
    latin = take(weir, f"http://127.0.0.1:{site.server_port}/latin.txt").json
    assert weir.request("GET", f"/api/documents/{latin['id']}").json["text"] == "Größe"


def test_redirects_are_followed_five_times(weir, site):
    base = f"http://127.0.0.1:{site.server_port}"
    assert take(weir, base + "/hop/4").status == 201
    answer = take(weir, base + "/hop/5")
    assert answer.status == 400 and "redirects more than 5 times" in answer.json["error"]


@pytest.mark.parametrize("spelling", [
    "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://127.1:{port}/", "http://2130706433:{port}/", "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/", "http://0.0.0.0:{port}/", "http://0:{port}/", "http://[::1]:{port}/", "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/", "http://[64:ff9b::7f00:1]:{port}/", "http://[2002:7f00:1::]:{port}/",
    "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/latest/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/",
    "http://100.64.0.1/", "http://[fe80::1]/", "http://user:secret@127.0.0.1:{port}/", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/",
    "http://127.0.0.1:{port}\\@example.com/", "//127.0.0.1:{port}/", "", "http://",
])
@pytest.mark.parametrize("way", ["named", "redirected"])
def test_what_is_inside_is_refused(weir, site, inside, spelling, way):
    url = spelling.format(port=inside.server_port)
    if way == "redirected":
        if not url or url.startswith("//"):
            return  # the former is no redirect, the latter is http
        url = f"http://127.0.0.1:{site.server_port}/away?{url}"
    answer = take(weir, url)
    assert answer.status in (400, 502), (answer.status, answer.body)
    assert inside.asked == []
    if answer.status == 502:  # no resolver knows it
        assert "resolve" in answer.json["error"]


def test_what_cannot_be_taken_is_said(weir, site):
    base = f"http://127.0.0.1:{site.server_port}"
    assert take(weir, base + "/none").status == 502 and "answers 404" in take(weir, base + "/none").json["error"]
    assert take(weir, base + "/large.txt").status == 413
    assert take(weir, base + "/picture").status == 415
    assert take(weir, base + "/page.html", text="x").status == 400
    assert weir.request("POST", "/api/documents", {"url": 7}).status == 400


def test_the_command_takes_pages_too(site, config, tmp_path):
    url = f"http://127.0.0.1:{site.server_port}/page.html"
    command = [BINARY, "ingest", "--data", str(tmp_path / "data"), "--config", str(config), "--json", url]
    first = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert first.returncode == 0, first.stderr
    assert '"created":1' in first.stdout
    assert '"unchanged":1' in subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    inside = subprocess.run([*command[:-1], "http://127.0.0.1:1/"], capture_output=True, text=True, timeout=60)
    assert inside.returncode == 1 and "no address that may be connected to" in inside.stderr
