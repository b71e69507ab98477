"""Streams that outlive their connection: every byte once, one upstream call, one ledger row."""

import http.client
import json
import random
import re
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

FAULT = "events=40,event_delay_ms=4"


def body_of(text, **more):
    return json.dumps({"model": "claude-sonnet-5-5", "max_tokens": 64, "stream": True,
                       "messages": [{"role": "user", "content": text}]} | more).encode()


def connect(process, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=60)
    connection.request(method, path, body, {"content-type": "application/json"} | (headers or {}))
    return connection, connection.getresponse()


def read(answer, until=None):
    """What arrives up to `until` bytes, and whether the answer has come to its proper end."""
    got = b""
    try:
        while until is None or len(got) < until:
            piece = answer.read1(65536 if until is None else until - len(got))
            if not piece:
                return got, True
            got += piece
    except (http.client.IncompleteRead, ConnectionError):
        pass
    return got, False


def whole_events(got):
    """How many events are complete, and where the last of them ends."""
    end = got.rfind(b"\n\n") + 2 if b"\n\n" in got else 0
    return sum(b"data:" in event for event in got[:end].split(b"\n\n")), end


def anonymous(stream):
    return re.sub(rb'"msg_[^"]*"', b'"msg"', stream)


def numbers(stream):
    return [int(number) for number in re.findall(rb"^id: (\d+)$", stream, re.M)]


def metric(weir, name):
    text = weir.request("GET", "/metrics").body.decode()
    return float(re.search(rf"^{name} (\S+)$", text, re.M)[1])


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def ledger(weir):
    with sqlite3.connect(f"file:{weir.data}/weir.db?mode=ro", uri=True) as database:
        return database.execute("SELECT request_id, error_type FROM ledger").fetchall()


def begin(weir, text="Tell me a story", fault="events=200,event_delay_ms=20", **headers):
    fields = {"x-weir-fault": fault, "x-weir-grace": "60s"} | {k.replace("_", "-"): v for k, v in headers.items()}
    connection, answer = connect(weir, "POST", "/v1/messages", body_of(text), fields)
    assert answer.status == 200
    return connection, answer, answer.headers["x-weir-stream-id"]


def broken_client(weir, number, length, seed):
    """One stream, cut 1 to 5 times at random bytes; what the client has in the end."""
    chance = random.Random(seed)
    asks = {"x-weir-resume": "true"} if number % 2 else {"x-weir-grace": "60s"}
    cuts = sorted(chance.randrange(1, length) for _ in range(chance.randint(1, 5)))
    connection, answer = connect(weir, "POST", "/v1/messages", body_of(f"question {number}"),
                                 {"x-weir-fault": FAULT} | asks)
    assert answer.status == 200
    stream, got = answer.headers["x-weir-stream-id"], b""
    for cut in cuts:
        more, ended = read(answer, max(0, cut - len(got)))
        got += more
        connection.close()
        events, end = whole_events(got)
        got = got[:end]
        if chance.random() < 0.5:
            connection, answer = connect(weir, "GET", f"/api/streams/{stream}?after={events}")
        else:
            connection, answer = connect(weir, "GET", f"/api/streams/{stream}", headers={"last-event-id": str(events)})
        assert answer.status in (200, 204), answer.read()
        assert answer.headers["x-weir-stream-id"] == stream
    more, ended = read(answer)
    connection.close()
    assert ended, f"stream {number} did not come to its end"
    return got + more


def test_streams_cut_at_random_bytes_lose_and_repeat_nothing(launch, long_run):
    weir, upstream = launch.pair()
    count = 1000 if long_run else 100
    _, answer = connect(upstream, "POST", "/v1/messages", body_of("question 0"), {"x-api-key": "k", "x-weir-fault": FAULT})
    length = len(answer.read())
    before = upstream.request("GET", "/__stats").json["requests"]
    with ThreadPoolExecutor(16) as pool:
        received = list(pool.map(lambda n: broken_client(weir, n, length, 7_000 + n), range(count)))
    assert upstream.request("GET", "/__stats").json["requests"] - before == count
    assert metric(weir, "weir_streams_resumed_total") >= count
    wait_for(lambda: metric(weir, "weir_streams_open") == 0, 10, "every stream has ended")

    def unbroken(number):
        return connect(upstream, "POST", "/v1/messages", body_of(f"question {number}"),
                       {"x-api-key": "k", "x-weir-fault": "events=40"})[1].read()

    for number, got in enumerate(received):
        if number % 2:
            assert numbers(got) == list(range(1, len(numbers(got)) + 1))
            got = re.sub(rb"^id: \d+\n", b"", got, flags=re.M)
        assert b"event: message_stop" in got
        assert anonymous(got) == anonymous(unbroken(number)), f"stream {number}"
    assert weir.stop() == 0
    rows = ledger(weir)
    assert len(rows) == len({row[0] for row in rows}) == count
    assert {row[1] for row in rows} == {""}
    print(f"{count} streams, each cut 1 to 5 times: all bytes equal, {count} upstream calls, {count} ledger rows")


