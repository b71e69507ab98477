"""Anthropic's Files API through Weir: streamed both ways, and each file its key's."""

import hashlib
import http.client
import io
import socket
import time

import anthropic
import pytest
from conftest import memory_peak

ALICE, BOB = "sk-weir-alice-of-the-files", "sk-weir-bob-of-the-files"
BETA = {"anthropic-beta": "files-api-2025-04-14"}
MODEL = "claude-sonnet-5-5"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def pair(launch_module, tmp_path_factory):
    config = tmp_path_factory.mktemp("config") / "weir.toml"
    config.write_text('[server]\nbody_size_max = "4GiB"\n[edge]\nfile_body_size_max = "2GiB"\n')
    return launch_module.pair(env={"VALID_API_KEYS": f"{ALICE},{BOB}", "WEIR_CONFIG": str(config)})


@pytest.fixture(scope="module")
def gateway(pair):
    return pair[0]


def client_of(gateway, key, **kwargs):
    return anthropic.Anthropic(base_url=gateway.url, api_key=key, max_retries=0, **kwargs)


def versions():
    return {"anthropic-version": "2023-06-01"}, {"anthropic-version": "2026-10-21"}


@pytest.mark.parametrize("version", versions(), ids=lambda v: v["anthropic-version"])
def test_life_of_a_file(gateway, version):
    client = client_of(gateway, ALICE, default_headers=version)
    content = b"a,b\r\n1,2\r\n--almost a boundary\r\n"
    uploaded = client.beta.files.upload(file=("table.csv", io.BytesIO(content), "text/csv"))
    assert (uploaded.filename, uploaded.mime_type, uploaded.size_bytes) == ("table.csv", "text/csv", len(content))
    assert client.beta.files.retrieve_metadata(uploaded.id).created_at == uploaded.created_at
    assert client.beta.files.download(uploaded.id).read() == content
    assert uploaded.id in [file.id for file in client.beta.files.list(limit=1)]
    assert client.beta.files.delete(uploaded.id).type == "file_deleted"
    with pytest.raises(anthropic.NotFoundError):
        client.beta.files.retrieve_metadata(uploaded.id)


def test_another_keys_file_is_not_found_anywhere(gateway):
    alice, bob = client_of(gateway, ALICE), client_of(gateway, BOB)
    file = alice.beta.files.upload(file=("secret.txt", b"secret", "text/plain"))
    for attempt in (bob.beta.files.retrieve_metadata, bob.beta.files.download, bob.beta.files.delete):
        with pytest.raises(anthropic.NotFoundError) as refused:
            attempt(file.id)
        assert refused.value.body["error"]["type"] == "not_found_error"
    assert bob.beta.files.list().data == []
    assert bob.beta.files.list(ids=[file.id]).data == []
    document = {"type": "document", "source": {"type": "file", "file_id": file.id}}
    question = [{"role": "user", "content": [document, {"type": "text", "text": "what is it?"}]}]
    with pytest.raises(anthropic.NotFoundError):
        bob.beta.messages.create(model=MODEL, max_tokens=16, messages=question)
    assert alice.beta.messages.create(model=MODEL, max_tokens=16, messages=question).content
    assert alice.beta.files.download(file.id).read() == b"secret"
    alice.beta.files.delete(file.id)


def test_an_unowned_id_is_not_found(gateway):
    answer = gateway.request("GET", "/v1/files/file_of_nobody", headers={"x-api-key": ALICE} | BETA)
    assert answer.status == 404
    assert answer.json["error"]["type"] == "not_found_error"


@pytest.mark.parametrize("version", versions(), ids=lambda v: v["anthropic-version"])
def test_pages_hold_what_is_ones_own_and_nothing_is_missed(gateway, version):
    mine, theirs = (client_of(gateway, key, default_headers=version) for key in (ALICE, BOB))
    for file in mine.beta.files.list(limit=1000):
        mine.beta.files.delete(file.id)
    ids = []
    for number in range(23):
        owner = theirs if number % 3 else mine
        made = owner.beta.files.upload(file=(f"{number}.txt", b"x", "text/plain"))
        if owner is mine:
            ids.insert(0, made.id)
    headers = {"x-api-key": ALICE} | BETA | version
    for limit in (1, 2, 3, 7, 8, 20):
        if version["anthropic-version"] == "2026-10-21":
            assert [file.id for file in mine.beta.files.list(limit=limit)] == ids
            continue
        found, page = [], {"has_more": True, "last_id": ""}
        while page["has_more"]:
            page = gateway.request("GET", f"/v1/files?limit={limit}&after_id={page['last_id']}", headers=headers).json
            found += [file["id"] for file in page["data"]]
            assert 0 < len(page["data"]) <= limit
        assert found == ids
    if version["anthropic-version"] == "2023-06-01":
        page = gateway.request("GET", f"/v1/files?limit=3&before_id={ids[5]}", headers=headers).json
        assert [file["id"] for file in page["data"]] == ids[2:5]
        assert (page["has_more"], page["first_id"], page["last_id"]) == (True, ids[2], ids[4])
        page = gateway.request("GET", f"/v1/files?limit=8&after_id={ids[4]}", headers=headers).json
        assert [file["id"] for file in page["data"]] == ids[5:] and page["has_more"] is False


