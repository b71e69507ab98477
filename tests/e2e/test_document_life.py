"""A document's life: read while its sender does something else, updated in place, stored once, and gone without a trace."""

import sys
import time

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests" / "hostile"))
import documents as make  # noqa: E402

ASYNC = {"content-type": "application/octet-stream", "prefer": "respond-async"}


@pytest.fixture(scope="module")
def weir(launch_module):
    return launch_module.weir()


def test_sent_and_read_later(weir):
    answer = weir.request("POST", "/api/documents?source=later.pdf", make.pdf_of_pages(b"BT /F1 12 Tf (Later words) Tj ET"), ASYNC)
    assert answer.status == 202 and answer.json["status"] == "processing"
    assert answer.headers["preference-applied"] == "respond-async"
    document = weir.request("GET", answer.headers["location"] + "?wait=30").json
    assert document["status"] == "ready" and document["id"] == answer.json["id"] and document["text"].strip() == "Later words"


def test_a_failure_keeps_its_reason(weir):
    answer = weir.request("POST", "/api/documents?source=bad.docx", b"PK\3\4 no archive", ASYNC)
    assert answer.status == 202
    failed = weir.request("GET", answer.headers["location"] + "?wait=30").json
    assert failed["status"] == "failed" and failed["reason"]["code"] == "invalid_request"
    assert "archive is damaged" in failed["reason"]["error"]
    assert all(document["source"] != "bad.docx" for document in weir.request("GET", "/api/documents").json["documents"])


def test_a_known_source_keeps_its_id(weir):
    first = weir.request("POST", "/api/documents?source=known.txt", b"first words", ASYNC).headers["location"]
    known = weir.request("GET", first + "?wait=30").json
    second = weir.request("POST", "/api/documents?source=known.txt", b"second words", ASYNC).headers["location"]
    assert second != first
    updated = weir.request("GET", second + "?wait=30").json
    assert updated["id"] == known["id"] and updated["text"] == "second words"


def test_the_same_content_is_stored_once_and_removed_whole(weir):
    text = "Zanzibar parcels travel by dhow.\n\nThey arrive with the monsoon."
    created = weir.request("POST", "/api/documents", {"text": text, "title": "Dhow"})
    assert created.status == 201
    begun = time.monotonic()
    for _ in range(20):
        assert weir.request("POST", "/api/documents", {"text": text, "title": "Dhow"}).json["outcome"] == "unchanged"
    assert time.monotonic() - begun < 20
    path = f"/api/documents/{created.json['id']}"
    found = weir.request("POST", "/api/chat", {"message": "How do Zanzibar parcels travel?"}).json
    assert [source["document_id"] for source in found["sources"]] == [created.json["id"]]
    removed = weir.request("DELETE", path)
    assert removed.status == 200
    assert removed.json == {"id": created.json["id"], "deleted": True, "removed": {"text_bytes": len(text), "passages": 1}}
    assert weir.request("GET", path).status == 404 and weir.request("DELETE", path).status == 404
    assert weir.request("POST", "/api/chat", {"message": "How do Zanzibar parcels travel?"}).json["sources"] == []
    assert weir.request("GET", "/api/documents?wait=1").status == 200


def test_a_wait_that_is_no_number_is_named(weir):
    answer = weir.request("GET", "/api/documents/doc_x?wait=soon")
    assert answer.status == 400 and "wait" in answer.json["error"]
