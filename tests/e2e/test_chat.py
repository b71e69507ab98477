"""POST /api/chat over documents: extractive without a key, by a model with one."""

import json

import pytest

PAGE = """# Refunds

Orders can be returned within 30 days. The refund is paid within 5 working days.

## Exceptions

Gift cards cannot be returned.
"""


def add(weir, text=PAGE, title="Refunds", **kwargs):
    answer = weir.request("POST", "/api/documents", {"title": title, "text": text, **kwargs})
    assert answer.status == 201, answer.body
    return answer.json


def events(body):
    found = []
    for frame in body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in frame.splitlines() if ": " in line)
        if "data" in fields:
            found.append((fields.get("event", "message"), fields["data"]))
    return found


@pytest.fixture(scope="module")
def with_model(launch_module):
    return launch_module.pair()[0]


def test_extractive_answer_quotes_the_document(launch):
    weir = launch.weir()
    document = add(weir)
    answer = weir.request("POST", "/api/chat", {"message": "How many days until the refund is paid?"}).json
    assert answer["success"] is True and answer["kind"] == "extractive"
    assert "5 working days" in answer["answer"] and answer["timestamp"].endswith("Z")
    text = weir.request("GET", f"/api/documents/{document['id']}").json["text"].encode()
    for citation in answer["citations"]:
        assert text[citation["begin"]:citation["end"]].decode() == citation["cited_text"]


def test_model_answer_cites_the_source(with_model):
    document = add(with_model)
    answer = with_model.request("POST", "/api/chat", {"message": "When is the refund paid?"}).json
    assert answer["kind"] == "model" and answer["usage"]["output_tokens"] > 0
    assert answer["sources"][0]["document_id"] == document["id"]
    assert answer["citations"], answer
    text = with_model.request("GET", f"/api/documents/{document['id']}").json["text"].encode()
    for citation in answer["citations"]:
        assert text[citation["begin"]:citation["end"]].decode() == citation["cited_text"]


def test_streamed_sources_come_before_text(with_model):
    add(with_model, PAGE + "\nMore.\n", title="Refunds again")
    answer = with_model.request("POST", "/api/chat", {"message": "When is the refund paid?", "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-cache, no-transform"
    assert answer.headers["x-accel-buffering"] == "no"
    names = [name for name, _ in events(answer.body)]
    assert names[0] == "sources" and names[-1] == "done" and names.count("text") > 1


def test_ui_message_stream(with_model):
    body = {"id": "c1", "trigger": "submit-message",
            "messages": [{"id": "m1", "role": "user", "parts": [{"type": "text", "text": "When is the refund paid?"}]}]}
    answer = with_model.request("POST", "/api/chat", body)
    assert answer.headers["x-vercel-ai-ui-message-stream"] == "v1"
    data = [data for _, data in events(answer.body)]
    assert data[-1] == "[DONE]"
    kinds = [json.loads(item)["type"] for item in data[:-1]]
    assert kinds[0] == "start" and kinds[-1] == "finish" and "text-delta" in kinds


def test_the_provider_down_gives_a_labelled_extractive_answer(launch):
    weir = launch.weir(env={"ANTHROPIC_API_KEY": "sk-x", "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"})
    add(weir)
    answer = weir.request("POST", "/api/chat", {"message": "When is the refund paid?"}, timeout=60).json
    assert answer["kind"] == "extractive" and answer["fallback_reason"] == "upstream_failed"


def test_versioned_paths_are_the_same(weir):
    assert weir.request("GET", "/api/v1/documents").json == weir.request("GET", "/api/documents").json
