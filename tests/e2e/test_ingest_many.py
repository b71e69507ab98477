"""`weir ingest` of many documents: progress, ctrl-C between two of them, and going on where it stopped."""

import json
import resource
import signal
import subprocess
import time

import pytest

from conftest import BINARY


@pytest.fixture(scope="module")
def count(long_run):
    return 10_000 if long_run else 300


def write_documents(folder, count):
    for number in range(count):
        part = folder / f"part{number % 100:02}"
        part.mkdir(parents=True, exist_ok=True)
        body = "\n\n".join(f"Paragraph {i} of document {number} says something about parcels and their ways." for i in range(8))
        (part / f"{number}.md").write_text(f"# Document {number}\n\n{body}\n\n## Details\n\n{body}\n")


def test_interrupted_and_resumed(tmp_path, count):
    write_documents(tmp_path / "documents", count)
    command = [BINARY, "ingest", "--data", str(tmp_path / "data"), "--json", str(tmp_path / "documents")]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1.0)  # within the run: how far it came is what the output tells
    first.send_signal(signal.SIGINT)
    out, err = first.communicate(timeout=120)
    assert first.returncode == 130, err
    assert "stopped; the same command goes on with the rest" in err
    done = json.loads(out)["created"]
    assert 0 < done < count
    begun = time.monotonic()
    second = subprocess.run(command, capture_output=True, text=True, timeout=3600)
    took = time.monotonic() - begun
    assert second.returncode == 0, second.stderr
    counts = json.loads(second.stdout)
    assert counts == {"created": count - done, "updated": 0, "unchanged": done, "skipped": 0, "failed": 0}
    again = time.monotonic()
    third = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=3600).stdout)
    assert third["unchanged"] == count
    if count >= 10_000:
        assert "/10000, about " in second.stderr, "a line every ten seconds with what is left"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    assert peak < 400
    print(f"{count - done} documents in {took:.1f} s ({(count - done) / took:.0f}/s), {count} unchanged in "
          f"{time.monotonic() - again:.1f} s, peak memory {peak} MiB")
