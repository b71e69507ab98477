"""Every `sh` block of the README and the manual runs as it stands against a running Weir."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = {page: blocks for page in PAGES if (blocks := re.findall(r"^```sh\n(.*?)^```$", page.read_text(), re.M | re.S))}


@pytest.fixture
def running(launch):
    """One for each page: where a page makes a key, the next calls need one."""
    return launch.pair()[0]


@pytest.mark.parametrize("page", BLOCKS, ids=lambda page: page.name)
def test_commands_of(page, running, binary, tmp_path):
    environment = dict(os.environ, WEIR_DATA=str(running.data), WEIR_URL=running.url,
                       PATH=f"{Path(binary).resolve().parent}:{os.environ['PATH']}")
    for block in BLOCKS[page]:
        script = block.replace("127.0.0.1:8080", f"127.0.0.1:{running.port}").replace("curl -s", "curl -fsS")
        result = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=environment,
                                text=True, capture_output=True, timeout=60)
        assert result.returncode == 0, f"{block}\n{result.stdout}\n{result.stderr}"


def test_links_between_pages_lead_somewhere():
    broken = [f"{page.name}: {target}" for page in [*PAGES, ROOT / "CONTRIBUTING.md"]
              for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()) if not (page.parent / target).exists()]
    assert broken == []
