"""Anthropic's Python SDK, unmodified, with base_url at Weir."""

import anthropic
import pytest

WEIR_KEY = "sk-weir-python-sdk-test"
PROMPT = [{"role": "user", "content": "Say hello"}]
MODEL = "claude-sonnet-5-5"


@pytest.fixture(scope="module")
def gateway(launch_module):
    return launch_module.pair(env={"VALID_API_KEYS": WEIR_KEY})[0]


def client_of(gateway, **kwargs):
    return anthropic.Anthropic(base_url=gateway.url, max_retries=0, **({"api_key": WEIR_KEY} | kwargs))


@pytest.fixture(params=["bearer", "x-api-key"])
def client(gateway, request):
    # SDKs from 2.0 on send the key as Bearer, older ones in x-api-key: both are accepted.
    if request.param == "bearer":
        return client_of(gateway)
    return client_of(gateway, default_headers={"x-api-key": WEIR_KEY, "Authorization": anthropic.Omit()})


def test_plain(client):
    message = client.messages.create(model=MODEL, max_tokens=64, messages=PROMPT)
    assert message.type == "message" and message.content[0].text
    assert message.usage.output_tokens > 0


def test_streaming(client):
    with client.messages.stream(model=MODEL, max_tokens=64, messages=PROMPT) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()
    assert len(pieces) > 1 and "".join(pieces) == final.content[0].text
    assert final.stop_reason == "end_turn"


def test_tools(client):
    tools = [{"name": "get_weather", "description": "The weather of a city",
              "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}]
    message = client.messages.create(model=MODEL, max_tokens=64, messages=PROMPT, tools=tools,
                                     tool_choice={"type": "tool", "name": "get_weather"})
    assert message.stop_reason == "tool_use"
    assert [block.name for block in message.content if block.type == "tool_use"] == ["get_weather"]


def test_tools_streamed(client):
    tools = [{"name": "get_weather", "description": "The weather of a city",
              "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}]
    with client.messages.stream(model=MODEL, max_tokens=64, messages=PROMPT, tools=tools,
                                tool_choice={"type": "any"}) as stream:
        final = stream.get_final_message()
    call = next(block for block in final.content if block.type == "tool_use")
    assert isinstance(call.input, dict)


def test_thinking(client):
    with client.messages.stream(model=MODEL, max_tokens=2048, messages=PROMPT,
                                thinking={"type": "adaptive"}) as stream:
        final = stream.get_final_message()
    thinking = next(block for block in final.content if block.type == "thinking")
    assert thinking.signature


def test_wrong_key(gateway):
    with pytest.raises(anthropic.AuthenticationError) as refused:
        client_of(gateway, api_key="sk-wrong").messages.create(model=MODEL, max_tokens=8, messages=PROMPT)
    assert refused.value.body["error"]["type"] == "authentication_error"


def test_provider_errors_arrive_unmodified(client):
    with pytest.raises(anthropic.NotFoundError) as refused:
        client.messages.create(model="claude-no-such-model", max_tokens=8, messages=PROMPT)
    assert "claude-no-such-model" in str(refused.value)
    with pytest.raises(anthropic.RateLimitError) as limited:
        client.messages.create(model=MODEL, max_tokens=8, messages=PROMPT,
                               extra_headers={"x-weir-fault": "429=61"})
    assert limited.value.response.headers["retry-after"] == "61"


def test_error_in_mid_stream(client):
    with pytest.raises(anthropic.APIError):
        with client.messages.stream(model=MODEL, max_tokens=64, messages=PROMPT,
                                    extra_headers={"x-weir-fault": "error_midway"}) as stream:
            list(stream.text_stream)


def test_a_cut_stream_raises_instead_of_ending_in_silence(client):
    with pytest.raises(anthropic.APIError):
        with client.messages.stream(model=MODEL, max_tokens=64, messages=PROMPT,
                                    extra_headers={"x-weir-fault": "cut"}) as stream:
            list(stream.text_stream)


def test_count_tokens_and_models(client):
    assert client.messages.count_tokens(model=MODEL, messages=PROMPT).input_tokens > 0
    assert any(model.id.startswith("claude") for model in client.models.list(limit=1000))
