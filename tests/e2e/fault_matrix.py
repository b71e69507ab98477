"""The fault matrix: every provider, every fault, streamed or not, through a real Weir.

One Weir runs all cells at once. Each cell asks for a model of its own, so that its breaker says nothing
about another's; a route sends it by the header x-road.
"""

import http.client
import json
import re
import socket
import sqlite3
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product

from conftest import memory_peak

QUESTION = "What does Weir do when this goes wrong?"
REPEATS = 4  # requests of a cell: as many as open its breaker, and one that meets it

SETTINGS = """
[anthropic]
tries_max = 3
retry_base = "10ms"
connect_timeout = "1s"
first_token_timeout = "1500ms"
idle_timeout = "2s"
total_timeout = "8s"

[resilience]
breaker_tries_min = 3
breaker_window = "1m"
breaker_open_for = "1m"
in_flight_min = 1024
retry_budget_percent = 1000
"""


@dataclass(frozen=True)
class Road:
    """A kind of provider, and the dialect in which Weir is asked for it."""

    title: str
    kind: str
    path: str  # of Weir's
    base: str = ""  # what follows the provider's address
    settings: str = 'api_key = "k"'


IN_AWS = 'api_key = "k"\nregion = "us-east-1"'

ROADS = [
    Road("Anthropic, asked in Messages", "anthropic", "/v1/messages"),
    Road("Anthropic, asked in Chat Completions", "anthropic", "/v1/chat/completions"),
    Road("OpenAI, asked in Chat Completions", "openai", "/v1/chat/completions", "/v1"),
    Road("OpenAI, asked in Messages", "openai", "/v1/messages", "/v1"),
    Road("Amazon Bedrock", "bedrock", "/v1/messages", "", IN_AWS),
    Road("Amazon Bedrock (Mantle)", "bedrock_mantle", "/v1/messages", "/anthropic", IN_AWS),
    Road("Claude Platform on AWS", "claude_platform_aws", "/v1/messages", "", IN_AWS + '\nworkspace = "w"'),
    Road("Google Vertex AI", "vertex", "/v1/messages", "/v1", 'region = "us-east5"\nproject = "p"'),
    Road("Azure AI Foundry", "foundry", "/v1/messages", "/anthropic"),
]


@dataclass(frozen=True)
class Fault:
    title: str
    fault: str = ""  # of `weir upstream`; empty: the address is at fault
    address: str = "usual"  # one of ADDRESSES
    repeats: int = REPEATS


def faults(padding_mib):
    statuses = [Fault(str(status), f"status={status}") for status in (401, 403, 404, 408, 413)]
    servers = [Fault(str(status), f"status={status}") for status in (500, 502, 503, 504, 529)]
    return [
        Fault("none", "times=0", repeats=1),
        Fault("connection refused", address="refused"),
        Fault("DNS failure", address="unknown"),
        Fault("TLS failure", address="untrusted"),
        *statuses,
        Fault("429", "status=429"),
        Fault("429, retry-after: 1", "429=1"),
        Fault("429, retry-after: 120", "429=120"),
        *servers,
        Fault("error first", "error_first"),
        Fault("error midway", "error_midway"),
        Fault("cut midway", "cut"),
        Fault("no head", "stall_first"),
        Fault("stall before the first token", "stall_start"),
        Fault("stall midway", "stall"),
        Fault("one byte a second", "byte_delay_ms=1000"),
        Fault("malformed SSE or JSON", "malformed_sse,event_delay_ms=5"),
        Fault("wrong content type", "wrong_content_type"),
        Fault("1 GB body", f"padding_mib={padding_mib}", address="large", repeats=1),
    ]


ADDRESSES = ("usual", "large", "refused", "unknown", "untrusted")


