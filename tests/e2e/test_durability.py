"""Stopping, crashing, and what must be left whole."""

import json
import sqlite3
import threading
import time
import urllib.request

BODY = json.dumps({"model": "claude-sonnet-5-5", "max_tokens": 64, "stream": True,
                   "messages": [{"role": "user", "content": "Tell me a story"}]}).encode()


def open_stream(weir, fault):
    request = urllib.request.Request(weir.url + "/v1/messages", BODY,
                                     {"content-type": "application/json", "x-weir-fault": fault})
    return urllib.request.urlopen(request, timeout=60)


def test_sigterm_with_200_open_streams_cuts_none(launch):
    weir, _ = launch.pair()
    fault = "events=30,event_delay_ms=100"
    answers = [open_stream(weir, fault) for _ in range(200)]
    bodies = [b""] * len(answers)

    def read(index):
        bodies[index] = answers[index].read()

    readers = [threading.Thread(target=read, args=(index,)) for index in range(len(answers))]
    for reader in readers:
        reader.start()
    time.sleep(0.3)
    weir.terminate()
    for reader in readers:
        reader.join()
    assert weir.process.wait(20) == 0
    whole = sum(b"event: message_stop" in body for body in bodies)
    assert whole == 200, f"{200 - whole} of 200 streams were cut"


def test_kill_9_loses_no_row_older_than_the_flush_interval(launch, tmp_path, long_run):
    upstream = launch.upstream()
    env = {"ANTHROPIC_BASE_URL": upstream.url, "ANTHROPIC_API_KEY": "sk-x"}
    data = tmp_path / "crash"
    plain = json.dumps({"model": "claude-sonnet-5-5", "max_tokens": 8,
                        "messages": [{"role": "user", "content": "hi"}]}).encode()
    for round_number in range(20 if long_run else 3):
        weir = launch.weir(env=env, data=data)
        done, stop = [], threading.Event()

        def work():
            while not stop.is_set():
                try:
                    answer = weir.request("POST", "/v1/messages", plain, {"content-type": "application/json"})
                except OSError:
                    return
                if answer.status == 200:
                    done.append((time.monotonic(), answer.headers["x-request-id"]))

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        time.sleep(1.0 + 0.07 * round_number)
        weir.kill()
        killed = time.monotonic()
        stop.set()
        for worker in workers:
            worker.join()
        with sqlite3.connect(f"{data}/weir.db") as database:
            assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            rows = {row[0] for row in database.execute("SELECT request_id FROM ledger")}
        # docs/operations.md states the flush interval of 200 ms; the commit itself may take as long again.
        old = [request_id for at, request_id in done if at < killed - 0.4]
        assert len(old) > 20 and not [request_id for request_id in old if request_id not in rows]


def test_a_client_that_hangs_up_aborts_the_upstream_call_within_100_ms(launch):
    weir, upstream = launch.pair()
    for fault in ("stall_first", "stall", "events=1000,event_delay_ms=50"):
        before = upstream.request("GET", "/__stats").json["aborted"]
        request = urllib.request.Request(weir.url + "/v1/messages", BODY,
                                         {"content-type": "application/json", "x-weir-fault": fault})
        threading.Thread(target=lambda: swallow(request), daemon=True).start()
        time.sleep(0.7)  # the reader's time limit below ends it at 0.5 s
        deadline = time.monotonic() + 1
        while upstream.request("GET", "/__stats").json["aborted"] == before:
            assert time.monotonic() < deadline, f"{fault}: the upstream call was not aborted"
            time.sleep(0.01)


def swallow(request):
    try:
        with urllib.request.urlopen(request, timeout=0.5) as answer:
            answer.read(10_000)
            time.sleep(0.3)
    except OSError:
        pass
