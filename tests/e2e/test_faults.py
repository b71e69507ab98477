"""What every fault of every provider comes to, as docs/faults.md says.

`--write-docs` writes the tables of that page anew instead of comparing them.
"""

import re

import pytest
from conftest import ROOT
from fault_matrix import ROADS, run, table
from test_tls import certificate

PAGE = ROOT / "docs" / "faults.md"
PADDING_MIB, PADDING_MIB_LONG = 64, 1024
PEAK_KIB_MAX = 400 * 1024


@pytest.fixture(scope="module")
def outcome(launch_module, tmp_path_factory, long_run):
    return run(launch_module, tmp_path_factory.mktemp("matrix"), certificate, ROADS,
               PADDING_MIB_LONG if long_run else PADDING_MIB)


def test_the_matrix_is_as_the_page_says(outcome, request):
    page = PAGE.read_text()
    for road in ROADS:
        begin, end = f"## {road.title}\n\n", "\n## "
        assert begin in page, f"{PAGE.name} has no section on {road.title}"
        start = page.index(begin) + len(begin)
        stop = page.find(end, start)
        before, told, after = page[:start], page[start:stop if stop >= 0 else None], page[stop:] if stop >= 0 else ""
        measured = table(outcome, road)
        if request.config.getoption("--write-docs"):
            page = before + measured + after
            continue
        differing = [pair for pair in zip(told.splitlines(), measured.splitlines()) if pair[0] != pair[1]]
        assert told == measured, "\n".join(f"{road.title}\n  page: {a}\n  seen: {b}" for a, b in differing)
    if request.config.getoption("--write-docs"):
        PAGE.write_text(page)
    print(f"{len(outcome.cells)} cells, {sum(len(cell.seen) for cell in outcome.cells)} requests, "
          f"{outcome.upstream_requests} tries")


def test_every_request_is_answered_and_accounted_for(outcome):
    for cell in outcome.cells:
        for seen in cell.seen:
            assert seen.status > 0, f"{cell.road.title}, {cell.fault.title}: the connection closed without an answer"
            assert seen.request_id in outcome.log
    assert outcome.upstream_requests == outcome.tries()


def test_no_fault_costs_memory_by_its_size(outcome):
    assert outcome.peak_kib < PEAK_KIB_MAX
    large = [cell for cell in outcome.cells if cell.fault.address == "large"]
    assert max(seen.size for cell in large for seen in cell.seen) >= PADDING_MIB << 20


def test_streams_never_end_in_silence(outcome):
    quiet = re.compile("none|wrong content type|malformed|1 GB body")
    for cell in outcome.cells:
        if not cell.stream or quiet.match(cell.fault.title):
            continue
        for seen in cell.seen:
            assert seen.error, f"{cell.road.title}, {cell.fault.title}: no error, last event {seen.last}"
