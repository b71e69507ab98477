"""Conformance to RFC 9113 and RFC 7541: h2spec in its strict form, over TLS and in clear text (with --long: 20 runs)."""

import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
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


def test_h2spec_strict(h2spec, target, tmp_path, long_run):
    for run in range(20 if long_run else 1):
        report = tmp_path / f"h2spec{run}.xml"
        done = subprocess.run([h2spec, "-S", "-h", "127.0.0.1", *target, "-P", PAGE, "-j", str(report)],
                              capture_output=True, text=True, timeout=600)
        cases = list(ElementTree.parse(report).getroot().iter("testcase"))
        failed = [case.get("classname", "") + " " + case.get("package", "") for case in cases
                  if case.find("failure") is not None or case.find("error") is not None]
        skipped = sum(case.find("skipped") is not None for case in cases)
        assert not failed, f"run {run}: {failed}\n{done.stdout[-3000:]}"
        assert (len(cases), skipped) == (TESTS, 0), f"run {run}"
        assert done.returncode == 0
