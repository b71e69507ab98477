"""`weir ingest` of many documents: progress, ctrl-C between two of them, and going on where it stopped."""

import contextlib
import json
import signal
import sqlite3
import subprocess
import time

import pytest

from conftest import BINARY, memory_peak

MIB = 1 << 20


@pytest.fixture(scope="module")
def count(long_run):
    return 10_000 if long_run else 300


def write_documents(folder, count):
    for number in range(count):
        part = folder / f"part{number % 100:02}"
        part.mkdir(parents=True, exist_ok=True)
        body = "\n\n".join(f"Paragraph {i} of document {number} says something about parcels and their ways." for i in range(8))
        (part / f"{number}.md").write_text(f"# Document {number}\n\n{body}\n\n## Details\n\n{body}\n")


def wait_for_documents(data, at_least=5):
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        try:
            with sqlite3.connect(f"file:{data}/weir.db?mode=ro", uri=True) as database:
                if database.execute("SELECT count(*) FROM documents").fetchone()[0] >= at_least:
                    return
        except sqlite3.OperationalError:  # not there yet
            pass
        time.sleep(0.02)
    raise AssertionError("no document within a minute")


def run_measured(command, tmp_path):
    """How it ended, what it printed, and the most memory it held."""
    with open(tmp_path / "out", "w+") as out, open(tmp_path / "err", "w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err)
        peak = 0
        while process.poll() is None:
            with contextlib.suppress(StopIteration, ProcessLookupError):  # it has just ended
                peak = max(peak, memory_peak(process.pid) // MIB)
            time.sleep(0.02)
        out.seek(0), err.seek(0)
        return process.returncode, out.read(), err.read(), peak


def test_interrupted_and_resumed(tmp_path, count):
    write_documents(tmp_path / "documents", count)
    command = [BINARY, "ingest", "--data", str(tmp_path / "data"), "--json", str(tmp_path / "documents")]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_documents(tmp_path / "data")
    first.send_signal(signal.SIGINT)
    out, err = first.communicate(timeout=120)
    assert first.returncode == 130, err
    assert "stopped; the same command goes on with the rest" in err
    done = json.loads(out)["created"]
    assert 0 < done < count
    begun = time.monotonic()
    code, out, err, peak = run_measured(command, tmp_path)
    took = time.monotonic() - begun
    assert code == 0, err
    counts = json.loads(out)
    assert counts == {"created": count - done, "updated": 0, "unchanged": done, "skipped": 0, "failed": 0}
    again = time.monotonic()
    third = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=3600).stdout)
    assert third["unchanged"] == count
    if count >= 10_000:
        assert "/10000, about " in err, "a line every ten seconds with what is left"
    assert 0 < peak < 400, "MiB"
    print(f"{count - done} documents in {took:.1f} s ({(count - done) / took:.0f}/s), {count} unchanged in "
          f"{time.monotonic() - again:.1f} s, peak memory {peak} MiB")
