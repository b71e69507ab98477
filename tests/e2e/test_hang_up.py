"""A client that hangs up, in every phase of its call: the upstream call ends within 100 ms, and nothing is left."""

import asyncio
import contextlib
import json
import re
import socket
import sqlite3
import time
from pathlib import Path

import pytest

COUNT, COUNT_LONG = 100, 2_000  # hang-ups in each of the five phases
BATCH = 20  # calls that are open at once
LIMIT_S = 0.1
GROWTH_MAX_KIB = 12 * 1024

BODY = json.dumps({"model": "claude-sonnet-5-5", "max_tokens": 64, "stream": True,
                   "messages": [{"role": "user", "content": "hi"}]}).encode()
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
START = (b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",'
         b'"model":"claude-sonnet-5-5","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}\n\n')
DELTA = (b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
         b'"delta":{"type":"text_delta","text":"word "}}\n\n')
FAILURE = b'HTTP/1.1 500 Oh\r\ncontent-type: application/json\r\nretry-after: 30\r\ncontent-length: 2\r\n\r\n{}'


class Provider:
    """Takes the time at which a call's connection closes under it."""

    def __init__(self):
        self.asked, self.gone = {}, {}  # by the call's number: futures

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    def expect(self, number):
        loop = asyncio.get_running_loop()
        self.asked[number], self.gone[number] = loop.create_future(), loop.create_future()

    async def serve(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                await reader.readexactly(int(re.search(r"content-length: (\d+)", head)[1]))
                number, phase = re.search(r"x-call: (\d+)-(\w+)", head).groups()
                if phase == "between":
                    writer.write(FAILURE)
                    self.asked[int(number)].set_result(None)
                    continue
                await self.answer_badly(reader, writer, int(number), phase)
                break
        writer.close()

    async def answer_badly(self, reader, writer, number, phase):
        talking = asyncio.create_task(talk(writer)) if phase == "stream" else None
        self.asked[number].set_result(None)
        try:
            await reader.read(1)
        except ConnectionError:
            pass
        self.gone[number].set_result(time.monotonic())
        if talking:
            talking.cancel()


async def talk(writer):
    def chunk(text):
        return b"%x\r\n%s\r\n" % (len(text), text)

    with contextlib.suppress(ConnectionError):
        writer.write(HEAD + chunk(START))
        while True:
            writer.write(chunk(DELTA))
            await writer.drain()
            await asyncio.sleep(0.02)


class Full:
    """A listener whose queue is full: connecting to it takes for ever."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self.fillers.append(filler)

    def connecting(self):
        """Connections to it that have not come about (SYN_SENT), the fillers among them. Read at one look: the
        table has every socket that other tests left behind, too."""
        return Path("/proc/net/tcp").read_text().count(f":{self.port:04X} 02 ")

    def close(self):
        for each in [*self.fillers, self.listener]:
            each.close()


class Caller:
    """Clients of one Weir that hang up."""

    def __init__(self, weir, provider, full):
        self.weir, self.provider, self.full = weir, provider, full
        self.number = 0

    async def call(self, phase, road="usual"):
        self.number += 1
        number = self.number  # another call may begin in the next wait
        self.provider.expect(number)
        reader, writer = await asyncio.open_connection(self.weir.host, self.weir.port)
        writer.write(b"POST /v1/messages HTTP/1.1\r\nhost: weir\r\ncontent-type: application/json\r\n"
                     b"x-call: %d-%s\r\nx-road: %s\r\ncontent-length: %d\r\n\r\n%s"
                     % (number, phase.encode(), road.encode(), len(BODY), BODY))
        return number, reader, writer

    async def gauge(self, name):
        reader, writer = await asyncio.open_connection(self.weir.host, self.weir.port)
        writer.write(b"GET /metrics HTTP/1.1\r\nhost: weir\r\nconnection: close\r\n\r\n")
        text = (await reader.read(-1)).decode()
        writer.close()
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)[1])

    async def hang_up_one(self, phase):
        """Seconds from the hang-up to the end of the upstream connection."""
        number, reader, writer = await self.call(phase)
        await asyncio.wait_for(self.provider.asked[number], 10)
        if phase == "stream":
            await asyncio.wait_for(reader.readuntil(b"content_block_delta"), 10)
        left = time.monotonic()
        writer.close()
        return await asyncio.wait_for(self.provider.gone[number], 10) - left

    async def hang_up_batch(self, phase, road, count, open_calls):
        """The same for a batch, where `open_calls` tells how many calls Weir still has in that phase."""
        before = await open_calls()
        calls = [await self.call(phase, road) for _ in range(count)]
        await until(open_calls, before + count, 10)
        for number, _, _ in calls:
            if phase == "between":
                await asyncio.wait_for(self.provider.asked[number], 10)
        left = time.monotonic()
        for _, _, writer in calls:
            writer.close()
        return await until(open_calls, before, 10) - left


async def until(measure, wanted, seconds):
    """The time before the measurement that gave what is wanted."""
    deadline = time.monotonic() + seconds
    while True:
        at = time.monotonic()
        found = await measure()
        if found == wanted:
            return at
        assert at < deadline, f"{found}, and not {wanted} within {seconds} s"
        await asyncio.sleep(0.002)


def settings(provider_port, full_port):
    return f"""
[anthropic]
retry_base = "30s"
retry_delay_max = "30s"
connect_timeout = "60s"

[resilience]
breaker_tries_min = 1000000
retry_budget_percent = 1000
retries_saved_max = 100000

[providers.usual]
kind = "anthropic"
base_url = "http://127.0.0.1:{provider_port}"
api_key = "k"

[providers.narrow]
kind = "anthropic"
base_url = "http://127.0.0.1:{provider_port}"
api_key = "k"
in_flight_max = 1

[providers.full]
kind = "anthropic"
base_url = "http://127.0.0.1:{full_port}"
api_key = "k"
""" + "".join(f'\n[[routes]]\nheaders = ["x-road: {name}"]\ntargets = [{{ provider = "{name}" }}]\n'
              for name in ("usual", "narrow", "full"))


def state(weir):
    status = Path(f"/proc/{weir.pid}/status").read_text()
    return {"rss_kib": int(re.search(r"VmRSS:\s+(\d+)", status)[1]),
            "descriptors": len(list(Path(f"/proc/{weir.pid}/fd").iterdir())),
            "threads": int(re.search(r"Threads:\s+(\d+)", status)[1])}


async def hang_up_in_every_phase(caller, count):
    """The longest time to the end of the upstream call, by phase."""
    weir, full = caller.weir, caller.full

    async def waiting():
        return await caller.gauge('weir_upstream_waiting{provider="narrow"}')

    async def answering():
        return await caller.gauge("weir_in_flight")

    async def connecting():
        return full.connecting()

    longest = {}
    for phase in ("silent", "stream"):
        times = []
        for _ in range(count // BATCH):
            times += await asyncio.gather(*(caller.hang_up_one(phase) for _ in range(BATCH)))
        longest[phase] = times
    blocker, _, blocking = await caller.call("silent", "narrow")
    await asyncio.wait_for(caller.provider.asked[blocker], 10)
    batches = {"queued": ("silent", "narrow", waiting), "connecting": ("silent", "full", connecting),
               "between": ("between", "usual", answering)}
    for name, (phase, road, open_calls) in batches.items():
        longest[name] = [await caller.hang_up_batch(phase, road, BATCH, open_calls) for _ in range(count // BATCH)]
    blocking.close()
    await asyncio.wait_for(caller.provider.gone[blocker], 10)
    return longest


async def check_nothing_is_left(caller):
    for provider in ("usual", "narrow", "full"):
        for gauge in ("in_flight", "waiting"):
            name = f'weir_upstream_{gauge}{{provider="{provider}"}}'

            async def left(name=name):
                return await caller.gauge(name)

            await until(left, 0, 5)


async def scenario(launch, tmp_path, count):
    provider, full = Provider(), Full()
    config = tmp_path / "hang_up.toml"
    config.write_text(settings(await provider.start(), full.port))
    weir = await asyncio.to_thread(launch.weir, env={"WEIR_CONFIG": str(config), "WEIR_LOG_LEVEL": "warn"})
    caller = Caller(weir, provider, full)
    await hang_up_in_every_phase(caller, BATCH)  # what is allocated once is allocated now
    await check_nothing_is_left(caller)
    before = state(weir)
    longest = await hang_up_in_every_phase(caller, count)
    await check_nothing_is_left(caller)
    await asyncio.sleep(0.3)
    after = state(weir)
    assert await asyncio.to_thread(weir.stop) == 0
    full.close()
    provider.server.close()
    return weir, longest, before, after


def test_a_client_that_hangs_up_ends_its_upstream_call_at_once(launch, tmp_path, long_run):
    count = COUNT_LONG if long_run else COUNT
    weir, longest, before, after = asyncio.run(scenario(launch, tmp_path, count))
    for phase, times in longest.items():
        times.sort()
        print(f"{phase}: {count} hang-ups, upstream aborted after {times[len(times) // 2] * 1000:.0f} ms (median), "
              f"{times[-1] * 1000:.0f} ms (longest)")
    print(f"before {before}, after {after}")
    for phase, times in longest.items():
        assert times[-1] <= LIMIT_S, phase
    assert after["descriptors"] <= before["descriptors"] + 2
    assert after["threads"] == before["threads"]
    assert after["rss_kib"] <= before["rss_kib"] + GROWTH_MAX_KIB
    with sqlite3.connect(f"file:{weir.data}/weir.db?mode=ro", uri=True) as database:
        rows = dict(database.execute("SELECT error_type, COUNT(*) FROM ledger GROUP BY error_type"))
    # Who waited in the queue reached no provider; who held its only place did.
    tried = 4 * (count + BATCH) + 2
    assert rows == {"client_gone": tried}
