"""The sliding window, through the real server."""

import socket
import threading

REQUEST = b"GET /api/documents HTTP/1.1\r\nHost: weir\r\n%s\r\n"


def statuses(port, count, extra=b""):
    """`count` requests on one kept-alive connection."""
    found = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        stream = connection.makefile("rb")
        for _ in range(count):
            connection.sendall(REQUEST % extra)
            found.append(int(stream.readline().split()[1]))
            length = 0
            while (line := stream.readline().strip()):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            stream.read(length)
    return found


def hammer(port, connections, total, extra=lambda index: b""):
    results = []

    def run(index):
        results.append(statuses(port, total // connections, extra(index)))

    threads = [threading.Thread(target=run, args=(index,)) for index in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [status for part in results for status in part]


def test_exactly_100_of_10000_pass_under_64_connections(launch):
    weir = launch.weir(rate_limit="100/15m")
    found = hammer(weir.port, 64, 9984) + statuses(weir.port, 16)
    assert len(found) == 10_000
    assert found.count(200) == 100 and found.count(429) == 9_900


def test_forged_forwarding_headers_change_nothing(launch):
    weir = launch.weir(rate_limit="100/15m")
    forged = lambda i: b"X-Forwarded-For: 10.1.%d.%d\r\nForwarded: for=10.2.0.%d\r\nX-Real-IP: 10.3.0.%d\r\n" % (
        i, i, i, i)
    assert hammer(weir.port, 16, 800, forged).count(200) == 100


def test_a_refusal_says_when_to_come_back(launch):
    weir = launch.weir(rate_limit="2/1m")
    first = weir.request("GET", "/api/documents")
    assert first.headers["ratelimit-policy"] == '"default";q=2;w=60'
    weir.request("GET", "/api/documents")
    refused = weir.request("GET", "/api/documents")
    assert refused.status == 429 and "error" in refused.json
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    as_anthropic = weir.request("POST", "/v1/messages", {"model": "m"})
    assert as_anthropic.status == 429 and as_anthropic.json["error"]["type"] == "rate_limit_error"
    assert weir.request("GET", "/livez").status == 200
