"""Whatever Anthropic invents passes unchanged: random bodies with invented fields, headers and blocks one way,
random answers with invented events the other way. The seed is printed; WEIR_SEED repeats a run.
"""

import asyncio
import json
import os
import random
import re
import secrets
import string

from conftest import API_KEY

COUNT, COUNT_LONG = 2_000, 100_000
CALLERS = 24
KNOWN = ("text", "tool_use", "thinking", "image", "document", "search_result")


def word(dice):
    return "".join(dice.choices(string.ascii_lowercase, k=dice.randint(3, 12)))


def text(dice):
    return "".join(dice.choice(["ä", "\u2028", "😀", '"', "\\", "\n", "/", "<b>", "\x7f", word(dice)])
                   for _ in range(dice.randint(0, 6)))


def value(dice, depth=0):
    kind = dice.randrange(8 if depth < 4 else 6)
    if kind == 6:
        return [value(dice, depth + 1) for _ in range(dice.randrange(4))]
    if kind == 7:
        return {word(dice): value(dice, depth + 1) for _ in range(dice.randrange(4))}
    return [None, True, False, dice.uniform(-1e300, 1e300), dice.randrange(-10**15, 10**15), text(dice)][kind]


def invented(dice):
    return {f"{word(dice)}_{dice.randrange(100)}": value(dice) for _ in range(dice.randint(1, 4))}


def block(dice):
    kind = dice.choice([*KNOWN, word(dice), word(dice)])
    return invented(dice) | {"type": kind} | ({"text": text(dice)} if kind == "text" else {})


def dumped(dice, document):
    """As some client's JSON library would write it."""
    separators = dice.choice([None, (",", ":"), (" , ", " : ")])
    return json.dumps(document, indent=dice.choice([None, None, 1, "\t"]), ensure_ascii=dice.random() < 0.5,
                      separators=separators).encode()


def request_of(dice):
    messages = [{"role": role, "content": dice.choice([text(dice) or "x", [block(dice) for _ in range(dice.randint(1, 4))]])}
                | (invented(dice) if dice.random() < 0.3 else {}) for role in ("user", "assistant", "user")]
    stream = dice.random() < 0.6
    fields = [("model", f"claude-{word(dice)}-{dice.randint(6, 99)}"), ("max_tokens", dice.randint(1, 10**6)),
              ("messages", messages), ("stream", stream), *invented(dice).items()]
    dice.shuffle(fields)
    headers = {f"{dice.choice(['anthropic-', 'x-claude-code-', 'x-stainless-', 'x-'])}zz-{word(dice)}": word(dice)
               for _ in range(dice.randint(0, 4))}
    headers |= {"anthropic-beta": ",".join(f"{word(dice)}-2031-01-02" for _ in range(dice.randint(1, 3))),
                "anthropic-version": dice.choice(["2023-06-01", "2026-10-21", "2031-06-01"])}
    target = dice.choice(["/v1/messages", "/v1/messages?beta=true", f"/v1/messages?beta=true&{word(dice)}={word(dice)}"])
    return target, headers, dumped(dice, dict(fields)), stream


def event(dice, kind, **fields):
    fields = [("type", kind), *fields.items(), *invented(dice).items()]
    dice.shuffle(fields)
    data = json.dumps(dict(fields), ensure_ascii=dice.random() < 0.5)
    return f"event: {kind}\ndata: {data}{' ' * dice.randrange(8)}\n\n".encode()