class Places:
    """Where providers are said to be: at a simulated one, and at addresses at which something is wrong."""

    def __init__(self, folder, certificate, upstream):
        self.usual = self.large = upstream.url
        self.closed = socket.socket()  # bound and not listening: nobody else gets the port
        self.closed.bind(("127.0.0.1", 0))
        self.refused = f"http://127.0.0.1:{self.closed.getsockname()[1]}"
        self.unknown = "http://" + "x" * 64 + ".invalid"  # no label is that long, so that no server is asked
        certificate(folder, "nobody")
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.untrusted = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._shake_hands, daemon=True).start()

    def _shake_hands(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                with self.tls.wrap_socket(connection, server_side=True):
                    pass
            except OSError:
                pass

    def close(self):
        self.closed.close()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@dataclass
class Cell:
    number: int
    road: Road
    fault: Fault
    stream: bool
    seen: list = field(default_factory=list)  # what the client saw, request by request

    @property
    def model(self):
        return f"claude-sonnet-5-5-cell{self.number}"


def configuration(roads, places):
    text = SETTINGS
    for number, address in product(range(len(roads)), ADDRESSES):
        road, name = roads[number], f"{address}{number}"
        text += (f'\n[providers.{name}]\nkind = "{road.kind}"\nbase_url = "{getattr(places, address)}{road.base}"\n'
                 f"{road.settings}\n")
    for number, address in product(range(len(roads)), ADDRESSES):
        name = f"{address}{number}"
        limits = 'total_timeout = "10m"\n' if address == "large" else ""
        text += (f'\n[[routes]]\nname = "{name}"\nheaders = ["x-road: {name}"]\n{limits}'
                 f'targets = [{{ provider = "{name}" }}]\n')
    return text


@dataclass
class Seen:
    status: int = 0
    request_id: str = ""
    headers: dict = field(default_factory=dict)
    error: str = ""  # type of the error in the body
    last: str = ""  # the last event of a stream
    whole: bool = False  # the answer came to its end
    size: int = 0


TAIL = 64 * 1024  # of an answer: enough to tell how it ended


def ask(weir, cell, roads):
    body = {"model": cell.model, "max_tokens": 64, "stream": cell.stream, "messages": [{"role": "user", "content": QUESTION}]}
    headers = {"content-type": "application/json", 
               "x-road": f"{cell.fault.address}{roads.index(cell.road)}"}
    if cell.fault.fault:
        headers["x-weir-fault"] = cell.fault.fault
    connection = http.client.HTTPConnection(weir.host, weir.port, timeout=30 if cell.fault.address != "large" else 600)
    try:
        connection.request("POST", cell.road.path, json.dumps(body).encode(), headers)
        return read(connection.getresponse())
    except http.client.RemoteDisconnected:
        return Seen()
    finally:
        connection.close()


def read(answer):
    seen = Seen(status=answer.status, request_id=answer.headers["x-request-id"],
                headers={name.lower(): value for name, value in answer.headers.items()})
    tail = b""
    try:
        while piece := answer.read1(1 << 20):
            seen.size += len(piece)
            tail = (tail + piece)[-TAIL:]
        seen.whole = not answer.length  # what was announced and did not come
    except (http.client.IncompleteRead, ConnectionError):
        pass
    if seen.headers.get("content-type", "").startswith("text/event-stream"):
        read_last_event(seen, tail)
    else:
        seen.error = error_of(tail)
    return seen


def error_of(text):
    try:
        document = json.loads(text)
    except ValueError:
        return ""
    error = document.get("error") if isinstance(document, dict) else None
    return (error.get("type") or "") if isinstance(error, dict) else ""


def read_last_event(seen, tail):
    events = [event for event in tail.decode(errors="replace").split("\n\n") if "data:" in event]
    if not events:
        return
    data = events[-1].split("data:", 1)[1].strip()
    seen.last = "[DONE]" if data == "[DONE]" else named(events[-1], data)
    for event in events[-2:]:  # OpenAI's error is followed by [DONE], or not
        seen.error = error_of(event.split("data:", 1)[1].strip()) or seen.error


def named(event, data):
    name = re.search(r"^event: ?(\S+)", event, re.M)
    if name:
        return name[1]
    return "error" if error_of(data) else "chunk"


def run(launcher, folder, certificate, roads, padding_mib, threads=200):
    """Every cell of these roads, with what Weir wrote about it, and the run's own totals."""
    upstream = launcher.upstream(["--loops", "2"])
    places = Places(folder, certificate, upstream)
    kinds = product(roads, faults(padding_mib), (True, False))
    cells = [Cell(number, *kind) for number, kind in enumerate(kinds)]
    config = folder / "matrix.toml"
    config.write_text(configuration(roads, places))
    weir = launcher.weir(env={"WEIR_CONFIG": str(config), "WEIR_LOG_LEVEL": "info",
                             "GCE_METADATA_HOST": upstream.url.removeprefix("http://")})
    try:
        ask_all(weir, [cell for cell in cells if cell.fault.address != "large"], roads, threads)
        ask_all(weir, [cell for cell in cells if cell.fault.address == "large"], roads, 2)
        requests = upstream.request("GET", "/__stats").json["requests"]
        peak_kib = memory_peak(weir.pid) // 1024
        assert weir.stop() == 0
    finally:
        places.close()
    return Outcome(cells, ledger(weir.data), log_entries(weir), requests, peak_kib)


def ask_all(weir, cells, roads, threads):
    """Each cell's requests one after the other, all cells at once."""

    def ask_repeatedly(cell):
        for _ in range(cell.fault.repeats):
            cell.seen.append(ask(weir, cell, roads))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(ask_repeatedly, cells))


