"""Conformance to RFC 9113 and RFC 7541: h2spec in its strict form, over TLS and in clear text (with --long: 20 runs)."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from test_tls import certificate

VERSION = "v2.2.1"
MODULE = f"github.com/summerwind/h2spec/cmd/h2spec@{VERSION}+incompatible"
TESTS = 146
PAGE = "/openapi.json"  # over 2 KB: the tests of negative windows need something to hold back


@pytest.fixture(scope="session")
def h2spec():
    found = shutil.which("h2spec") or shutil.which("h2spec", path=str(Path.home() / "go" / "bin"))
    if found:
        return found
    subprocess.run(["go", "install", MODULE], check=True, timeout=600)
    return str(Path.home() / "go" / "bin" / "h2spec")


@pytest.fixture(params=["tls", "clear"])
def target(request, launch, tmp_path):
    """The arguments that lead h2spec to a Weir."""
    if request.param == "clear":
        return ["-p", str(launch.weir().port)]
    certificate(tmp_path, "h2spec")
    (tmp_path / "tls.toml").write_text(f'[server]\ntls_certificate_file = "{tmp_path}/cert.pem"\n'
                                       f'tls_key_file = "{tmp_path}/key.pem"\n')
    return ["-p", str(launch.weir_tls(tmp_path / "tls.toml").port), "-t", "-k"]


def test_h2spec_strict(h2spec, target, long_run):
    for run in range(20 if long_run else 1):
        done = subprocess.run([h2spec, "-S", "-h", "127.0.0.1", *target, "-P", PAGE],
                              capture_output=True, text=True, errors="replace", timeout=600)
        summary = re.search(r"(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed", done.stdout)
        assert summary, done.stdout[-3000:] + done.stderr
        failures = done.stdout.partition("Failures:")[2]
        assert tuple(map(int, summary.groups())) == (TESTS, TESTS, 0, 0), f"run {run}: {failures}"
        assert done.returncode == 0
