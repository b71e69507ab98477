"""A translated event costs at most twice what a native one does, in the same run."""

import os
import subprocess
import sys

from conftest import BINARY, ROOT


def test_a_translated_event_costs_at_most_twice_the_native_one(binary, long_run):
    command = [sys.executable, str(ROOT / "bench" / "translation"), "--goal", "2", "--rounds", "7" if long_run else "2"]
    result = subprocess.run(command, env=dict(os.environ, WEIR_BIN=BINARY), text=True, capture_output=True, timeout=300)
    print(result.stdout)
    assert result.returncode == 0, result.stderr