def ledger(data):
    with sqlite3.connect(f"file:{data}/weir.db?mode=ro", uri=True) as database:
        database.row_factory = sqlite3.Row
        return {row["request_id"]: row for row in database.execute("SELECT * FROM ledger")}


def log_entries(weir):
    entries = {}
    for line in weir.log_text().splitlines():
        if not line.startswith("{"):
            continue
        entry = json.loads(line)
        attributes = entry.get("attributes", entry)
        if "request_id" in attributes:
            entries.setdefault(attributes["request_id"], []).append((entry, attributes))
    return entries


@dataclass
class Outcome:
    cells: list
    rows: dict  # of the ledger, by request id
    log: dict  # entries of the log, by request id
    upstream_requests: int
    peak_kib: int

    def tries(self):
        """Of all requests together, at the simulated provider."""
        ids = [seen.request_id for cell in self.cells for seen in cell.seen
               if cell.fault.address in ("usual", "large")]
        return sum(self.rows[one]["tries"] for one in ids if one in self.rows)


# ---- the table

HEADER = "| fault | answer | the client sees | tries | breaker | ledger: status, error | log |\n|---|---|---|---|---|---|---|\n"


def table(outcome, road):
    lines = []
    cells = [cell for cell in outcome.cells if cell.road == road]
    for stream, document in zip(cells[::2], cells[1::2]):
        told = [columns(outcome, cell) for cell in (stream, document)]
        if told[0] == told[1]:
            lines.append((stream.fault.title, "either", *told[0]))
        else:
            lines += [(stream.fault.title, "stream", *told[0]), ("", "document", *told[1])]
    return HEADER + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def columns(outcome, cell):
    seen = cell.seen[0]
    row = outcome.rows.get(seen.request_id)
    return (client_column(seen), str(row["tries"]) if row else "0", breaker_column(outcome, cell),
            ledger_column(row), log_column(outcome.log.get(seen.request_id, [])))


def client_column(seen):
    if seen.status == 0:
        return "no answer"
    told = [str(seen.status)]
    if seen.last:
        told.append(f"last event `{seen.last}`")
    if seen.error:
        told.append(f"`{seen.error}`")
    told += [f"`{name}: {seen.headers[name]}`" for name in ("retry-after", "x-should-retry") if name in seen.headers]
    kind = seen.headers.get("content-type", "").split(";")[0]
    if kind not in ("application/json", "text/event-stream"):
        told.append(f"`{kind}`")
    if not seen.whole:
        told.append("cut off")
    return ", ".join(told)


def breaker_column(outcome, cell):
    for number, seen in enumerate(cell.seen):
        if seen.request_id not in outcome.rows:
            assert seen.status == 503 and seen.headers["retry-after"], "refused without a try, and not by a breaker"
            return f"open after {number}"
    return "closed"


def ledger_column(row):
    if row is None:
        return "no row"
    return f"{row['status']}" + (f" `{row['error_type']}`" if row["error_type"] else "") + (
        ", estimated" if row["usage_estimated"] else "")


def log_column(entries):
    told = {}
    for _, attributes in entries:
        problem = attributes.get("error") or attributes.get("error.type")
        if problem:
            problem = re.sub(r"https?://[^ :]+(:\d+)?(/\w+)*: ", "", problem).replace("x" * 64, "…")
            told[problem] = told.get(problem, 0) + 1
    return "; ".join(f"{problem} ({count} ×)" if count > 1 else problem for problem, count in told.items()) or "–"
