"""Runs every stage of ./test and ends with one line over everything that ran.

A stage is a function that returns a Tally; a stage that cannot run at all counts as one failure.
"""

import argparse
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / "build" / "dev"
RELEASE = ROOT / "build" / "release"
FUZZ = ROOT / "build" / "fuzz"
UNIT_MODULES = ("base", "observe", "net", "data", "model", "app", "edge", "ops", "main")


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        return self

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def call(command, timeout_s=1500, **kwargs):
    """Runs a command with its output on ours; the exit code, or 124 after timeout_s."""
    sys.stdout.flush()
    try:
        return subprocess.run(command, cwd=ROOT, timeout=timeout_s, **kwargs).returncode
    except subprocess.TimeoutExpired:
        print(f"timed out after {timeout_s} s: {command}")
        return 124


def build(preset, *targets):
    directory = ROOT / "build" / preset
    if not (directory / "build.ninja").exists():
        if call(["cmake", "--preset", preset], stdout=subprocess.DEVNULL) != 0:
            return False
    environment = dict(os.environ, NINJA_STATUS="[%f/%t %es] ")
    environment.setdefault("CCACHE_MAXSIZE", "4G")
    return call(["cmake", "--build", str(directory), "--target", *targets], 2400, env=environment) == 0


def tidy(_):
    """The rules of the tree: layers, sizes, banned calls, awaited expressions."""
    result = subprocess.run([sys.executable, "tools/tidy.py"], cwd=ROOT, text=True, capture_output=True)
    print(result.stdout, end="")
    print(result.stderr, end="", file=sys.stderr)
    counted = re.search(r"^(\d+) rules held, (\d+) broken", result.stdout, re.M)
    if not counted:
        return Tally(failed=1)
    return Tally(passed=int(counted[1]), failed=int(counted[2]))


CLANG_TIDY_FILES_MAX = 10  # in the short form; about 3 s of processor time each
CLANG_TIDY_USUAL = ("src/net/http1/connection.cpp", "src/net/client/connection.cpp", "src/model/gateway.cpp",
                    "src/edge/pipeline.cpp")  # where lifetimes are hardest


def clang_tidy(options):
    """The checks of .clang-tidy on the files that differ from main (with --long: on all of them)."""
    paths = clang_tidy_files(options.long)
    if not build("dev", *sorted({f"weir_{path.split('/')[1]}" for path in paths})):
        return Tally(failed=1)

    def check(path):
        return subprocess.run(["clang-tidy-19", "-p", str(DEV), "--quiet", path], cwd=ROOT, text=True,
                              capture_output=True, timeout=600)

    tally = Tally()
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        for path, result in zip(paths, pool.map(check, paths)):
            if result.returncode != 0:
                print(f"{path}:\n{result.stdout}{result.stderr}")
            tally += Tally(passed=1) if result.returncode == 0 else Tally(failed=1)
    return tally


def clang_tidy_files(everything):
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=ROOT, text=True, capture_output=True).stdout.split()

    sources = {path for path in git("ls-files", "-co", "--exclude-standard", "src/*.cpp")
               if not path.endswith("_test.cpp") and (ROOT / path).is_file()}
    if everything:
        return sorted(sources)
    base = git("merge-base", "HEAD", "main") or ["HEAD"]
    changed = {re.sub(r"\.h$", ".cpp", path) for path in git("diff", "--name-only", base[0], "--", "src")}
    changed = sorted(changed & sources) or [path for path in CLANG_TIDY_USUAL if path in sources]
    if len(changed) > CLANG_TIDY_FILES_MAX:
        print(f"    {CLANG_TIDY_FILES_MAX} of {len(changed)} changed files; --long checks all")
    return changed[:CLANG_TIDY_FILES_MAX]


def unit(options):
    """The unit and contract tests under ASan and UBSan (with --tsan: under TSan as well)."""
    tally = Tally()
    for preset in ["dev"] + (["tsan"] if options.long else []):
        targets = [f"{module}_test" for module in UNIT_MODULES if has_unit_tests(module)]
        if not build(preset, *targets):
            return Tally(failed=1)
        for target in targets:
            tally += doctest(ROOT / "build" / preset / target)
    return tally


def has_unit_tests(module):
    return any((ROOT / "src" / module).rglob("*_test.cpp"))


def doctest(binary):
    environment = dict(os.environ, WEIR_SHARED=shared())
    environment.setdefault("ASAN_OPTIONS", "detect_stack_use_after_return=1")
    print(f"--- {binary.name} ({binary.parent.name})", flush=True)
    try:
        result = subprocess.run([str(binary), "--no-intro"], cwd=ROOT, env=environment, timeout=900,
                                text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        print("timed out")
        return Tally(failed=1)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)
    counts = re.search(r"test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed\s*\|\s*(\d+) skipped", plain)
    # Printed as such, or by doctest's MESSAGE behind its place; the same place twice is one test.
    skips = list(dict.fromkeys(re.findall(r"^(?:.*MESSAGE: )?(?=skipped:).*", plain, re.M)))
    if result.returncode != 0 or not counts:
        print(plain)
        return Tally(passed=int(counts[2]) if counts else 0, failed=max(1, int(counts[3]) if counts else 1))
    for line in skips:
        print(line)
    passed = int(counts[2]) - len(skips)
    print(f"    {passed} passed")
    return Tally(passed=passed, skipped=len(skips) + int(counts[4]))


