"""`weir doctor` on this machine: what is well, and single things that are not."""

import json
import os
import socket
import subprocess

import pytest
from conftest import BINARY, free_port


def doctor(folder, *arguments, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.lower().startswith(("weir_", "anthropic_"))
             and not name.lower().endswith("_proxy")}
    clean |= {"WEIR_DATA": str(folder / "data"), "WEIR_LISTEN": f"127.0.0.1:{free_port()}"}
    done = subprocess.run([BINARY, "doctor", "--json", *arguments], cwd=folder, env=clean | environment, text=True,
                          capture_output=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    results = {result["id"]: result for result in json.loads(done.stdout)["results"]}
    assert (done.returncode == 1) == any(result["status"] == "fail" for result in results.values())
    for result in results.values():
        assert bool(result["fix"]) == (result["status"] in ("warn", "fail")), result
    return results


def test_nothing_fails_here_and_nothing_is_left_behind(tmp_path):
    results = doctor(tmp_path)
    assert [result for result in results.values() if result["status"] == "fail"] == []
    assert {"configuration", "port", "disk-space", "fsync", "clock", "descriptors", "model"} <= set(results)
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        results = doctor(tmp_path, WEIR_LISTEN=f"127.0.0.1:{taken.getsockname()[1]}")
    assert results["port"]["status"] == "fail" and "ss -ltnp" in results["port"]["fix"]


def test_a_provider_that_does_not_listen(tmp_path):
    results = doctor(tmp_path, ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL=f"http://127.0.0.1:{free_port()}")
    assert results["provider 127.0.0.1"]["status"] == "fail"


def test_a_provider_that_does(tmp_path, launch):
    upstream = launch.upstream()
    results = doctor(tmp_path, ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL=upstream.url)
    assert results["provider 127.0.0.1"]["status"] == "ok"
    assert upstream.request("GET", "/__stats").json["requests"] == 0


def test_a_configuration_that_is_wrong_is_the_first_thing_told(tmp_path):
    (tmp_path / "weir.toml").write_text("[server]\nlisen = 1\n")
    assert doctor(tmp_path)["configuration"]["status"] == "fail"


def test_a_data_directory_that_others_read(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o755)
    assert doctor(tmp_path)["data-directory"]["status"] == "warn"
    (tmp_path / "data").chmod(0o700)
    assert doctor(tmp_path)["data-directory"]["status"] == "ok"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_a_proxy_that_is_not_used(tmp_path, name):
    assert doctor(tmp_path, **{name: "http://proxy.test:3128"})["proxies"]["status"] == "warn"


def test_a_model_that_is_named_and_absent(tmp_path):
    results = doctor(tmp_path, WEIR_MODEL_DIR=str(tmp_path))
    assert results["model"]["status"] == "fail"
