"""HTTP/2 on both sides: curl to a Weir, and from there over TLS to a second one, which stands for the provider."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import API_KEY

ASK = {"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Say something."}]}


@pytest.fixture
def chain(launch, tmp_path):
    """The outer Weir; the inner one, which speaks TLS; the simulated provider."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=inner", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
                   check=True, capture_output=True)
    upstream = launch.upstream()
    (tmp_path / "inner.toml").write_text(f'[server]\ntls_certificate_file = "{cert}"\ntls_key_file = "{key}"\n'
                                         f'[anthropic]\nbase_url = "{upstream.url}"\napi_key = "{API_KEY}"\n')
    inner = launch.weir_tls(tmp_path / "inner.toml")
    outer = launch.weir(env={"ANTHROPIC_BASE_URL": f"https://127.0.0.1:{inner.port}", "ANTHROPIC_API_KEY": API_KEY,
                             "SSL_CERT_FILE": str(cert)})
    return outer, inner, upstream


def curl(url, *args, body=None):
    """Status, version and body of one call over HTTP/2."""
    command = ["curl", "-sk", "--max-time", "30", "-w", "\n%{http_code} %{http_version}", *args, url]
    if body is not None:
        command += ["-H", "content-type: application/json", "-d", json.dumps(body)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    text, _, last = done.stdout.rpartition("\n")
    status, version = last.split()
    return int(status), version, text


def test_requests_over_tls_and_with_prior_knowledge(chain):
    outer, inner, _ = chain
    for url, how in ((outer.url, "--http2-prior-knowledge"), (f"https://127.0.0.1:{inner.port}", "--http2")):
        assert curl(url + "/livez", how)[:2] == (200, "2")
        assert curl(url + "/nowhere", how)[:2] == (404, "2")
        assert curl(url + "/livez", how, "-I")[:2] == (200, "2")


def test_messages_pass_through_both(chain):
    outer, inner, _ = chain
    status, version, text = curl(outer.url + "/v1/messages", "--http2-prior-knowledge", body=ASK)
    assert (status, version) == (200, "2"), text
    assert json.loads(text)["content"]
    status, version, text = curl(outer.url + "/v1/messages", "--http2-prior-knowledge", "-N", body=ASK | {"stream": True})
    assert (status, version) == (200, "2")
    assert text.startswith("event: message_start") and "event: message_stop" in text


def connections(weir):
    """How many connections the outer Weir has opened to its provider."""
    lines = weir.request("GET", "/metrics").body.decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("weir_client_connections_opened_total"))


def test_calls_share_connections(chain):
    outer, _, _ = chain
    with ThreadPoolExecutor(16) as pool:
        calls = [pool.submit(curl, outer.url + "/v1/messages", "--http2-prior-knowledge", body=ASK) for _ in range(48)]
        assert {call.result()[0] for call in calls} == {200}
    opened = connections(outer)
    loops = os.cpu_count()
    assert 1 <= opened <= loops, "one connection for each loop"