def shared():
    """The folder of recordings and collections beside the project; tests that need it skip without."""
    return os.environ.get("WEIR_SHARED", str(ROOT.parent / "shared"))


def end_to_end(options):
    """The release binary as its users meet it: raw sockets, curl, the official Python SDK."""
    if not build("release", "weir"):
        return Tally(failed=1)
    report = ROOT / "build" / "pytest.xml"
    report.unlink(missing_ok=True)
    environment = dict(os.environ, WEIR_BIN=str(RELEASE / "weir"), WEIR_SHARED=shared(),
                       PYTHONDONTWRITEBYTECODE="1")
    command = [sys.executable, "-m", "pytest", "tests", "-q", "-ra", "-p", "no:cacheprovider",
               "-p", "no:asyncio", f"--junitxml={report}", "--durations=10"]
    if options.long:
        command.append("--long")
    code = call(command, 7200 if options.long else 1200, env=environment)
    return junit(report, code)


def junit(report, code):
    if not report.exists():
        return Tally(failed=1)
    tally = Tally()
    root = ElementTree.parse(report).getroot()
    for suite in root.iter("testsuite"):
        total, failed = int(suite.get("tests", 0)), int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        tally += Tally(total - failed - skipped, failed, skipped)
    if code != 0 and tally.failed == 0:
        tally.failed = 1
    return tally


def node(options):
    """What runs in Node: the TypeScript SDKs and the chat page in a real browser."""
    if not build("release", "weir"):
        return Tally(failed=1)
    tally = Tally()
    for folder in sorted(path.parent for path in (ROOT / "tests").glob("*/package.json")):
        print(f"--- {folder.relative_to(ROOT)}", flush=True)
        stamp = folder / "node_modules" / ".complete"
        lock = (folder / "package-lock.json").read_bytes()
        if not stamp.exists() or stamp.read_bytes() != lock:
            if call(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
                     "--prefix", str(folder)], 600) != 0:
                tally.failed += 1
                continue
            stamp.write_bytes(lock)
        report = ROOT / "build" / f"node-{folder.name}.xml"
        environment = dict(os.environ, WEIR_BIN=str(RELEASE / "weir"), WEIR_SHARED=shared(),
                           WEIR_LONG="1" if options.long else "")
        files = sorted(str(path) for path in folder.glob("*.test.mjs"))
        code = call(["node", "--test", "--test-concurrency=1", "--test-reporter=spec",
                     "--test-reporter-destination=stdout", "--test-reporter=junit",
                     f"--test-reporter-destination={report}", *files], 900, env=environment)
        tally += node_junit(report, code)
    return tally


def node_junit(report, code):
    if not report.exists():
        return Tally(failed=1)
    tally = Tally()
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        if case.find("failure") is not None:
            tally.failed += 1
        elif case.find("skipped") is not None:
            tally.skipped += 1
        else:
            tally.passed += 1
    if code != 0 and tally.failed == 0:
        tally.failed = 1
    return tally


def fuzz(options):
    """Each libFuzzer target for some seconds under sanitizers (with --long: for minutes)."""
    names = sorted(path.stem for path in (ROOT / "tests" / "fuzz").glob("fuzz_*.cpp"))
    if not names:
        return Tally()
    if not build("fuzz", *names):
        return Tally(failed=1)
    seconds = 120 if options.long else 5
    tally = Tally()
    for name in names:
        corpus = ROOT / "build" / "corpus" / name
        corpus.mkdir(parents=True, exist_ok=True)
        seeds = ROOT / "tests" / "fuzz" / "seeds" / name
        log = ROOT / "build" / f"{name}.log"
        with open(log, "w") as out:
            code = call([str(FUZZ / "tests" / "fuzz" / name), str(corpus), *([str(seeds)] if seeds.exists() else []),
                         f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
                         f"-artifact_prefix={ROOT}/build/{name}-"], 600, stdout=out, stderr=out)
        runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", log.read_text(errors="replace"))
        print(f"    {name}: {runs[1] if runs else '?'} executions, {'clean' if code == 0 else f'FAILED, see {log}'}")
        tally += Tally(passed=1) if code == 0 else Tally(failed=1)
    return tally


STAGES = {"tidy": tidy, "clang_tidy": clang_tidy, "unit": unit, "end_to_end": end_to_end, "node": node, "fuzz": fuzz}


def main():
    parser = argparse.ArgumentParser(prog="./test", description=__doc__)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"of {', '.join(STAGES)}; all by default")
    parser.add_argument("--long", action="store_true", help="the counts that the documentation names")
    parser.add_argument("--list", action="store_true", help="list the stages")
    options = parser.parse_args()
    if options.list:
        for name, stage in STAGES.items():
            print(f"{name:12} {stage.__doc__.splitlines()[0]}")
        return 0
    unknown = [name for name in options.stages if name not in STAGES]
    if unknown:
        parser.error(f"no such stage: {', '.join(unknown)}")
    os.environ["PATH"] = str(Path.home() / "go" / "bin") + os.pathsep + os.environ["PATH"]
    total, started = Tally(), time.monotonic()
    for name in options.stages or STAGES:
        begin = time.monotonic()
        print(f"\n=== {name}: {STAGES[name].__doc__.splitlines()[0]}", flush=True)
        tally = STAGES[name](options)
        total += tally
        print(f"=== {name}: {tally} in {time.monotonic() - begin:.0f} s", flush=True)
    print(f"\nall stages took {time.monotonic() - started:.0f} s")
    print(total)
    return 1 if total.failed or total.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
