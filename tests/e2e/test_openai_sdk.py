"""OpenAI's Python SDK, unmodified, with base_url at Weir, and Claude behind it."""

import json

import openai
import pytest

WEIR_KEY = "sk-weir-openai-sdk-test"
MODEL = "claude-sonnet-5-5"
PROMPT = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Say hello"}]
WEATHER = {"name": "get_weather", "description": "The weather of a city",
           "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
PIXEL = ("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5"
         "ErkJggg==")


@pytest.fixture(scope="module")
def gateway(launch_module):
    return launch_module.pair(env={"VALID_API_KEYS": WEIR_KEY})[0]


def client_of(gateway, key=WEIR_KEY):
    return openai.OpenAI(base_url=gateway.url + "/v1", api_key=key, max_retries=0)


@pytest.fixture(scope="module")
def client(gateway):
    return client_of(gateway)


def test_plain(client):
    answer = client.chat.completions.create(model=MODEL, messages=PROMPT, max_tokens=None)
    assert answer.object == "chat.completion" and answer.id.startswith("chatcmpl-")
    assert answer.choices[0].message.content and answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


def test_streaming_tells_the_usage_only_when_asked(client):
    for wanted in (True, False):
        options = {"stream_options": {"include_usage": True}} if wanted else {}
        chunks = list(client.chat.completions.create(model=MODEL, messages=PROMPT, stream=True, **options))
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert text and len(chunks) > 3
        assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
        assert [c.usage.total_tokens > 0 for c in chunks if c.usage] == ([True] if wanted else [])


def test_tools(client):
    tools = [{"type": "function", "function": WEATHER}]
    answer = client.chat.completions.create(model=MODEL, messages=PROMPT, tools=tools, tool_choice="required")
    assert answer.choices[0].finish_reason == "tool_calls"
    call = answer.choices[0].message.tool_calls[0]
    assert call.function.name == "get_weather" and isinstance(json.loads(call.function.arguments), dict)


def test_parallel_tools(client):
    tools = [{"type": "function", "function": WEATHER | {"name": name}} for name in ("get_weather", "get_tide")]
    asked = {"model": MODEL, "tools": tools, "tool_choice": "required", "parallel_tool_calls": True,
             "messages": [{"role": "user", "content": "Weather and tide of Oslo [every tool]"}]}
    whole = client.chat.completions.create(**asked).choices[0].message.tool_calls
    assert [call.function.name for call in whole] == ["get_weather", "get_tide"] and whole[0].id != whole[1].id
    chunks = list(client.chat.completions.create(stream=True, **asked))
    calls = {}
    for chunk in chunks:
        for piece in (chunk.choices[0].delta.tool_calls or []) if chunk.choices else []:
            call = calls.setdefault(piece.index, {"id": piece.id, "name": piece.function.name, "arguments": ""})
            call["arguments"] += piece.function.arguments or ""
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "tool_calls"
    assert sorted(calls) == list(range(len(whole))), "an index for each call, from 0"
    for call, other in zip(calls.values(), whole, strict=True):
        assert call["id"] and call["name"] == other.function.name
        assert isinstance(json.loads(call["arguments"]), dict)
    with client.chat.completions.stream(**asked) as stream:
        for _ in stream:
            pass
        assert stream.get_final_completion().choices[0].message.tool_calls[0].function.name == whole[0].function.name


def test_responses_with_tools(client):
    tools = [{"type": "function", "name": "get_weather", "parameters": WEATHER["parameters"]}]
    asked = {"model": MODEL, "input": "Weather of Oslo", "tools": tools, "tool_choice": "required"}
    events = list(client.responses.create(stream=True, **asked))
    assert any(event.type == "response.function_call_arguments.delta" for event in events)
    calls = [item for item in events[-1].response.output if item.type == "function_call"]
    assert calls and calls[0].name == "get_weather" and isinstance(json.loads(calls[0].arguments), dict)
    back = [{"role": "user", "content": "Weather of Oslo"}, calls[0].model_dump(exclude_none=True),
            {"type": "function_call_output", "call_id": calls[0].call_id, "output": "sunny"}]
    assert client.responses.create(model=MODEL, input=back, tools=tools).output


def test_results_of_parallel_calls_go_back(client):
    calls = [{"id": f"call_{i}", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
             for i in range(2)]
    messages = [*PROMPT, {"role": "assistant", "tool_calls": calls},
                *[{"role": "tool", "tool_call_id": call["id"], "content": "sunny"} for call in calls],
                {"role": "user", "content": "And now?"}]
    answer = client.chat.completions.create(model=MODEL, messages=messages,
                                            tools=[{"type": "function", "function": WEATHER}])
    assert answer.choices[0].message.content and not answer.choices[0].message.tool_calls
    assert answer.choices[0].finish_reason == "stop"
    with pytest.raises(openai.BadRequestError):  # a call that has no result
        client.chat.completions.create(model=MODEL, messages=messages[:-2],
                                       tools=[{"type": "function", "function": WEATHER}])


def test_images_structured_output_and_effort(client):
    content = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
    schema = {"name": "thing", "schema": {"type": "object", "properties": {"name": {"type": "string"}}}}
    answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": content}],
                                            response_format={"type": "json_schema", "json_schema": schema},
                                            reasoning_effort="low")
    assert answer.choices[0].message.content


def test_responses(client):
    answer = client.responses.create(model=MODEL, input="Say hello", instructions="Be brief", metadata={"a": "b"})
    assert answer.id.startswith("resp_") and answer.output_text and answer.usage.total_tokens > 0
    # What an answer repeats from its request.
    assert answer.instructions == "Be brief" and answer.metadata == {"a": "b"} and answer.store is False


def test_responses_streamed(client):
    events = list(client.responses.create(model=MODEL, input="Say hello", instructions="Be brief", stream=True))
    assert [e.type for e in events[:2]] == ["response.created", "response.in_progress"]
    assert events[-1].type == "response.completed" and events[-1].response.instructions == "Be brief"
    deltas = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert deltas and deltas == events[-1].response.output_text


def test_refusals_name_the_field(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model=MODEL, messages=PROMPT, n=2)
    assert refused.value.param == "n" and refused.value.type == "invalid_request_error"
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model=MODEL, input="hi", previous_response_id="resp_1")
    assert refused.value.param == "previous_response_id"
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model=MODEL, input="hi")