def test_without_being_asked_for_nothing_is_resumable(launch):
    weir, _ = launch.pair()
    for headers in ({}, {"x-weir-resume": "false"}, {"x-weir-grace": "0"}):
        _, answer = connect(weir, "POST", "/v1/messages", body_of("hi"), headers)
        assert answer.status == 200 and answer.headers["x-weir-stream-id"] is None
        assert numbers(answer.read()) == []
    for headers in ({"x-weir-resume": "maybe"}, {"x-weir-grace": "soon"}):
        assert weir.request("POST", "/v1/messages", body_of("hi"),
                            {"content-type": "application/json"} | headers).status == 400
    assert metric(weir, "weir_streams_held") == 0


def test_a_second_reader_takes_over_and_head_does_not(launch):
    weir, _ = launch.pair()
    first, answer, stream = begin(weir)
    got, _ = read(answer, 600)
    head = weir.request("HEAD", f"/api/streams/{stream}")
    assert head.status == 200 and head.headers["x-weir-stream-id"] == stream
    events, end = whole_events(got)
    _, second = connect(weir, "GET", f"/api/streams/{stream}", headers={"last-event-id": str(events)})
    assert second.headers["content-type"] == answer.headers["content-type"]
    _, ended = read(answer)
    assert not ended, "the older reader must not take what it has for the whole"
    rest, ended = read(second)
    assert ended and b"message_stop" in rest
    assert weir.request("GET", f"/api/streams/{stream}?after={events + whole_events(rest)[0]}").status == 204
    assert weir.request("GET", f"/api/streams/{stream}?after=1000").status == 400
    assert weir.request("GET", f"/api/streams/{stream}?after=x").status == 400
    assert weir.request("GET", "/api/streams/str_unknown").status == 404


def test_another_key_does_not_learn_of_a_stream(launch):
    weir, _ = launch.pair(env={"VALID_API_KEYS": "key-number-one,key-number-two"})
    _, answer, stream = begin(weir, fault="events=5", x_api_key="key-number-one")
    whole = answer.read()
    path = f"/api/streams/{stream}"
    for method in ("GET", "HEAD", "DELETE"):
        assert weir.request(method, path, headers={"x-api-key": "key-number-two"}).status == 404
        assert weir.request(method, path).status == 401
    assert weir.request("GET", path, headers={"x-api-key": "key-number-one"}).body == whole


def test_a_client_that_stays_away_ends_the_upstream_call_after_the_grace(launch):
    weir, upstream = launch.pair()
    connection, answer, stream = begin(weir, x_weir_grace="2s")
    read(answer, 300)
    connection.close()
    left = time.monotonic()
    wait_for(lambda: upstream.request("GET", "/__stats").json["aborted"] == 1, 6, "the upstream call is aborted")
    assert 1.9 < time.monotonic() - left < 4.5
    _, answer = connect(weir, "GET", f"/api/streams/{stream}")
    assert answer.status == 200 and not read(answer)[1], "a stopped stream does not look whole"
    wait_for(lambda: len(ledger(weir)) == 1, 5, "the ledger row")
    assert ledger(weir)[0][1] == "client_gone"
    assert metric(weir, "weir_streams_abandoned_total") == 1


def test_delete_aborts_the_upstream_call_at_once(launch):
    weir, upstream = launch.pair()
    _, answer, stream = begin(weir)
    read(answer, 300)
    began = time.monotonic()
    assert weir.request("DELETE", f"/api/streams/{stream}").status == 204
    wait_for(lambda: upstream.request("GET", "/__stats").json["aborted"] == 1, 1, "the upstream call is aborted")
    assert time.monotonic() - began < 1
    assert not read(answer)[1]
    assert weir.request("GET", f"/api/streams/{stream}").status == 404
    assert weir.request("DELETE", f"/api/streams/{stream}").status == 404
    wait_for(lambda: len(ledger(weir)) == 1, 5, "the ledger row")


def test_a_long_stream_that_nobody_reads_spills_and_comes_back_whole(launch, tmp_path):
    config = tmp_path / "weir.toml"
    config.write_text('[streams]\nstream_memory_max = "64KiB"\nmemory_max = "1MiB"\nkeep = "2s"\n')
    weir, upstream = launch.pair(env={"WEIR_CONFIG": str(config)})
    connection, answer, stream = begin(weir, fault="events=20000,first_delay_ms=1")
    got, _ = read(answer, 10_000)
    connection.close()
    wait_for(lambda: metric(weir, "weir_streams_open") == 0, 30, "the stream has ended")
    assert metric(weir, "weir_streams_spilled_bytes") > 1_000_000
    assert metric(weir, "weir_streams_memory_bytes") < 200_000
    assert not list(weir.data.glob("*spill*"))
    events, end = whole_events(got)
    _, answer = connect(weir, "GET", f"/api/streams/{stream}?after={events}")
    rest, ended = read(answer)
    assert ended and whole_events(got[:end] + rest)[0] > 20_000
    wait_for(lambda: metric(weir, "weir_streams_held") == 0, 10, "it is kept no longer than streams.keep")
    assert metric(weir, "weir_streams_spilled_bytes") == 0
    assert weir.request("GET", f"/api/streams/{stream}").status == 404


