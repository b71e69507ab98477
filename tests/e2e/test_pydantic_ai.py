"""pydantic-ai, unmodified, with its Anthropic and OpenAI models at Weir: plain, streamed, and a tool that it calls."""

import asyncio

import pytest
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

WEIR_KEY = "sk-weir-pydantic-ai-test"
MODEL = "claude-sonnet-4-6"
QUESTION = "What is Weir?"


@pytest.fixture(scope="module")
def gateway(launch_module):
    return launch_module.pair(env={"VALID_API_KEYS": WEIR_KEY})[0]


@pytest.fixture(params=["anthropic", "chat", "responses"])
def model(request, gateway):
    if request.param == "anthropic":
        return AnthropicModel(MODEL, provider=AnthropicProvider(base_url=gateway.url, api_key=WEIR_KEY))
    kind = OpenAIChatModel if request.param == "chat" else OpenAIResponsesModel
    return kind(MODEL, provider=OpenAIProvider(base_url=gateway.url + "/v1", api_key=WEIR_KEY))


def test_plain(model):
    answer = Agent(model, instructions="Be brief").run_sync(QUESTION)
    assert QUESTION in answer.output and answer.usage.output_tokens > 5


def test_streamed(model):
    async def ask():
        async with Agent(model).run_stream(QUESTION) as stream:
            pieces = [piece async for piece in stream.stream_text(delta=True, debounce_by=None)]
            return pieces, stream.usage

    pieces, usage = asyncio.run(ask())
    assert len(pieces) > 3 and QUESTION in "".join(pieces) and usage.output_tokens > 5


def test_structured_output_by_a_tool(model):
    """The output's schema is a tool that the model is made to call."""
    answer = Agent(model, output_type=dict[str, str] | int).run_sync(QUESTION)
    assert answer.output == 1 or isinstance(answer.output, dict)
