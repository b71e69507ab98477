"""The bodies of all requests together have one bound (edge.body_memory_max): who comes beyond it is told to come
again, in the manner of the API that was called, and nothing of it stays behind."""

import contextlib
import json
import socket
import time

PIECE = 300 * 1024


def measured(weir, name):
    for line in weir.request("GET", "/metrics").body.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"no metric {name}")


def wait_for(what, seconds=10):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.05)
    return what()


def begin_upload(weir, path):
    """A client that sends the beginning of a body and then takes its time."""
    client = socket.create_connection((weir.host, weir.port), timeout=10)
    client.sendall(f"POST {path} HTTP/1.1\r\nHost: slow\r\nContent-Type: application/json\r\n"
                   f"Content-Length: {2 * PIECE}\r\n\r\n".encode())
    with contextlib.suppress(OSError):
        client.sendall(b" " * PIECE)
    return client


def answer_of(client):
    received = b""
    with contextlib.suppress(OSError):
        while piece := client.recv(65536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    return head.decode().lower(), json.loads(body)


def test_slow_uploads_share_one_budget_which_is_whole_again_afterwards(launch, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text('[edge]\nbody_memory_max = "1MiB"\n')
    weir, _ = launch.pair(env={"WEIR_CONFIG": str(config)})
    held = []
    for count in range(1, 4):
        held.append(begin_upload(weir, "/v1/messages"))
        assert wait_for(lambda n=count: measured(weir, "weir_request_body_bytes") == n * PIECE)

    for path, in_its_manner in (("/v1/messages", lambda body: body["error"]["type"] == "overloaded_error"),
                                ("/v1/chat/completions", lambda body: body["error"]["code"] == "overloaded"),
                                ("/api/documents", lambda body: body["code"] == "overloaded")):
        head, body = answer_of(begin_upload(weir, path))
        assert head.startswith("http/1.1 503 "), head
        assert "\r\nretry-after: 1" in head, head
        assert in_its_manner(body), body
    assert weir.request("GET", "/readyz").status == 200
    assert measured(weir, "weir_request_body_bytes") == 3 * PIECE

    for client in held:
        client.close()
    assert wait_for(lambda: measured(weir, "weir_request_body_bytes") == 0)
    message = {"model": "claude-haiku-4-5", "max_tokens": 16, "messages": [{"role": "user", "content": "x" * PIECE}]}
    assert weir.request("POST", "/v1/messages", message).status == 200
    assert measured(weir, "weir_request_body_bytes") == 0


def test_a_stream_holds_no_body_any_more(launch):
    weir, _ = launch.pair(upstream_args=["--event-delay", "200ms"])
    message = {"model": "claude-haiku-4-5", "max_tokens": 16, "stream": True,
               "messages": [{"role": "user", "content": "x" * PIECE}]}
    text = json.dumps(message).encode()
    client = socket.create_connection((weir.host, weir.port), timeout=10)
    client.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                   b"Content-Length: %d\r\n\r\n" % len(text) + text)
    assert client.recv(100).startswith(b"HTTP/1.1 200 ")
    assert measured(weir, "weir_request_body_bytes") == 0
    client.close()
