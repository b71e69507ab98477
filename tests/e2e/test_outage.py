"""Providers that are ill, under load, with the settings that Weir has by itself.

`--long --write-docs` draws docs/outage.svg anew.
"""

import asyncio
import json
import time

import pytest
from conftest import ROOT

BODY = json.dumps({"model": "claude-sonnet-5-5", "max_tokens": 64, "messages": [{"role": "user", "content": "hi"}]}).encode()
NAMES = ("a", "b", "c")
PER_SECOND = 100  # calls, whatever becomes of the earlier ones
OUTAGE_S, OUTAGE_S_LONG = 12, 60
BEFORE_S, AFTER_S = 3, 10
NORMAL_WITHIN_S = 5


async def ask(port):
    """The status; 0: none."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v1/messages HTTP/1.1\r\nhost: weir\r\nconnection: close\r\ncontent-type: application/json\r\n"
                     b"content-length: %d\r\n\r\n%s" % (len(BODY), BODY))
        answer = await reader.read(-1)
        writer.close()
        return int(answer[9:12] or 0)
    except ConnectionError:
        return 0


@pytest.fixture
def three(launch, tmp_path):
    upstreams = [launch.upstream() for _ in NAMES]
    config = tmp_path / "three.toml"
    config.write_text("".join(f'[providers.{name}]\nkind = "anthropic"\napi_key = "k"\nbase_url = "{upstream.url}"\n'
                              for name, upstream in zip(NAMES, upstreams)))
    return launch.weir(env={"WEIR_CONFIG": str(config), "WEIR_LOG_LEVEL": "error"}), upstreams


def break_all(upstreams, faults):
    for upstream in upstreams:
        assert upstream.request("PUT", "/__faults", faults.encode()).status == 204


def attempts(upstreams):
    return [upstream.request("GET", "/__stats").json["requests"] for upstream in upstreams]


def test_one_of_three_providers_fails_every_other_time(three, long_run):
    weir, upstreams = three
    break_all(upstreams[:1], "500,percent=50")
    count = 10_000 if long_run else 1_000
    statuses = []

    async def caller(numbers):
        for _ in numbers:
            statuses.append(await ask(weir.port))

    async def load():
        await asyncio.gather(*(caller(range(count // 20)) for _ in range(20)))

    asyncio.run(load())
    failed = sum(status != 200 for status in statuses)
    tried = attempts(upstreams)
    print(f"{count} requests, {failed} failed for the client, {sum(tried)} upstream attempts "
          f"({sum(tried) / count:.3f} a request), at the ill provider {tried[0]}")
    assert len(statuses) == count and failed < count / 1000
    assert sum(tried) <= 1.2 * count
    assert tried[0] > 0


class Record:
    """Second by second: the calls, how they ended, and the attempts at all providers."""

    def __init__(self, seconds):
        self.ok, self.failed, self.attempts = ([0] * seconds for _ in range(3))


async def load_through_an_outage(weir, upstreams, outage_s):
    record = Record(BEFORE_S + outage_s + AFTER_S)
    began, calls = time.monotonic(), []

    async def call(second):
        status = await ask(weir.port)
        (record.ok if status == 200 else record.failed)[second] += 1

    async def each_second(second, seen):
        for tenth in range(10):
            await asyncio.sleep(max(0, began + second + tenth / 10 - time.monotonic()))
            calls.extend(asyncio.create_task(call(second)) for _ in range(PER_SECOND // 10))
        await asyncio.sleep(max(0, began + second + 1 - time.monotonic()))
        now = sum(await asyncio.to_thread(attempts, upstreams))
        record.attempts[second] = now - seen
        return now

    seen = sum(attempts(upstreams))
    for second in range(len(record.ok)):
        if second == BEFORE_S:
            await asyncio.to_thread(break_all, upstreams, "529")
        if second == BEFORE_S + outage_s:
            await asyncio.to_thread(break_all, upstreams, "")
        seen = await each_second(second, seen)
    await asyncio.gather(*calls)
    return record


def test_an_outage_of_all_is_not_multiplied_and_soon_over(three, long_run, request):
    weir, upstreams = three
    outage_s = OUTAGE_S_LONG if long_run else OUTAGE_S
    record = asyncio.run(load_through_an_outage(weir, upstreams, outage_s))
    up_again = BEFORE_S + outage_s
    print(f"calls {PER_SECOND} a second; attempts by second {record.attempts}; failed by second {record.failed}")
    assert sum(record.failed[:BEFORE_S]) == 0
    assert sum(record.ok[BEFORE_S + 1:up_again]) == 0, "it was no outage"
    # A few more than the calls in the second that it begins: what the retry budget has saved. Then breakers open.
    assert max(record.attempts) <= 2 * PER_SECOND
    assert sum(record.attempts[BEFORE_S:up_again]) <= 1.2 * PER_SECOND * outage_s
    assert max(record.attempts[up_again:]) <= 1.2 * PER_SECOND + 10, "calls are not piled up for the recovery"
    assert sum(record.failed[up_again + NORMAL_WITHIN_S:]) == 0, "not normal within 5 s"
    if request.config.getoption("--write-docs") and long_run:
        (ROOT / "docs" / "outage.svg").write_text(drawing(record, outage_s))


def drawing(record, outage_s):
    """Attempts a second as bars, failed calls as a line, the outage shaded."""
    width, height, unit = 10, 220, 1.0
    total = len(record.attempts)

    def y(value):
        return height - 20 - value * unit

    bars = "".join(f'<rect x="{40 + i * width}" y="{y(n):.0f}" width="{width - 2}" height="{n * unit:.0f}" fill="#4a7"/>'
                   for i, n in enumerate(record.attempts))
    points = " ".join(f"{40 + i * width + width // 2},{y(n):.0f}" for i, n in enumerate(record.failed))
    ticks = "".join(f'<text x="{36}" y="{y(n) + 4:.0f}" text-anchor="end">{n}</text>'
                    f'<line x1="40" x2="{40 + total * width}" y1="{y(n):.0f}" y2="{y(n):.0f}" stroke="#ddd"/>'
                    for n in (0, 50, 100, 150))
    seconds = "".join(f'<text x="{40 + i * width}" y="{height - 5}">{i}</text>' for i in range(0, total, 10))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{60 + total * width}" height="{height}" '
            f'font-family="sans-serif" font-size="11">\n'
            f'<title>An outage of all providers at {PER_SECOND} calls a second</title>\n'
            f'<rect width="100%" height="100%" fill="#fff"/>\n'
            f'<rect x="{40 + BEFORE_S * width}" y="10" width="{outage_s * width}" height="{height - 30}" fill="#f6e3e3"/>\n'
            f'{ticks}\n{bars}\n<polyline points="{points}" fill="none" stroke="#b22"/>\n{seconds}\n'
            f'<text x="{50 + BEFORE_S * width}" y="22">all providers down; green: attempts a second, '
            f'red: calls that failed</text>\n</svg>\n')
