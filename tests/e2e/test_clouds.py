"""Weir in front of the simulated clouds: real processes, signatures, tokens, frames and errors."""

import json
import subprocess
import time

import pytest

MODEL = "claude-sonnet-4-5"
QUESTION = {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": "What is Weir?"}]}
AWS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
       "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
NOWHERE = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "HOME": "/nonexistent",
           "NO_GCE_CHECK": "true"}

TABLES = {
    "bedrock": 'kind = "bedrock"\nregion = "us-east-1"\nbase_url = "{url}"\n',
    "bedrock_mantle": 'kind = "bedrock_mantle"\nregion = "us-east-1"\nbase_url = "{url}/anthropic"\n',
    "claude_platform_aws": 'kind = "claude_platform_aws"\nregion = "us-east-1"\nworkspace = "wrkspc_1"\nbase_url = "{url}"\n',
    "vertex": 'kind = "vertex"\nregion = "us-east5"\nproject = "p1"\nbase_url = "{url}/v1"\n',
    "foundry": 'kind = "foundry"\nresource = "r1"\nbase_url = "{url}/anthropic"\n',
}
KEYED = ("bedrock", "bedrock_mantle", "claude_platform_aws", "vertex", "foundry")


def cloud_pair(launcher, kind, env=None, key=True, upstream_args=(), extra=""):
    """A simulated cloud and a Weir whose only provider it is."""
    upstream = launcher.upstream(upstream_args)
    launcher.count += 1
    config = launcher.folder / f"cloud{launcher.count}.toml"
    table = TABLES[kind].format(url=upstream.url) + ('api_key = "cloud-key"\n' if key else "") + extra
    config.write_text("[anthropic]\ntries_max = 1\n\n[providers.cloud]\n" + table)
    return launcher.weir(env=NOWHERE | {"WEIR_CONFIG": str(config)} | (env or {})), upstream