def test_owners_outlive_weir(launch):
    upstream = launch.upstream()
    env = {"ANTHROPIC_BASE_URL": upstream.url, "ANTHROPIC_API_KEY": "k", "VALID_API_KEYS": f"{ALICE},{BOB}"}
    first = launch.weir(env=env)
    file = client_of(first, ALICE).beta.files.upload(file=("a.txt", b"a", "text/plain"))
    first.kill()  # no time to write anything
    second = launch.weir(env=env, data=first.data)
    assert client_of(second, ALICE).beta.files.retrieve_metadata(file.id).id == file.id
    with pytest.raises(anthropic.NotFoundError):
        client_of(second, BOB).beta.files.retrieve_metadata(file.id)


def settled_bytes(pid):
    """The most that was resident once the start is over: the embedding model is loaded beside it."""
    last, now = 0, memory_peak(pid)
    while now != last:
        time.sleep(0.5)
        last, now = now, memory_peak(pid)
    return now


def form_around(size):
    boundary = "weir-test-boundary"
    head = (f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="big.bin"\r\n'
            f"content-type: application/octet-stream\r\n\r\n").encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    return boundary, head, tail, len(head) + size + len(tail)


@pytest.mark.parametrize("framing", ["content-length", "chunked"])
def test_a_large_file_is_never_held(pair, long_run, framing):
    gateway, _ = pair
    size = (1024 if long_run else 200) * MIB
    boundary, head, tail, total = form_around(size)
    block = bytes(range(256)) * 4096
    digest = hashlib.sha256()

    def pieces():
        yield head
        for _ in range(size // MIB):
            digest.update(block)
            yield block
        yield tail

    headers = {"x-api-key": ALICE, "content-type": f"multipart/form-data; boundary={boundary}"} | BETA
    if framing == "content-length":
        headers["content-length"] = str(total)
    before = settled_bytes(gateway.pid)
    connection = http.client.HTTPConnection(gateway.host, gateway.port, timeout=120)
    connection.request("POST", "/v1/files", body=pieces(), headers=headers, encode_chunked=framing == "chunked")
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    file = __import__("json").loads(body)
    assert file["size_bytes"] == size
    received = hashlib.sha256()
    connection.request("GET", f"/v1/files/{file['id']}/content", headers={"x-api-key": ALICE} | BETA)
    answer = connection.getresponse()
    while piece := answer.read(MIB):
        received.update(piece)
    assert received.digest() == digest.digest()
    growth = memory_peak(gateway.pid) - before
    print(f"{size // MIB} MiB up and down, memory grew by {growth / MIB:.1f} MiB at its highest")
    assert growth < 32 * MIB
    client_of(gateway, ALICE).beta.files.delete(file["id"])


def send_head(gateway, total, extra=""):
    boundary, head, _, _ = form_around(0)
    peer = socket.create_connection((gateway.host, gateway.port), timeout=20)
    peer.sendall((f"POST /v1/files HTTP/1.1\r\nhost: weir\r\nx-api-key: {ALICE}\r\n{extra}"
                  f"content-type: multipart/form-data; boundary={boundary}\r\ncontent-length: {total}\r\n\r\n").encode()
                 + head)
    return peer


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def stats(upstream):
    return upstream.request("GET", "/__stats").json


def test_an_upload_that_is_given_up_ends_the_call(pair):
    gateway, upstream = pair
    before = stats(upstream)
    peer = send_head(gateway, 50 * MIB)
    peer.sendall(b"x" * MIB)
    assert wait_until(lambda: stats(upstream)["requests"] > before["requests"])
    files = len(client_of(gateway, ALICE).beta.files.list(limit=1000).data)
    peer.close()
    assert wait_until(lambda: stats(upstream)["aborted"] > before["aborted"]), stats(upstream)
    assert len(client_of(gateway, ALICE).beta.files.list(limit=1000).data) == files


def test_an_early_answer_reaches_the_client_in_the_middle_of_its_upload(pair):
    gateway, _ = pair
    peer = send_head(gateway, 500 * MIB, "x-weir-fault: status=413\r\n")
    peer.sendall(b"x" * 1000)  # and waits: the answer must not wait for the rest
    answer = peer.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 "), answer[:200]
    assert b"connection: close" in answer.lower()  # the rest of 500 MiB is not worth reading
    peer.close()


def test_an_upload_beyond_the_limit_is_refused(pair):
    gateway, _ = pair
    peer = send_head(gateway, 3 * 1024 * MIB)
    assert peer.recv(65536).startswith(b"HTTP/1.1 413 ")
    peer.close()
