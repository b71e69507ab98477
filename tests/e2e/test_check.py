"""`weir check` finds every fault and nothing else: in a bad application, in 60 misconfigured Weirs, in a sound one."""

import json
import os
import subprocess
import sys
import threading
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import BINARY, ROOT

sys.path += [str(ROOT / "tests" / "check"), str(ROOT / "tests" / "bad_app")]

import app as bad_app  # noqa: E402
import faults  # noqa: E402
from fault_proxy import Proxy  # noqa: E402

BAD_KEY = "probe-key-of-the-bad-app"
FINDINGS = ("fail", "warn", "stale")


def check(url, *arguments, key=faults.KEY, environment=None, folder=None):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    command = [BINARY, "check", url, "--key", key, "--origin", faults.ORIGIN, *arguments]
    return subprocess.run(command, cwd=folder or ROOT, env=clean | (environment or {}), text=True, capture_output=True,
                          timeout=120)


def found(report):
    return {result["id"] for result in report["results"] if result["status"] in FINDINGS and "accepted" not in result}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """PEM files with key and certificate, by the names that faults.py uses, and the authority of most of them."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    for authority in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "90",
                "-keyout", f"{authority}.key", "-out", f"{authority}.pem", "-subj", f"/CN={authority}")
    for name, authority, days, host in (("sound", "ca", 60, "localhost"), ("ending", "ca", 5, "localhost"),
                                        ("unknown", "other", 60, "localhost"), ("misnamed", "ca", 60, "elsewhere.test")):
        (folder / "san").write_text(f"subjectAltName=DNS:{host}")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                "-subj", f"/CN={host}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
                "-CAcreateserial", "-days", str(days), "-extfile", "san", "-out", f"{name}.crt")
        (folder / f"{name}.pem").write_text((folder / f"{name}.key").read_text() + (folder / f"{name}.crt").read_text())
    return folder


@pytest.fixture(scope="module")
def sound(launch_module, tmp_path_factory):
    """Starts Weirs as they should be, but for what a case sets; one that is quite sound is shared."""
    folder = tmp_path_factory.mktemp("config")
    (folder / "weir.toml").write_text('[edge]\ntrusted_proxies = ["127.0.0.1"]\nhsts = true\n')
    (folder / "longer_messages.toml").write_text(
        '[edge]\ntrusted_proxies = ["127.0.0.1"]\nhsts = true\nmessage_chars_max = 20000\n')
    made = {}

    def start(settings):
        name = json.dumps(settings, sort_keys=True)
        if name not in made:
            chosen = {"VALID_API_KEYS": faults.KEY, "ALLOWED_ORIGINS": faults.ORIGIN, "WEIR_RATE_LIMIT": "100/15m",
                      "WEIR_CONFIG": "weir.toml"} | settings
            chosen["WEIR_CONFIG"] = str(folder / chosen["WEIR_CONFIG"])
            made[name] = launch_module.weir(env={key: value for key, value in chosen.items() if value is not None})
        return made[name]
    return start


@pytest.fixture
def behind_proxy(sound, certificates, request):
    proxies = []

    def run(case, number, *arguments):
        weir = sound(case.settings)
        client = f"10.{number // 250}.{number % 250}.1"  # an address for each case: limits count by address
        proxy = Proxy(weir.port, case.fault, certificates / f"{case.certificate}.pem", client, case.outdated_tls)
        proxies.append(proxy)
        done = check(proxy.url, "--json", "--ca", str(certificates / "ca.pem"),
                     *(case.arguments or ("--load-test", "tests/check/load_summary.json")), *arguments)
        assert done.returncode in (0, 1), done.stderr
        return done.returncode, json.loads(done.stdout)
    yield run
    for proxy in proxies:
        proxy.close()


@pytest.mark.parametrize("mode", ["--safe", "--active"])
def test_a_sound_weir_has_nothing_to_find(behind_proxy, mode):
    code, report = behind_proxy(faults.Case("sound", ""), 1 if mode == "--safe" else 2, mode)
    assert (found(report), code) == (set(), 0)
    passed = {result["id"] for result in report["results"] if result["status"] == "pass"}
    assert {"WEIR-TLS-002", "WEIR-TLS-003", "WEIR-STREAM-001", "WEIR-RATE-002", "WEIR-CORS-005"} <= passed
    assert report["build"]["version"] and len(report["build"]["config"]) == 16


def pytest_generate_tests(metafunc):
    """All cases with --long, else those that stand for their kind."""
    if "case" in metafunc.fixturenames:
        chosen = [(number, case) for number, case in enumerate(faults.CASES, 10)
                  if case.short or metafunc.config.getoption("--long")]
        metafunc.parametrize("number, case", chosen, ids=[case.name for _, case in chosen])


def test_one_misconfiguration_is_the_one_finding(behind_proxy, number, case):
    code, report = behind_proxy(case, number, "--active")
    assert found(report) == {case.rule}
    result = next(result for result in report["results"] if result["id"] == case.rule)
    assert result["fix"] and result["evidence"]["note"]
    assert code == (1 if result["status"] == "fail" else 0)


def test_there_are_at_least_forty_misconfigurations():
    assert len(faults.CASES) >= 40
    assert len({case.name for case in faults.CASES}) == len(faults.CASES)


@pytest.fixture
def bad_application():
    servers = []

    def start(*mended):
        server = bad_app.serve(0, mended)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


BAD_FAULTS = {"no_keys": "WEIR-KEY-001", "malformed_500": "WEIR-ERR-001", "buffers_streams": "WEIR-STREAM-001",
              "trusts_forwarded": "WEIR-RATE-002"}


def check_bad(url, *arguments):
    done = check(url, "--json", "--stream", "/api/chat", *arguments, key=BAD_KEY)
    return done.returncode, json.loads(done.stdout)


def test_the_bad_application_has_its_five_faults(bad_application):
    code, report = check_bad(bad_application(), "--active", "--load-test", "tests/bad_app/load_summary.json")
    assert (found(report), code) == ({*BAD_FAULTS.values(), "WEIR-LOAD-001"}, 1)


def test_mended_it_has_none(bad_application):
    code, report = check_bad(bad_application(*BAD_FAULTS), "--active", "--load-test", "tests/check/load_summary.json")
    assert (found(report), code) == (set(), 0)


def test_a_safe_check_asks_no_question_that_could_be_answered(bad_application):
    code, report = check_bad(bad_application(), "--safe")
    statuses = {result["id"]: result["status"] for result in report["results"]}
    assert {"WEIR-KEY-001", "WEIR-ERR-001", "WEIR-RATE-002"} <= found(report)  # by its counts alone
    assert statuses["WEIR-STREAM-001"] == "skipped" and statuses["WEIR-LOAD-001"] == "unknown"
    for result in report["results"]:
        for exchange in result["evidence"]["exchanges"]:
            assert not (exchange["sent"].startswith("POST /api/chat") and exchange["received"].startswith("200"))
    assert code == 1


def test_evidence_never_shows_the_key(bad_application):
    done = check(bad_application(), "--json", "--active", key=BAD_KEY)
    assert BAD_KEY not in done.stdout and "[key]" in done.stdout


def test_accepted_risks_count_no_more_until_they_expire(bad_application, tmp_path):
    url = bad_application("no_keys", "malformed_500", "buffers_streams")
    statements = tmp_path / "weir-check.json"

    def accepted_until(day):
        statements.write_text(json.dumps({
            "accepted": [{"id": "WEIR-RATE-002", "reason": "internal users only", "expires": day}],
            "attested": [{"id": "WEIR-DR-001", "by": "A. Silva", "statement": "restored in 12 minutes",
                          "on": "2026-01-01", "expires": day}]}))
        return check_bad(url, "--safe", "--statements", str(statements))

    code, report = accepted_until("2199-01-01")
    results = {result["id"]: result for result in report["results"]}
    assert (code, results["WEIR-RATE-002"]["accepted"]["reason"]) == (0, "internal users only")
    assert results["WEIR-DR-001"]["status"] == "attested" and report["summary"]["accepted"] == 1
    code, report = accepted_until("2026-01-02")
    results = {result["id"]: result for result in report["results"]}
    assert (code, results["WEIR-DR-001"]["status"]) == (1, "stale") and "accepted" not in results["WEIR-RATE-002"]


def test_a_statement_about_no_rule_is_refused(tmp_path):
    (tmp_path / "weir-check.json").write_text('{"accepted": [{"id": "WEIR-X", "reason": "r", "expires": "2199-01-01"}]}')
    done = check("http://127.0.0.1:9", folder=tmp_path)
    assert done.returncode == 2 and "WEIR-X" in done.stderr


def test_what_got_worse_is_told(bad_application, tmp_path):
    history = tmp_path / "checks.jsonl"
    url = bad_application("no_keys", "malformed_500", "trusts_forwarded")
    code, report = check_bad(url, "--safe", "--history", str(history))
    assert (code, report["regressed"]) == (0, [])
    kept = json.loads(history.read_text())
    assert kept["target"] == url and kept["statuses"]["WEIR-KEY-001"] == "pass"
    kept["statuses"]["WEIR-ERR-001"] = "pass"
    kept["target"] = other = bad_application("no_keys", "trusts_forwarded")
    history.write_text(json.dumps(kept) + "\n")
    code, report = check_bad(other, "--safe", "--history", str(history))
    assert (code, report["regressed"]) == (1, ["WEIR-ERR-001"])
    assert len(history.read_text().splitlines()) == 2


def test_every_format_tells_of_the_same_failures(bad_application):
    url = bad_application("no_keys", "trusts_forwarded")
    outputs = {name: check(url, name, key=BAD_KEY) for name in ("--sarif", "--junit", "--md")}
    assert {done.returncode for done in outputs.values()} == {1}
    sarif = json.loads(outputs["--sarif"].stdout)
    errors = [result["ruleId"] for result in sarif["runs"][0]["results"] if result["level"] == "error"]
    suite = ElementTree.fromstring(outputs["--junit"].stdout)
    failed = [case.get("name").split()[0] for case in suite if case.find("failure") is not None]
    assert errors == failed == ["WEIR-ERR-001"] and suite.get("failures") == "1"
    assert "| fail | WEIR-ERR-001 |" in outputs["--md"].stdout


def test_nobody_there_is_exit_code_3():
    done = check("http://127.0.0.1:9")
    assert done.returncode == 3 and "does not answer" in done.stderr


def test_wrong_usage_is_exit_code_2():
    assert check("http://127.0.0.1:9", "--safe", "--active").returncode == 2
    assert check("ftp://127.0.0.1").returncode == 2
