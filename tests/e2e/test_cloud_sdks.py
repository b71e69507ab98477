"""The clouds' official clients, unmodified, pointed at Weir: Amazon's boto3, and Anthropic's clients of the clouds."""

import json
import subprocess
import urllib.parse

import anthropic
import boto3
import botocore
import pytest
from botocore.config import Config
from test_clouds import cloud_pair
from test_recordings import ledger_rows

WEIR_KEY = "sk-weir-cloud-sdk-test"
SIGNING_ID, SIGNING_SECRET = "AKIAWEIRTEST", "a-secret-of-the-test"
KEYS = {"VALID_API_KEYS": WEIR_KEY, "WEIR_SIGNING_KEYS": f"{SIGNING_ID}={SIGNING_SECRET}"}
BEDROCK_MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
ARN = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0"
VERTEX_MODEL = "claude-sonnet-4-5@20250929"
MESSAGES = [{"role": "user", "content": "What is Weir?"}]
WEATHER = {"name": "get_weather", "description": "The weather of a city",
           "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
BODY = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 100, "messages": MESSAGES}


@pytest.fixture(scope="module", params=["anthropic", "bedrock", "vertex", "openai"])
def gateway(request, launch_module):
    """A Weir with one provider behind it, whose API is or is not that of the client."""
    if request.param == "anthropic":
        return launch_module.pair(env=KEYS)[0]
    if request.param == "openai":
        inner = launch_module.pair()[0]  # Claude, asked by way of Chat Completions
        return launch_module.weir(env={"OPENAI_BASE_URL": inner.url + "/v1"} | KEYS)
    return cloud_pair(launch_module, request.param, env=KEYS)[0]


def boto_client(url, key_id=SIGNING_ID, secret=SIGNING_SECRET, **options):
    """botocore sends bearer keys over TLS only; over plain HTTP it signs."""
    return boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=url, aws_access_key_id=key_id,
                        aws_secret_access_key=secret, config=Config(retries={"max_attempts": 0}), **options)


@pytest.fixture
def boto(gateway):
    return boto_client(gateway.url)


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def test_boto3_invoke_model(boto):
    for model in (BEDROCK_MODEL, ARN):
        answer = boto.invoke_model(modelId=model, body=json.dumps(BODY))
        message = json.loads(answer["body"].read())
        assert "What is Weir?" in message["content"][0]["text"] and answer["contentType"] == "application/json"
        fields = answer["ResponseMetadata"]["HTTPHeaders"]
        assert int(fields["x-amzn-bedrock-output-token-count"]) == message["usage"]["output_tokens"] > 0
        assert fields["x-amzn-requestid"]


def test_boto3_invoke_model_with_response_stream(boto):
    whole = json.loads(boto.invoke_model(modelId=BEDROCK_MODEL, body=json.dumps(BODY))["body"].read())
    answer = boto.invoke_model_with_response_stream(modelId=BEDROCK_MODEL, body=json.dumps(BODY))
    events = [json.loads(event["chunk"]["bytes"]) for event in answer["body"]]
    assert events[0]["type"] == "message_start" and events[-1]["type"] == "message_stop"
    assert "".join(e["delta"].get("text", "") for e in events if e["type"] == "content_block_delta") == \
        whole["content"][0]["text"]


def test_boto3_tools_and_betas(boto):
    body = BODY | {"tools": [WEATHER], "tool_choice": {"type": "any"}, "anthropic_beta": ["context-1m-2025-08-07"]}
    message = json.loads(boto.invoke_model(modelId=BEDROCK_MODEL, body=json.dumps(body))["body"].read())
    tool = next(block for block in message["content"] if block["type"] == "tool_use")
    assert message["stop_reason"] == "tool_use" and tool["name"] == "get_weather" and "city" in tool["input"]


def test_boto3_errors_are_its_own(boto, gateway):
    with pytest.raises(boto.exceptions.ValidationException):
        boto.invoke_model(modelId=BEDROCK_MODEL, body=json.dumps(BODY | {"messages": []}))
    with pytest.raises(botocore.exceptions.ClientError) as broken:
        boto.invoke_model(modelId=BEDROCK_MODEL, body=b"no JSON")
    assert broken.value.response["Error"]["Code"] == "ValidationException"
    for key_id, secret in ((SIGNING_ID, "wrong"), ("AKIAUNKNOWN", SIGNING_SECRET)):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            boto_client(gateway.url, key_id, secret).invoke_model(modelId=BEDROCK_MODEL, body=json.dumps(BODY))
        assert refused.value.response["Error"]["Code"] == "UnrecognizedClientException"


def test_boto3_with_a_weir_key_over_tls(launch_module, tmp_path, monkeypatch):
    certificate, key, config = tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "weir.toml"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key),
                    "-out", str(certificate)], check=True, capture_output=True)
    upstream = launch_module.upstream()
    config.write_text(f'[anthropic]\nbase_url = "{upstream.url}"\napi_key = "any"\n[edge]\napi_keys = ["{WEIR_KEY}"]\n'
                      f'[server]\ntls_certificate_file = "{certificate}"\ntls_key_file = "{key}"\n')
    gateway = launch_module.weir_tls(config)
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", WEIR_KEY)
    client = boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=f"https://127.0.0.1:{gateway.port}",
                          verify=str(certificate), config=Config(retries={"max_attempts": 0}))
    message = json.loads(client.invoke_model(modelId=BEDROCK_MODEL, body=json.dumps(BODY))["body"].read())
    assert "What is Weir?" in message["content"][0]["text"]