def events_of(body):
    return [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: ")]


def text_of(events):
    return "".join(e["delta"].get("text", "") for e in events if e["type"] == "content_block_delta")


def ask(weir, body=QUESTION, fault=None, path="/v1/messages", **headers):
    fields = {"anthropic-version": "2023-06-01"} | headers | ({"x-weir-fault": fault} if fault else {})
    return weir.request("POST", path, body, fields)


def check_answers(weir):
    whole = ask(weir)
    assert whole.status == 200, whole.body
    assert "What is Weir?" in whole.json["content"][0]["text"] and whole.json["usage"]["output_tokens"] > 5
    assert whole.json["model"] == "claude-sonnet-4-5-20250929" or whole.json["model"].startswith("claude-sonnet-4-5")
    streamed = ask(weir, QUESTION | {"stream": True})
    assert streamed.headers["content-type"].startswith("text/event-stream"), streamed.body
    events = events_of(streamed.body)
    assert events[0]["type"] == "message_start" and events[-1]["type"] == "message_stop"
    assert text_of(events) == whole.json["content"][0]["text"]


@pytest.mark.parametrize("kind", KEYED)
def test_with_a_key(launch, kind):
    weir, _ = cloud_pair(launch, kind)
    check_answers(weir)
    count = ask(weir, {k: v for k, v in QUESTION.items() if k != "max_tokens"}, path="/v1/messages/count_tokens")
    assert count.status == 200 and count.json["input_tokens"] >= 1, count.body


@pytest.mark.parametrize("kind", ["bedrock", "bedrock_mantle", "claude_platform_aws"])
def test_signatures(launch, kind):
    weir, _ = cloud_pair(launch, kind, env=AWS, key=False)
    check_answers(weir)
    wrong, _ = cloud_pair(launch, kind, env=AWS | {"AWS_SECRET_ACCESS_KEY": "wrong"}, key=False)
    refused = ask(wrong)
    assert refused.status == 403 and refused.json["error"]["type"] == "permission_error"
    assert "signature" in refused.json["error"]["message"]


def test_a_model_by_its_arn(launch):
    arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"
    weir, _ = cloud_pair(launch, "bedrock", env=AWS, key=False, extra=f'model_ids = ["{MODEL}={arn}"]\n')
    check_answers(weir)


@pytest.mark.parametrize("kind", KEYED)
@pytest.mark.parametrize("fault,status,error", [
    ("429=7", 429, "rate_limit_error"), ("500", 500, "api_error"), ("status=404", 404, "not_found_error"),
    ("status=400", 400, "invalid_request_error")])
def test_errors_are_the_claude_apis(launch_module, pairs, kind, fault, status, error):
    answer = ask(pairs(kind), fault=fault)
    assert answer.status == status, answer.body
    assert answer.json["type"] == "error" and answer.json["error"]["type"] == error and answer.json["error"]["message"]
    if fault.startswith("429"):
        assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize("kind", KEYED)
@pytest.mark.parametrize("fault", ["error_midway", "cut"])
def test_a_stream_that_breaks_ends_in_an_error(pairs, kind, fault):
    events = events_of(ask(pairs(kind), QUESTION | {"stream": True}, fault=fault).body)
    assert events[0]["type"] == "message_start" and events[-1]["type"] == "error"


@pytest.mark.parametrize("kind", KEYED)
def test_an_error_as_the_first_event_is_tried_again(launch, kind):
    upstream = launch.upstream()
    config = launch.folder / "retry.toml"
    config.write_text("[anthropic]\ntries_max = 2\nretry_base = \"10ms\"\n\n[providers.cloud]\n"
                      + TABLES[kind].format(url=upstream.url) + 'api_key = "cloud-key"\n')
    weir = launch.weir(env=NOWHERE | {"WEIR_CONFIG": str(config)})
    events = events_of(ask(weir, QUESTION | {"stream": True}, fault="error_first,times=1",
                           **{"x-weir-fault-id": kind}).body)
    assert events[-1]["type"] == "message_stop" and text_of(events)


@pytest.fixture(scope="module")
def pairs(launch_module):
    made = {}

    def of(kind):
        if kind not in made:
            made[kind] = cloud_pair(launch_module, kind)[0]
        return made[kind]

    return of


def service_account(folder, url, name="key.json"):
    path = folder / name
    made = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                          capture_output=True, text=True, check=True)
    path.write_text(json.dumps({"type": "service_account", "client_email": "weir@p1.iam.gserviceaccount.com",
                                "private_key_id": "k1", "private_key": made.stdout, "project_id": "p1",
                                "token_uri": url + "/token"}))
    return str(path)


def credentials(launch, source, url, folder):
    web_token = folder / "web_identity"
    web_token.write_text("eyJ.web.identity")
    return {
        "service account": ("vertex", {"GOOGLE_APPLICATION_CREDENTIALS": service_account(folder, url)}),
        "metadata server": ("vertex", {"GCE_METADATA_HOST": url.removeprefix("http://")}),
        "entra": ("foundry", {"AZURE_TENANT_ID": "t1", "AZURE_CLIENT_ID": "c1", "AZURE_CLIENT_SECRET": "s1",
                              "AZURE_AUTHORITY_HOST": url}),
        "web identity": ("bedrock", {"AWS_WEB_IDENTITY_TOKEN_FILE": str(web_token), "AWS_ENDPOINT_URL_STS": url,
                                     "AWS_ROLE_ARN": "arn:aws:iam::1:role/r"}),
        "instance": ("bedrock", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": url, "AWS_EC2_METADATA_DISABLED": ""}),
        "container": ("bedrock_mantle", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url + "/container-credentials"}),
    }[source]


SOURCES = ("service account", "metadata server", "entra", "web identity", "instance", "container")


@pytest.mark.parametrize("source", SOURCES)
def test_tokens_are_fetched_and_renewed_before_they_expire(launch, source):
    """A token of 17 s is renewed after 2 s, since the last 15 s are a request's time to arrive."""
    issuer = launch.upstream(["--token-life", "17s"])
    kind, env = credentials(launch, source, issuer.url, launch.folder)
    config = launch.folder / "cloud.toml"
    config.write_text("[anthropic]\ntries_max = 1\n\n[providers.cloud]\n" + TABLES[kind].format(url=issuer.url))
    weir = launch.weir(env=NOWHERE | env | {"WEIR_CONFIG": str(config)})

    def issued():
        return issuer.request("GET", "/__stats").json["tokens_issued"]

    assert issued() == 0
    check_answers(weir)
    assert issued() == 1
    time.sleep(2.2)
    check_answers(weir)
    assert issued() == 2
    stats = issuer.request("GET", "/__stats").json
    assert stats["requests"] == 4, "nothing was refused: no call went out with a token that had expired"