def answer_of(dice, stream):
    """Fields, and the body in pieces at random places."""
    headers = {"request-id": f"req_{word(dice)}", f"anthropic-zz-{word(dice)}": word(dice), f"x-zz-{word(dice)}": word(dice)}
    if not stream:
        document = invented(dice) | {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x-9",
                                     "content": [block(dice) for _ in range(dice.randint(0, 5))],
                                     "usage": {"input_tokens": 1, "output_tokens": 1} | invented(dice)}
        return "application/json", headers, pieces(dice, dumped(dice, document))
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x-9", "content": [],
               "usage": {"input_tokens": 1, "output_tokens": 1} | invented(dice)}
    events = [event(dice, "message_start", message=message | invented(dice))]
    for _ in range(dice.randint(1, 12)):
        kind = dice.choice(["content_block_start", "content_block_delta", "content_block_stop", "ping", word(dice),
                            f"{word(dice)}_{word(dice)}"])
        events.append(event(dice, kind, index=dice.randrange(9), delta=block(dice), content_block=block(dice)))
        if dice.random() < 0.1:
            events.append(f": {word(dice)}\n\n".encode())
    events += [event(dice, "message_delta", delta={"stop_reason": word(dice)}, usage={"output_tokens": 7}),
               event(dice, "message_stop")]
    return "text/event-stream; charset=utf-8", headers, pieces(dice, b"".join(events))


def pieces(dice, body):
    cuts = sorted(dice.randrange(len(body) + 1) for _ in range(dice.randrange(6)))
    parts = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)])]
    return [part for part in parts if part]


class Provider:
    """Keeps each request by its number, and answers what that number's dice say."""

    def __init__(self, seed):
        self.seed, self.seen = seed, {}

    async def serve(self, reader, writer):
        while head := await read_head(reader):
            body = await read_body(reader, head)
            number = int(re.search(r"^x-number: (\d+)", head, re.M)[1])
            self.seen[number] = (head, body)
            kind, headers, parts = answer_of(random.Random(f"{self.seed} answer {number}"), b"-stream" in head.encode())
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n{lines}\r\n".encode())
            for part in parts:
                writer.write(b"%x\r\n%s\r\n" % (len(part), part))
            writer.write(b"0\r\n\r\n")
        writer.close()


async def read_head(reader):
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return ""


async def read_body(reader, head):
    length = re.search(r"^content-length: (\d+)", head, re.M | re.I)
    if length:
        return await reader.readexactly(int(length[1]))
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body


def has_fields(head, fields):
    return all(re.search(rf"^{re.escape(name)}: {re.escape(value)}\r$", head, re.M | re.I) for name, value in fields.items())


async def check_one(reader, writer, provider, number):
    target, headers, body, stream = request_of(random.Random(f"{provider.seed} request {number}"))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST {target} HTTP/1.1\r\nhost: weir\r\ncontent-type: application/json\r\nx-number: {number}"
                 f"\r\nx-kind: {'a-stream' if stream else 'a-document'}\r\n{lines}content-length: {len(body)}\r\n\r\n".encode()
                 + body)
    head = await read_head(reader)
    got = await read_body(reader, head)
    assert head.startswith("HTTP/1.1 200"), f"{number}: {head}{got[:500]}\n{body[:2000]}"
    seen_head, seen_body = provider.seen.pop(number)
    assert seen_head.split("\r\n", 1)[0] == f"POST {target} HTTP/1.1", number
    assert seen_body == body, number
    assert has_fields(seen_head, headers), f"{number}: {headers} in\n{seen_head}"
    _, sent, parts = answer_of(random.Random(f"{provider.seed} answer {number}"), stream)
    assert got == b"".join(parts), number
    assert has_fields(head, sent), f"{number}: {sent} in\n{head}"


async def check_all(weir, provider, count):
    numbers = iter(range(count))

    async def caller():
        reader, writer = await asyncio.open_connection(weir.host, weir.port, limit=1 << 20)
        for number in numbers:
            await check_one(reader, writer, provider, number)
        writer.close()

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


def test_invented_requests_and_answers_pass_byte_for_byte(launch, long_run):
    seed, count = os.environ.get("WEIR_SEED") or secrets.token_hex(4), COUNT_LONG if long_run else COUNT
    print(f"WEIR_SEED={seed}")

    async def scenario():
        provider = Provider(seed)
        server = await asyncio.start_server(provider.serve, "127.0.0.1", 0, limit=1 << 20)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        weir = await asyncio.to_thread(launch.weir, env={"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": API_KEY})
        await check_all(weir, provider, count)
        server.close()

    asyncio.run(scenario())
    print(f"{count} random requests and answers passed unchanged")
