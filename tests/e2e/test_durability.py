"""Stopping, crashing, and what must be left whole."""

import json
import random
import socket
import sqlite3
import threading
import time

from conftest import http

STREAM = json.dumps({"model": "claude-sonnet-5-5", "max_tokens": 64, "stream": True,
                     "messages": [{"role": "user", "content": "Tell me a story"}]}).encode()
PLAIN = json.dumps({"model": "claude-sonnet-5-5", "max_tokens": 8,
                    "messages": [{"role": "user", "content": "hi"}]}).encode()
STREAMS = 200
# docs/operations.md: a crash loses at most the rows of the last flush interval, 200 ms, and of the commit
# under way. How long that one takes, and when its thread gets the processor, is the machine's: the test
# prints the age of the oldest row that was lost, and fails beyond this.
LOSABLE_S = 1.0


def message(fault, body=STREAM):
    return (b"POST /v1/messages HTTP/1.1\r\nHost: weir\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"X-Weir-Fault: %s\r\nContent-Length: %d\r\n\r\n" % (fault.encode(), len(body))) + body


def until(holds, what, seconds=10):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def test_sigterm_with_200_open_streams_cuts_none(launch):
    weir, upstream = launch.pair()
    connections = []
    for _ in range(STREAMS):
        connection = socket.create_connection((weir.host, weir.port), timeout=60)
        connection.sendall(message("events=30,event_delay_ms=200"))
        connections.append(connection)
    # All of them are under way at once, and none is near its end: a stream takes more than 6 s.
    until(lambda: upstream.request("GET", "/__stats").json["open_streams"] == STREAMS, "the streams did not begin")
    began = time.monotonic()
    received = [connection.recv(65536) for connection in connections]
    weir.terminate()
    until(lambda: not can_connect(weir), "new connections are still taken")
    assert upstream.request("GET", "/__stats").json["open_streams"] == STREAMS and time.monotonic() - began < 5
    assert weir.process.poll() is None
    for index, connection in enumerate(connections):
        while piece := connection.recv(65536):
            received[index] += piece
        connection.close()
    whole = sum(b"event: message_stop" in answer and answer.endswith(b"0\r\n\r\n") for answer in received)
    assert whole == STREAMS, f"{STREAMS - whole} of {STREAMS} streams were cut"
    assert weir.process.wait(20) == 0
    assert upstream.request("GET", "/__stats").json["aborted"] == 0
    with sqlite3.connect(weir.data / "weir.db") as database:
        assert database.execute("SELECT count(*) FROM ledger").fetchone()[0] == STREAMS


def can_connect(weir):
    try:
        socket.create_connection((weir.host, weir.port), timeout=1).close()
        return True
    except OSError:
        return False


def test_kill_9_loses_no_row_older_than_the_flush_interval(launch, tmp_path, long_run):
    upstream = launch.upstream()
    env = {"ANTHROPIC_BASE_URL": upstream.url, "ANTHROPIC_API_KEY": "sk-x"}
    data = tmp_path / "crash"
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    weir = launch.weir(env=env, data=data)
    kept = set()  # what some earlier round has found on disk
    for round_number in range(50 if long_run else 3):
        answered = kill_in_the_midst_of_writes(weir, chance.random() * 0.4)
        # The start is the proof that no repair is needed: nothing else has opened the database before.
        weir = launch.weir(env=env, data=data)
        with sqlite3.connect(f"{data}/weir.db") as database:
            assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            rows = {row[0] for row in database.execute("SELECT request_id FROM ledger")}
        lost = [age for age, request_id in answered if request_id not in rows]
        print(f"round {round_number}: {len(answered)} answered, {len(lost)} rows lost, "
              f"the oldest {max(lost, default=0):.3f} s old")
        assert kept <= rows, f"round {round_number}: {len(kept - rows)} rows that were on disk are gone"
        assert sum(age > LOSABLE_S for age, _ in answered) > 20, "too few answers to prove anything"
        assert max(lost, default=0) <= LOSABLE_S, f"round {round_number}"
        kept = rows
    assert weir.request("POST", "/v1/messages", PLAIN, {"content-type": "application/json"}).status == 200
    assert weir.stop() == 0


def kill_in_the_midst_of_writes(weir, after_s):
    """How long before the kill each call was answered, and its request id."""
    answered, stop = [], threading.Event()

    def work():
        while not stop.is_set():
            try:
                answer = http("POST", weir.url + "/v1/messages", PLAIN, {"content-type": "application/json"})
            except OSError:
                return
            if answer.status == 200:
                answered.append((time.monotonic(), answer.headers["x-request-id"]))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    until(lambda: len(answered) > 50, "the calls are not answered")
    time.sleep(LOSABLE_S + after_s)  # those 50 are to be on disk by then
    assert weir.process.poll() is None
    killed = time.monotonic()
    weir.kill()
    stop.set()
    for worker in workers:
        worker.join()
    return [(killed - at, request_id) for at, request_id in answered]


def test_a_client_that_hangs_up_aborts_the_upstream_call_within_100_ms(launch):
    weir, upstream = launch.pair()

    def stats():
        return upstream.request("GET", "/__stats").json

    for fault, begun in (("stall_first", lambda: stats()["requests"] > before["requests"]),
                         ("first_delay_ms=20000", lambda: stats()["requests"] > before["requests"]),
                         ("stall", lambda: stats()["open_streams"] == 1),
                         ("events=1000,event_delay_ms=50", lambda: stats()["open_streams"] == 1)):
        took_ms = []
        for _ in range(5):
            before = stats()
            with socket.create_connection((weir.host, weir.port), timeout=10) as connection:
                connection.sendall(message(fault))
                until(begun, f"{fault}: the call did not reach the provider")
                time.sleep(0.1)  # into the wait, or the middle of the stream
                assert stats()["aborted"] == before["aborted"]
            hung_up = time.monotonic()
            until(lambda: stats()["aborted"] > before["aborted"], f"{fault}: the upstream call was not aborted", 2)
            took_ms.append((time.monotonic() - hung_up) * 1000)
        print(f"{fault}: aborted after {', '.join(f'{ms:.0f}' for ms in took_ms)} ms")
        # The median, because a busy machine may hold up one of them.
        assert sorted(took_ms)[2] < 100, (fault, took_ms)


def test_uploads_of_one_source_at_once_are_one_document(launch):
    weir = launch.weir()
    statuses = []

    def upload(number):
        text = f"# Copy {number % 3}\n\nThe walrus sleeps."
        answer = weir.request("POST", "/api/documents", {"text": text, "source": "walrus.md"})
        statuses.append(answer.status)

    uploads = [threading.Thread(target=upload, args=(number,)) for number in range(24)]
    for thread in uploads:
        thread.start()
    for thread in uploads:
        thread.join()
    assert sorted(set(statuses)) == [200, 201] and statuses.count(201) == 1
    documents = weir.request("GET", "/api/documents").json["documents"]
    assert [document["source"] for document in documents] == ["walrus.md"]


def test_a_ledger_that_refuses_shows_at_readyz_and_so_does_its_end(launch):
    weir, _ = launch.pair()
    message = {"model": "claude-haiku-4-5", "max_tokens": 16, "messages": [{"role": "user", "content": "hi"}]}
    database = weir.data / "weir.db"

    def becomes(status, seconds=12):
        until = time.monotonic() + seconds
        while time.monotonic() < until and weir.request("GET", "/readyz").status != status:
            time.sleep(0.1)
        return weir.request("GET", "/readyz").status == status

    def alter(statement):
        with sqlite3.connect(database, timeout=10) as connection:
            connection.execute(statement)

    assert weir.request("POST", "/v1/messages", message).status == 200
    assert weir.request("GET", "/readyz").status == 200
    alter("ALTER TABLE ledger RENAME TO out_of_reach")  # as a full disk, and without one
    assert weir.request("POST", "/v1/messages", message).status == 200
    assert becomes(503)
    health = weir.request("GET", "/api/health").json
    assert health["checks"]["ledger"]["status"] == "failed" and health["checks"]["database"]["status"] == "ok"
    assert "table" not in json.dumps(health)  # what SQLite says is for the log
    alter("ALTER TABLE out_of_reach RENAME TO ledger")
    assert becomes(200)
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        assert connection.execute("SELECT count(*) FROM ledger").fetchone() == (2,)