@pytest.mark.parametrize("fault", ["error_midway", "cut"])
def test_boto3_raises_when_a_stream_breaks(boto, gateway, fault):
    boto.meta.events.register("before-sign.bedrock-runtime.*",
                              lambda request, **_: request.headers.add_header("x-weir-fault", fault))
    answer = boto.invoke_model_with_response_stream(modelId=BEDROCK_MODEL, body=json.dumps(BODY))
    with pytest.raises(botocore.exceptions.EventStreamError):
        list(answer["body"])


def check_client(client, model):
    message = client.messages.create(model=model, max_tokens=100, messages=MESSAGES)
    assert "What is Weir?" in text_of(message) and message.usage.output_tokens > 0
    with client.messages.stream(model=model, max_tokens=100, messages=MESSAGES) as stream:
        text = "".join(stream.text_stream)
        assert text == text_of(stream.get_final_message()) == text_of(message)
    tool = client.messages.create(model=model, max_tokens=100, messages=MESSAGES, tools=[WEATHER],
                                  tool_choice={"type": "any"})
    assert tool.stop_reason == "tool_use" and tool.content[-1].name == "get_weather"
    with pytest.raises(anthropic.RateLimitError) as limited:
        client.messages.create(model=model, max_tokens=100, messages=MESSAGES,
                               extra_headers={"x-weir-fault": "429=61"})
    assert limited.value.response.headers["retry-after"] == "61"
    with pytest.raises(anthropic.BadRequestError):
        client.messages.create(model=model, max_tokens=100, messages=[])


def test_anthropic_bedrock(gateway):
    client = anthropic.AnthropicBedrock(base_url=gateway.url, api_key=WEIR_KEY, aws_region="us-east-1", max_retries=0)
    check_client(client, BEDROCK_MODEL)
    message = client.messages.create(model=ARN, max_tokens=100, messages=MESSAGES)
    assert "What is Weir?" in text_of(message)


def test_anthropic_bedrock_mantle(gateway):
    client = anthropic.AnthropicBedrockMantle(base_url=gateway.url, api_key=WEIR_KEY, aws_region="us-east-1",
                                              max_retries=0)
    check_client(client, "anthropic.claude-sonnet-4-5")


def test_anthropic_vertex(gateway):
    client = anthropic.AnthropicVertex(base_url=gateway.url + "/v1", access_token=WEIR_KEY, region="us-east5",
                                       project_id="p1", max_retries=0)
    check_client(client, VERTEX_MODEL)


def test_anthropic_foundry(gateway):
    client = anthropic.AnthropicFoundry(base_url=gateway.url, api_key=WEIR_KEY, max_retries=0)
    check_client(client, "claude-sonnet-4-5")


def test_vertex_counts_tokens(launch_module):
    gateway = launch_module.pair(env=KEYS)[0]
    client = anthropic.AnthropicVertex(base_url=gateway.url + "/v1", access_token=WEIR_KEY, region="us-east5",
                                       project_id="p1", max_retries=0)
    assert client.messages.count_tokens(model=VERTEX_MODEL, messages=MESSAGES).input_tokens > 0


def test_what_cannot_be_translated_is_refused_by_name(launch_module):
    gateway = launch_module.pair()[0]
    converse = gateway.request("POST", f"/model/{BEDROCK_MODEL}/converse",
                               {"messages": [{"role": "user", "content": [{"text": "hi"}]}]})
    assert converse.status == 400 and converse.headers["x-amzn-errortype"] == "ValidationException"
    assert "bedrock_converse" in converse.json["message"]
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        boto_client(gateway.url).converse(modelId=BEDROCK_MODEL, messages=[{"role": "user", "content": [{"text": "hi"}]}])
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert "bedrock_converse" in refused.value.response["Error"]["Message"]
    titan = gateway.request("POST", "/model/amazon.titan-embed-text-v2:0/invoke", {"inputText": "hi"})
    assert titan.status == 400 and "anthropic_version" in titan.json["message"]
    unknown = gateway.request("POST", f"/model/{BEDROCK_MODEL}/dance", {})
    assert unknown.status == 404 and unknown.headers["x-amzn-errortype"] == "ResourceNotFoundException"
    vertex = gateway.request("POST", "/v1/projects/p1/locations/l1/publishers/google/models/gemini:rawPredict", {})
    assert vertex.status == 404 and vertex.json["error"]["status"] == "NOT_FOUND"


def test_an_arn_with_bare_slashes(launch_module):
    gateway = launch_module.pair()[0]
    answer = gateway.request("POST", "/model/" + urllib.parse.quote(ARN, safe=":/") + "/invoke", BODY)
    assert answer.status == 200 and "What is Weir?" in answer.json["content"][0]["text"]


def test_the_ledger_has_a_row_for_each(launch_module):
    gateway = launch_module.pair()[0]
    assert gateway.request("POST", f"/model/{BEDROCK_MODEL}/invoke", BODY).status == 200
    path = f"/v1/projects/p1/locations/l1/publishers/anthropic/models/{VERTEX_MODEL}:rawPredict"
    assert gateway.request("POST", path, BODY | {"anthropic_version": "vertex-2023-10-16"}).status == 200
    rows = list(ledger_rows(gateway, 2).values())
    assert sorted(row["route"] for row in rows) == ["POST /model/{id}/invoke", "POST /v1/projects/*"]
    for row in rows:
        assert row["model"] == "claude-sonnet-4-5-20250929" and row["output_tokens"] > 0 and row["cost_nanos"] > 0
