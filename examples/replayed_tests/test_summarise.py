import os
import re
import subprocess
import urllib.error
from pathlib import Path

import pytest
from summarise import summarise

CASSETTES = Path(__file__).parent / "cassettes"


@pytest.fixture(scope="session", autouse=True)
def provider():
    """The recorded provider, on a free port."""
    command = [os.environ.get("WEIR_BIN", "weir"), "upstream", "--replay", str(CASSETTES), "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    os.environ["ANTHROPIC_BASE_URL"] = re.search(r"http://\S+", process.stderr.readline())[0]
    os.environ["ANTHROPIC_API_KEY"] = "any"
    yield
    process.terminate()
    process.wait()


def test_a_text_becomes_one_sentence():
    assert summarise("Weir is a gateway. It is written in C++.") == "Weir is a gateway written in C++."


def test_another_prompt_is_noticed():
    with pytest.raises(urllib.error.HTTPError) as miss:
        summarise("Something that was never recorded.")
    assert "the nearest is one-sentence" in miss.value.read().decode()
