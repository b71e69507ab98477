"""The API suite of Anthropic's Python SDK, unmodified, out of its source distribution: 689 tests, through Weir."""

import os
import re
import subprocess
import sys
import tarfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = 689
SUITE = ["test_messages.py", "messages", "test_models.py", "test_files.py"]


@pytest.fixture(scope="module")
def suite():
    version = metadata.version("anthropic")
    folder = ROOT / "build" / "sdk_suite"
    source = folder / f"anthropic-{version}"
    if not (source / "tests").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        fetched = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
             "--no-binary", ":all:", f"anthropic=={version}", "--dest", str(folder)], capture_output=True, text=True)
        if fetched.returncode != 0:
            pytest.skip("skipped: the source distribution of the SDK cannot be had: " + fetched.stderr[-200:])
        with tarfile.open(folder / f"anthropic-{version}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    return source


def test_the_sdks_own_suite(launch, suite):
    # Its ids are made up, and its key is nobody's: a Weir without keys before a provider that is not strict.
    gateway, _ = launch.pair(["--permissive"])
    paths = [str(Path("tests/api_resources") / part / name) for part in (".", "beta") for name in SUITE]
    environment = dict(os.environ, TEST_API_BASE_URL=gateway.url, PYTHONPATH=".")
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=",
                          "-p", "tests._alias_httpx", "--tb=short", *paths],
                         cwd=suite, env=environment, capture_output=True, text=True, timeout=600)
    summary = ran.stdout.strip().splitlines()[-1] if ran.stdout.strip() else ran.stderr[-500:]
    print(f"the anthropic SDK's own suite: {summary}")
    passed = int((re.search(r"(\d+) passed", summary) or [0, 0])[1])
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert passed >= EXPECTED, summary
