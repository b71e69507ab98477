"""The command line and the configuration, as an operator meets them."""

import json
import os
import subprocess
import time

import pytest


@pytest.fixture
def run(binary, tmp_path):
    def run(*args, env=None, cwd=None):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("WEIR_", "ANTHROPIC_"))}
        environment = clean | {"WEIR_DATA": str(tmp_path / "data")} | (env or {})
        return subprocess.run([binary, *args], cwd=cwd or tmp_path, env=environment, text=True, capture_output=True,
                              timeout=60)
    return run


def test_help_and_usage(run):
    assert run("help").returncode == 0 and "serve" in run("help").stdout
    wrong = run("srve")
    assert wrong.returncode == 2 and "serve" in wrong.stderr
    flag = run("serve", "--lisen", "127.0.0.1:1")
    assert flag.returncode == 2 and "--listen" in flag.stderr


def test_unknown_key_stops_the_start_with_place_and_suggestion(run, tmp_path):
    (tmp_path / "weir.toml").write_text("[server]\nlisten = \"127.0.0.1:0\"\n\n[chat]\nmodle = \"x\"\n")
    refused = run("serve")
    assert refused.returncode == 1
    assert "weir.toml:5:1" in refused.stderr and "chat.model" in refused.stderr


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "PINECONE_API_KEY", "PINECONE_INDEX_NAME", "LOG_ENDPOINT",
                                  "COST_TRACKING_ENDPOINT", "DD_AGENT_HOST"])
def test_settings_of_later_features_are_never_ignored(run, name):
    for variable in (name, name + "_FILE"):
        refused = run("serve", env={variable: "/etc/hostname"})
        assert refused.returncode == 1 and name in refused.stderr, variable


def test_binding_beyond_loopback_without_a_key_is_refused(run):
    refused = run("serve", "--listen", "0.0.0.0:0")
    assert refused.returncode == 1 and "key" in refused.stderr


def test_config_show_says_where_values_come_from(run, tmp_path):
    (tmp_path / "weir.toml").write_text('[chat]\nmodel = "${MODEL:-claude-haiku-5-5}"\n')
    (tmp_path / "secret").write_text("sk-from-a-file\n")
    shown = run("config", "show", "--json", env={"WEIR_LISTEN": "127.0.0.1:9999",
                                                 "ANTHROPIC_API_KEY_FILE": str(tmp_path / "secret")})
    assert shown.returncode == 0, shown.stderr
    rows = {row["key"]: row for row in json.loads(shown.stdout)}
    assert rows["chat.model"]["value"] == "claude-haiku-5-5" and "weir.toml" in rows["chat.model"]["origin"]
    assert "WEIR_LISTEN" in rows["server.listen"]["origin"]
    assert "sk-from-a-file" not in shown.stdout


def test_keys_live_and_die_on_a_running_server(run, launch):
    weir = launch.weir()
    environment = {"WEIR_DATA": str(weir.data)}
    token = run("keys", "create", "--name", "app", env=environment).stdout.strip().splitlines()[-1]
    assert token.startswith("weir_")
    until(lambda: weir.request("GET", "/api/documents").status == 401)
    assert weir.request("GET", "/api/documents", None, {"x-api-key": token}).status == 200
    database = (weir.data / "weir.db").read_bytes()
    assert token.encode() not in database and token.split("_")[3].encode() not in database
    key_id = token.split("_")[2]
    assert run("keys", "revoke", key_id, env=environment).returncode == 0
    until(lambda: weir.request("GET", "/api/documents", None, {"x-api-key": token}).status == 401)
    # It was the last one: nobody gets in now, rather than everybody, and a restart changes nothing.
    assert weir.request("GET", "/api/documents").status == 401
    assert token not in weir.log_text()
    assert weir.stop() == 0
    again = launch.weir(data=weir.data)
    assert again.request("GET", "/api/documents").status == 401
    assert again.request("GET", "/api/documents", None, {"x-api-key": token}).status == 401


def until(holds, seconds=3):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_ingest_and_chat(run, launch, tmp_path):
    weir = launch.weir()
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.md").write_text("# Parking\n\nVisitors park on level 3.\n")
    (folder / "b.html").write_text("<h1>Canteen</h1><p>Lunch is served from 11:30.</p>")
    (folder / "c.bin").write_bytes(b"\0\1")
    environment = {"WEIR_DATA": str(weir.data), "WEIR_URL": weir.url}
    first = run("ingest", str(folder), env=environment)
    assert first.returncode == 0, first.stderr
    begun = time.monotonic()
    answer = run("chat", "Where do visitors park?", env=environment)
    assert answer.returncode == 0 and "level 3” [1]" in answer.stdout.replace(".”", "”"), answer.stderr
    assert "[1] Parking" in answer.stdout and "no model wrote this" in answer.stderr
    assert time.monotonic() - begun < 10, "it waits for more than the answer"
    assert run("chat", "hello", env={"WEIR_URL": "http://127.0.0.1:9"}).returncode == 3
