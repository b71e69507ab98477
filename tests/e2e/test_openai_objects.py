"""OpenAI's files, batches and vector stores through Weir by OpenAI's SDK: each belongs to the key that made it."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import openai
import pytest
from test_recordings import ledger_rows

ALICE, BOB = "sk-weir-alice-of-the-objects", "sk-weir-bob-of-the-objects"


class Provider(BaseHTTPRequestHandler):
    """What OpenAI keeps, in memory, for its one customer: Weir."""

    protocol_version = "HTTP/1.1"
    lock = threading.Lock()

    def log_message(self, *arguments):
        pass

    def body(self):
        if self.headers.get("transfer-encoding") == "chunked":
            data = b""
            while size := int(self.rfile.readline(), 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def answer(self, value, status=200):
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/octet-stream" if isinstance(value, bytes) else "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def make(self, kind, prefix, **members):
        made = {"id": f"{prefix}{len(self.server.kept) + 1:04}", "object": kind, "created_at": 1, **members}
        self.server.kept[made["id"]] = made
        return made

    def do_GET(self):
        self.handle_any()

    do_POST = do_DELETE = do_GET

    def handle_any(self):
        body, parts = self.body(), urlsplit(self.path)
        segments = parts.path.removeprefix("/v1/").split("/")
        with self.lock:
            self.server.seen.append((self.command, self.path))
            if len(segments) == 1:
                return self.collection(segments[0], body, parse_qs(parts.query))
            kept = self.server.kept.get(segments[1])
            if kept is None:
                return self.answer({"error": {"message": "gone", "type": "invalid_request_error"}}, 404)
            if segments[2:] == ["content"]:
                return self.answer(self.server.contents.get(kept["id"], b""))
            if segments[2:] == ["cancel"]:
                kept["status"] = "cancelling"
            elif segments[2:]:
                return self.answer({"id": json.loads(body or b"{}").get("file_id", "x"), "object": "vector_store.file",
                                    "created_at": 1, "vector_store_id": kept["id"], "status": "completed", "usage_bytes": 0})
            elif self.command == "DELETE":
                del self.server.kept[kept["id"]]
                return self.answer({"id": kept["id"], "object": kept["object"] + ".deleted", "deleted": True})
            return self.answer(kept)

    def collection(self, name, body, query):
        kind = {"files": "file", "batches": "batch", "vector_stores": "vector_store"}[name]
        if self.command == "GET":
            ids = [i for i, one in reversed(self.server.kept.items()) if one["object"] == kind]
            after = query.get("after", [None])[0]
            ids = ids[ids.index(after) + 1:] if after in ids else ids
            page = ids[:2]  # smaller than anybody asks for, so that Weir must walk
            return self.answer({"object": "list", "data": [self.server.kept[i] for i in page],
                                "has_more": len(ids) > 2, "first_id": None, "last_id": None})
        if kind == "file":
            made = self.make(kind, "file-", bytes=len(body), filename="a", purpose="batch", status="processed")
            self.server.contents[made["id"]] = body
        elif kind == "batch":
            wanted = json.loads(body)
            made = self.make(kind, "batch_", status="completed", **wanted, output_file_id="file-out-" + str(len(self.server.kept)))
            line = {"id": "batch_req_" + made["id"], "custom_id": "a", "response": {"status_code": 200, "body": {
                "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-5-nano",
                "usage": {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}}}}
            self.server.kept[made["output_file_id"]] = {"id": made["output_file_id"], "object": "file", "bytes": 1, "created_at": 1,
                                                        "filename": "out", "purpose": "batch_output", "status": "processed"}
            self.server.contents[made["output_file_id"]] = json.dumps(line).encode() + b"\n"
        else:
            made = self.make(kind, "vs_", name="s", status="completed")
        return self.answer(made)


@pytest.fixture(scope="module")
def provider():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.kept, server.contents, server.seen = {}, {}, []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()


@pytest.fixture(scope="module")
def gateway(launch_module, provider):
    url = f"http://127.0.0.1:{provider.server_address[1]}/v1"
    return launch_module.weir(env={"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any", "VALID_API_KEYS": f"{ALICE},{BOB}"})


def client_of(gateway, key):
    return openai.OpenAI(base_url=gateway.url + "/v1", api_key=key, max_retries=0)


@pytest.fixture
def alice(gateway):
    return client_of(gateway, ALICE)


@pytest.fixture
def bob(gateway):
    return client_of(gateway, BOB)


def refused(call, *arguments, **options):
    with pytest.raises(openai.NotFoundError) as error:
        call(*arguments, **options)
    assert error.value.body["type"] == "invalid_request_error", "in OpenAI's envelope"


def test_files(provider, alice, bob):
    file = alice.files.create(file=("a.jsonl", b"content of alice\n" * 20_000), purpose="batch")
    assert alice.files.retrieve(file.id).id == file.id
    assert b"content of alice" in alice.files.content(file.id).read()
    asked = len(provider.seen)
    for call in (bob.files.retrieve, bob.files.content, bob.files.delete):
        refused(call, file.id)
    assert len(provider.seen) == asked, "the provider is not even asked"
    assert file.id not in [one.id for one in bob.files.list()]
    assert file.id in [one.id for one in alice.files.list()]
    assert alice.files.delete(file.id).deleted
    refused(alice.files.retrieve, file.id)


def test_batches_are_paid_once(gateway, alice, bob):
    file = alice.files.create(file=("a.jsonl", b"{}\n"), purpose="batch")
    wanted = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}
    refused(bob.batches.create, input_file_id=file.id, **wanted)
    batch = alice.batches.create(input_file_id=file.id, **wanted)
    for call in (bob.batches.retrieve, bob.batches.cancel):
        refused(call, batch.id)
    assert bob.batches.list().data == []
    refused(alice.files.content, batch.output_file_id)  # nobody's, until the batch's owner has seen it
    output = alice.batches.retrieve(batch.id).output_file_id
    refused(bob.files.content, output)
    for _ in range(2):
        assert json.loads(alice.files.content(output).read())["custom_id"] == "a"
    rows = ledger_rows(gateway, 1, ids=["batch_req_" + batch.id])
    row = rows["batch_req_" + batch.id]
    assert (row["input_tokens"], row["output_tokens"]) == (11, 5)
    assert sum(one.startswith("batch_req_") for one in rows) == 1
    assert alice.batches.cancel(batch.id).status == "cancelling"


def test_a_page_is_the_callers_own(alice, bob):
    file = bob.files.create(file=("b", b"b"), purpose="batch")
    mine = []
    for number in range(7):
        made = alice.files.create(file=(f"a{number}", b"a"), purpose="batch")
        mine.insert(0, made.id)
        bob.files.create(file=("b", b"b"), purpose="batch")
    for limit in (1, 3, 100):
        listed = [one.id for one in alice.files.list(limit=limit)]
        assert listed[:7] == mine and file.id not in listed, limit


def test_vector_stores(alice, bob):
    file = alice.files.create(file=("a", b"a"), purpose="assistants")
    foreign = bob.files.create(file=("b", b"b"), purpose="assistants")
    store = alice.vector_stores.create(name="s", file_ids=[file.id])
    refused(alice.vector_stores.create, name="s", file_ids=[foreign.id])
    assert alice.vector_stores.files.create(store.id, file_id=file.id).vector_store_id == store.id
    refused(alice.vector_stores.files.create, store.id, file_id=foreign.id)
    refused(bob.vector_stores.files.create, store.id, file_id=foreign.id)
    for call in (bob.vector_stores.retrieve, bob.vector_stores.delete):
        refused(call, store.id)
    refused(bob.vector_stores.search, store.id, query="a")
    assert bob.vector_stores.list().data == [] and [one.id for one in alice.vector_stores.list()] == [store.id]
    assert alice.vector_stores.delete(store.id).deleted
    refused(alice.vector_stores.retrieve, store.id)


def test_a_question_names_no_other_keys_files(alice, bob):
    file = alice.files.create(file=("a.pdf", b"a"), purpose="user_data")
    store = alice.vector_stores.create(name="s")
    content = [{"type": "file", "file": {"file_id": file.id}}]
    refused(bob.chat.completions.create, model="gpt-5-nano", messages=[{"role": "user", "content": content}])
    refused(bob.responses.create, model="gpt-5-nano", input=[{"role": "user", "content": [{"type": "input_file", "file_id": file.id}]}])
    refused(bob.responses.create, model="gpt-5-nano", input="a", tools=[{"type": "file_search", "vector_store_ids": [store.id]}])


def test_an_upload_is_not_held(provider, gateway):
    """The provider has the beginning while the client still has the end."""
    boundary = "form"
    head = f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'.encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    before = memory_of(gateway.pid)
    size = 64 * 1024 * 1024
    with socket.create_connection((gateway.host, gateway.port)) as raw:
        raw.sendall((f"POST /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ALICE}\r\ncontent-type: multipart/form-data; "
                     f"boundary={boundary}\r\ncontent-length: {len(head) + size + len(tail)}\r\nconnection: close\r\n\r\n").encode())
        raw.sendall(head)
        peak = 0
        for _ in range(size // 2**20):
            raw.sendall(b"x" * 2**20)
            peak = max(peak, memory_of(gateway.pid))
        raw.sendall(tail)
        assert b"200" in raw.recv(4096).split(b"\r\n")[0]
    assert peak - before < 24 * 1024 * 1024, (before, peak)


def memory_of(pid):
    with open(f"/proc/{pid}/statm") as pages:
        return int(pages.read().split()[1]) * 4096
