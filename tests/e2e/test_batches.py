"""Anthropic's Message Batches through Weir: from creation to results, each batch its key's, paid once."""

import sqlite3
import time

import anthropic
import pytest

ALICE, BOB = "sk-weir-alice-of-the-batches", "sk-weir-bob-of-the-batches"
MODEL = "claude-sonnet-5-5"


@pytest.fixture(scope="module")
def gateway(launch_module):
    return launch_module.pair(env={"VALID_API_KEYS": f"{ALICE},{BOB}"})[0]


def client_of(gateway, key, **kwargs):
    return anthropic.Anthropic(base_url=gateway.url, api_key=key, max_retries=0, **kwargs)


def request(custom_id, model=MODEL, content="Say hello"):
    return {"custom_id": custom_id,
            "params": {"model": model, "max_tokens": 64, "messages": [{"role": "user", "content": content}]}}


def ended(client, batch_id):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        batch = client.messages.batches.retrieve(batch_id)
        if batch.processing_status == "ended":
            return batch
        time.sleep(0.05)
    raise AssertionError("the batch did not end")


def ledger_rows(gateway, batch_id, count):
    deadline = time.monotonic() + 10
    while True:
        with sqlite3.connect(f"file:{gateway.data}/weir.db?mode=ro", uri=True) as database:
            rows = database.execute(
                "SELECT request_id, model, input_tokens, output_tokens, cost_nanos FROM ledger WHERE request_id LIKE ?"
                " ORDER BY request_id", (batch_id + ":%",)).fetchall()
        if len(rows) >= count or time.monotonic() > deadline:
            return rows
        time.sleep(0.05)


@pytest.mark.parametrize("version", ["2023-06-01", "2026-10-21"])
def test_life_of_a_batch(gateway, version):
    client = client_of(gateway, ALICE, default_headers={"anthropic-version": version})
    batch = client.messages.batches.create(requests=[request("a"), request("b"), request("c", model="no-such-model")])
    assert batch.processing_status == "in_progress" and batch.request_counts.processing == 3
    done = ended(client, batch.id)
    assert (done.request_counts.succeeded, done.request_counts.errored) == (2, 1)
    assert done.results_url.startswith(gateway.url), "SDKs follow it with the key that they have"
    results = {result.custom_id: result.result for result in client.messages.batches.results(batch.id)}
    assert results["a"].message.content and results["c"].error.error.type == "not_found_error"
    assert batch.id in [one.id for one in client.messages.batches.list(limit=1)]

    # Each result once, at half price, however often they are read.
    rows = ledger_rows(gateway, batch.id, 2)
    list(client.messages.batches.results(batch.id))
    time.sleep(0.6)
    assert ledger_rows(gateway, batch.id, 2) == rows and [row[0] for row in rows] == [batch.id + ":a", batch.id + ":b"]
    for _, model, input_tokens, output_tokens, cost_nanos in rows:
        assert model == MODEL and output_tokens > 0
        assert cost_nanos == (input_tokens * 2_000 + output_tokens * 10_000) // 2  # $2 and $10 per million, halved

    assert client.messages.batches.delete(batch.id).type == "message_batch_deleted"
    with pytest.raises(anthropic.NotFoundError):
        client.messages.batches.retrieve(batch.id)


def test_cancel(gateway):
    client = client_of(gateway, ALICE, default_headers={"x-weir-batch": "ends_after_ms=60000"})
    batch = client.messages.batches.create(requests=[request("a")])
    with pytest.raises(anthropic.BadRequestError):
        client.messages.batches.delete(batch.id)
    cancelled = client.messages.batches.cancel(batch.id)
    assert cancelled.processing_status in ("canceling", "ended") and cancelled.cancel_initiated_at
    assert ended(client, batch.id).request_counts.canceled == 1
    assert [result.result.type for result in client.messages.batches.results(batch.id)] == ["canceled"]
    assert ledger_rows(gateway, batch.id, 0) == []


def test_expiry(gateway):
    client = client_of(gateway, ALICE, default_headers={"x-weir-batch": "ends_after_ms=60000,expires_after_ms=50"})
    batch = client.messages.batches.create(requests=[request("a")])
    assert ended(client, batch.id).request_counts.expired == 1
    assert [result.result.type for result in client.messages.batches.results(batch.id)] == ["expired"]


def test_errors_of_the_provider_arrive_unmodified(gateway):
    client = client_of(gateway, ALICE)
    with pytest.raises(anthropic.BadRequestError) as refused:
        client.messages.batches.create(requests=[request("a"), request("a")])
    assert "requests.1.custom_id" in refused.value.body["error"]["message"]
    with pytest.raises(anthropic.RateLimitError):
        client.messages.batches.create(requests=[request("a")], extra_headers={"x-weir-fault": "429=61"})


def test_another_keys_batch_is_not_found_anywhere(gateway):
    alice, bob = client_of(gateway, ALICE), client_of(gateway, BOB)
    batch = alice.messages.batches.create(requests=[request("a")])
    ended(alice, batch.id)
    for attempt in (bob.messages.batches.retrieve, bob.messages.batches.cancel, bob.messages.batches.delete):
        with pytest.raises(anthropic.NotFoundError) as refused:
            attempt(batch.id)
        assert refused.value.body["error"]["type"] == "not_found_error"
    answer = gateway.request("GET", f"/v1/messages/batches/{batch.id}/results", headers={"x-api-key": BOB})
    assert answer.status == 404
    assert bob.messages.batches.list().data == []
    assert ended(alice, batch.id).id == batch.id


def test_pages(gateway):
    mine, theirs = client_of(gateway, BOB), client_of(gateway, ALICE)
    ids = []
    for number in range(9):
        made = (mine if number % 2 else theirs).messages.batches.create(requests=[request("a")])
        if number % 2:
            ids.insert(0, made.id)
    for limit in (1, 2, 4, 20):
        assert [batch.id for batch in mine.messages.batches.list(limit=limit)] == ids


def test_a_batch_with_another_keys_file_is_not_made(gateway):
    alice, bob = client_of(gateway, ALICE), client_of(gateway, BOB)
    file = alice.beta.files.upload(file=("a.txt", b"a", "text/plain"))
    content = [{"type": "document", "source": {"type": "file", "file_id": file.id}}]
    before = len(bob.messages.batches.list(limit=1000).data)
    with pytest.raises(anthropic.NotFoundError) as refused:
        bob.messages.batches.create(requests=[request("a"), request("b", content=content)])
    assert refused.value.body["error"]["type"] == "not_found_error"
    assert len(bob.messages.batches.list(limit=1000).data) == before
    assert alice.messages.batches.create(requests=[request("a", content=content)]).id


def test_a_large_batch_is_passed_on_as_it_arrives(gateway):
    client = client_of(gateway, ALICE)
    requests = [request(f"r{number}", content="x" * 4000) for number in range(2_000)]
    batch = client.messages.batches.create(requests=requests)
    assert ended(client, batch.id).request_counts.succeeded == 2_000
    assert sum(1 for _ in client.messages.batches.results(batch.id)) == 2_000
    assert len(ledger_rows(gateway, batch.id, 2_000)) == 2_000