def test_sigterm_lets_resumable_streams_end(launch):
    weir, _ = launch.pair()
    opened = [begin(weir, fault="events=30,event_delay_ms=50") for _ in range(40)]
    for connection, answer, _ in opened[:10]:  # ten clients are lost; nobody else can fetch those any more
        read(answer, 200)
        connection.close()
    bodies = [None] * 30

    def finish(index):
        bodies[index] = read(opened[10 + index][1])

    readers = [threading.Thread(target=finish, args=(index,)) for index in range(30)]
    for reader in readers:
        reader.start()
    weir.terminate()
    for reader in readers:
        reader.join()
    assert weir.process.wait(20) == 0
    assert all(ended and b"message_stop" in body for body, ended in bodies)
    rows = ledger(weir)
    assert len(rows) == 40 and {row[1] for row in rows} == {""}


def test_after_a_kill_a_stream_is_unknown_and_nothing_is_left(launch, tmp_path):
    data = tmp_path / "killed"
    weir, upstream = launch.pair(data=data)
    _, answer, stream = begin(weir)
    read(answer, 300)
    weir.kill()
    again = launch.weir(data=data)
    assert again.request("GET", f"/api/streams/{stream}").status == 404
    assert not list(data.glob("*spill*"))


def test_openais_callers_resume_in_the_same_way(launch):
    weir, upstream = launch.pair()
    body = json.dumps({"model": "claude-sonnet-5-5", "stream": True,
                       "messages": [{"role": "user", "content": "Tell me a story"}]}).encode()
    connection, answer = connect(weir, "POST", "/v1/chat/completions", body,
                                 {"x-weir-fault": "events=100,event_delay_ms=10", "x-weir-resume": "true"})
    assert answer.status == 200
    got, _ = read(answer, 1500)
    connection.close()
    events, end = whole_events(got)
    _, answer = connect(weir, "GET", f"/api/streams/{answer.headers['x-weir-stream-id']}?after={events}")
    rest, ended = read(answer)
    whole = got[:end] + rest
    assert ended and whole.rstrip().split(b"\n\n")[-1].startswith(b"data: [DONE]")
    assert numbers(whole) == list(range(1, whole_events(whole)[0] + 1))
    assert upstream.request("GET", "/__stats").json["requests"] == 1


@pytest.fixture
def chat(launch):
    weir, upstream = launch.pair(upstream_args=["--event-delay", "30ms"])
    weir.request("POST", "/api/documents", {"title": "Refunds", "text": "Refunds are paid within five working days."})
    return weir, upstream


def ask(weir, body, **headers):
    fields = {"x-weir-resume": "true"} | headers
    return connect(weir, "POST", "/api/chat", json.dumps(body).encode(), fields)


def test_chat_events_have_ids_and_can_be_resumed(chat):
    weir, _ = chat
    connection, answer = ask(weir, {"message": "When are refunds paid?", "stream": True})
    assert answer.status == 200
    stream = answer.headers["x-weir-stream-id"]
    got, _ = read(answer, 700)
    connection.close()
    events, end = whole_events(got)
    _, answer = connect(weir, "GET", f"/api/streams/{stream}", headers={"last-event-id": str(events)})
    whole = got[:end] + read(answer)[0]
    assert numbers(whole) == list(range(1, whole_events(whole)[0] + 1))
    assert whole.startswith(b"event: sources\n") and b"event: done\n" in whole
    bad, answer = ask(weir, {"message": "", "stream": True})
    assert answer.status == 400, "an error before the first event has its own status"


def test_the_ai_sdks_resume_route(chat):
    weir, upstream = chat
    body = {"id": "chat-1", "messages": [{"role": "user", "parts": [{"type": "text", "text": "When are refunds paid?"}]}]}
    assert weir.request("GET", "/api/chat/chat-1/stream").status == 204
    connection, answer = ask(weir, body)
    read(answer, 500)
    connection.close()
    before = upstream.request("GET", "/__stats").json["requests"]
    _, answer = connect(weir, "GET", "/api/chat/chat-1/stream")
    assert answer.headers["x-vercel-ai-ui-message-stream"] == "v1"
    whole, ended = read(answer)
    assert ended and whole.startswith(b'data: {"type":"start"') and b"data: [DONE]" in whole
    assert upstream.request("GET", "/__stats").json["requests"] == before
    assert weir.request("GET", "/api/chat/chat-1/stream").status == 204, "it has arrived"
    assert weir.request("GET", "/api/chat/other/stream").status == 204