def test_secrets_of_the_clouds_stand_in_no_log(launch):
    secrets = {"AWS_SECRET_ACCESS_KEY": "s3cr3t-aws-key-of-the-test", "AWS_ACCESS_KEY_ID": "AKIAS3CR3TOFTHETEST"}
    weir, _ = cloud_pair(launch, "bedrock", env=secrets | {"WEIR_LOG_LEVEL": "debug"}, key=False)
    assert ask(weir).status == 403
    keyed, _ = cloud_pair(launch, "foundry", env={"WEIR_LOG_LEVEL": "debug"})
    assert ask(keyed, fault="500").status == 500
    for text in (weir.log_text(), keyed.log_text()):
        assert "s3cr3t-aws-key-of-the-test" not in text and "cloud-key" not in text


def test_pings_while_bedrock_is_silent(launch):
    weir, _ = cloud_pair(launch, "bedrock", extra="\n[resilience]\nping_interval = \"1s\"\n")
    answer = ask(weir, QUESTION | {"stream": True}, fault="event_delay_ms=1300,events=2")
    names = [line for line in answer.body.decode().splitlines() if line.startswith("event: ")]
    assert names.count("event: ping") >= 3 and names[0] == "event: message_start" and names[-1] == "event: message_stop"


def by_environment(launch, kind, url):
    """What a machine that already uses the cloud has in its environment, and nothing of Weir's own."""
    return {
        "bedrock key": {"AWS_BEARER_TOKEN_BEDROCK": "key", "AWS_REGION": "us-east-1", "ANTHROPIC_BEDROCK_BASE_URL": url},
        "bedrock": AWS | {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1", "ANTHROPIC_BEDROCK_BASE_URL": url},
        "vertex": {"ANTHROPIC_VERTEX_PROJECT_ID": "p1", "CLOUD_ML_REGION": "us-east5",
                   "ANTHROPIC_VERTEX_BASE_URL": url + "/v1",
                   "GOOGLE_APPLICATION_CREDENTIALS": service_account(launch.folder, url)},
        "vertex of the credentials": {"CLAUDE_CODE_USE_VERTEX": "1", "CLOUD_ML_REGION": "global",
                                      "ANTHROPIC_VERTEX_BASE_URL": url + "/v1",
                                      "GOOGLE_APPLICATION_CREDENTIALS": service_account(launch.folder, url)},
        "foundry key": {"ANTHROPIC_FOUNDRY_API_KEY": "key", "ANTHROPIC_FOUNDRY_BASE_URL": url + "/anthropic"},
        "foundry": {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_BASE_URL": url + "/anthropic", "AZURE_TENANT_ID": "t1",
                    "AZURE_CLIENT_ID": "c1", "AZURE_CLIENT_SECRET": "s1", "AZURE_AUTHORITY_HOST": url},
    }[kind]


@pytest.mark.parametrize("kind", ["bedrock key", "bedrock", "vertex", "vertex of the credentials", "foundry key", "foundry"])
def test_by_the_environment_alone(launch, kind):
    upstream = launch.upstream()
    check_answers(launch.weir(env=NOWHERE | by_environment(launch, kind, upstream.url)))


@pytest.mark.parametrize("only", [AWS | {"AWS_REGION": "us-east-1"}, {"AZURE_TENANT_ID": "t1", "AZURE_CLIENT_ID": "c1"},
                                  {"GOOGLE_APPLICATION_CREDENTIALS": "/nonexistent"}])
def test_credentials_that_serve_other_purposes_make_no_provider(launch, only):
    answer = ask(launch.weir(env=NOWHERE | only))
    assert answer.status == 503 and "no model provider is configured" in answer.json["error"]["message"]