def test_errors(client, gateway):
    with pytest.raises(openai.AuthenticationError) as wrong:
        client_of(gateway, "sk-wrong").chat.completions.create(model=MODEL, messages=PROMPT)
    assert wrong.value.code == "invalid_api_key"
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="claude-no-such-model", messages=PROMPT)
    assert unknown.value.code == "model_not_found" and "claude-no-such-model" in str(unknown.value)
    with pytest.raises(openai.RateLimitError) as limited:
        client.chat.completions.create(model=MODEL, messages=PROMPT, extra_headers={"x-weir-fault": "429=61"})
    assert limited.value.code == "rate_limit_exceeded"
    assert limited.value.response.headers["retry-after"] == "61"
    with pytest.raises(openai.NotFoundError) as absent:
        client.responses.retrieve("resp_1")
    assert absent.value.code == "not_found"


@pytest.mark.parametrize("fault", ["error_midway", "cut"])
def test_a_broken_stream_raises(client, fault):
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(model=MODEL, messages=PROMPT, stream=True,
                                            extra_headers={"x-weir-fault": fault}))


def test_models(client, gateway):
    models = client.models.list()
    assert models.object == "list" and any(model.id.startswith("claude") for model in models)
    assert client.models.retrieve(models.data[0].id).object == "model"
    anthropics = gateway.request("GET", "/v1/models", headers={"x-api-key": WEIR_KEY}).json
    assert "has_more" in anthropics
