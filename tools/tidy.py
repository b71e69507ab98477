"""The style of the tree as a test: every rule reads every file and names each line that breaks it."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAYERS = {  # what each module may include from; the order of ARCHITECTURE in docs/architecture.md
    "base": set(),
    "observe": {"base"},
    "net": {"base", "observe"},
    "data": {"base", "observe", "net"},
    "model": {"base", "observe", "net", "data"},
    "app": {"base", "observe", "net", "data", "model"},
    "edge": {"base", "observe", "net", "data", "model", "app"},
    "ops": {"base", "observe", "net", "data", "model", "app"},
    "main": {"base", "observe", "net", "data", "model", "app", "edge", "ops"},
}
FILE_LINES_MAX = 500
LINE_CHARS_MAX = 120
GENERATED = ("price_table", "page_files", "openapi")  # parts of names of files that tools write


def files(*patterns):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *patterns], cwd=ROOT,
                            text=True, capture_output=True, check=True).stdout.split("\n")
    return [Path(name) for name in listed if name and (ROOT / name).is_file()]


def sources(root="src"):
    return [path for path in files(f"{root}/*.h", f"{root}/*.cpp") if not any(g in path.name for g in GENERATED)]


def lines(path):
    return (ROOT / path).read_text().splitlines()


def code_of(line):
    """The line without its // comment and with string literals emptied."""
    line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    return line.split("//")[0]


def layers_point_one_way():
    for path in sources():
        module = path.parts[1]
        for number, line in enumerate(lines(path), 1):
            included = re.match(r'#include "(\w+)/', line)
            if included and included[1] in LAYERS and included[1] != module and included[1] not in LAYERS[module]:
                yield path, number, f"{module} may not include {included[1]}"


def sockets_stay_in_net():
    banned = re.compile(r"#include <(openssl|nghttp2|llhttp)|#include <boost/asio/(?!awaitable|io_context)")
    allowed = {"src/base/digest.cpp"}
    for path in sources():
        if path.parts[1] == "net" or path.as_posix() in allowed or path.name.endswith("_test.cpp"):
            continue
        for number, line in enumerate(lines(path), 1):
            if banned.search(line):
                yield path, number, "only src/net includes Asio, OpenSSL, nghttp2 and llhttp"


def time_and_randomness_are_injected():
    banned = re.compile(r"(system_clock|steady_clock)::now\(|std::random_device|\brand\(\)|\btime\((nullptr|NULL)\)")
    for path in sources():
        if path.parts[1] == "base" or path.name.endswith("_test.cpp"):
            continue
        for number, line in enumerate(lines(path), 1):
            if banned.search(code_of(line)):
                yield path, number, "take a Clock or Random as a constructor argument"


def no_detached_tasks():
    for path in sources():
        for number, line in enumerate(lines(path), 1):
            if re.search(r"\bdetached\b", code_of(line)) and path.name != "spawn.cpp":
                yield path, number, "use net::spawn, which logs what a task throws"


def awaited_arguments_are_named():
    risky = re.compile(r"co_await\s+[\w:.\->]+\([^;]*(\[[^\]]*\w[^\]]*\]\s*(\(|\{)|\{)")
    for path in sources():
        for number, line in enumerate(lines(path), 1):
            if risky.search(code_of(line)):
                yield path, number, "name the argument before co_await (g++ 12 destroys such temporaries twice)"


def files_are_short():
    for path in sources() + sources("tests"):
        count = len(lines(path))
        if count > FILE_LINES_MAX:
            yield path, count, f"over {FILE_LINES_MAX} lines: probably two concepts"


def lines_are_short():
    for path in sources():
        for number, line in enumerate(lines(path), 1):
            if len(line) > LINE_CHARS_MAX and "http" not in line and 'R"' not in line:
                yield path, number, f"{len(line)} characters"


def headers_say_what_they_are():
    for path in files("src/*.h"):
        text = lines(path)
        if not text or not text[0].startswith("// "):
            yield path, 1, "the first line says what the file is"
        elif "#pragma once" not in text:
            yield path, 1, "no #pragma once"


def nothing_is_left_for_later():
    for path in files("src/*", "tests/*.py", "tests/*.cpp", "tests/*.h", "tools/*", "web/*.ts", "web/*.tsx"):
        if path.name == "tidy.py" or path.suffix in (".png", ".json"):
            continue
        for number, line in enumerate((ROOT / path).read_text(errors="replace").splitlines(), 1):
            if re.search(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b", line):
                yield path, number, "finish it, or file it"


RULES = [layers_point_one_way, sockets_stay_in_net, time_and_randomness_are_injected, no_detached_tasks,
         awaited_arguments_are_named, files_are_short, lines_are_short, headers_say_what_they_are,
         nothing_is_left_for_later]


def main():
    broken = 0
    for rule in RULES:
        findings = list(rule())
        name = rule.__name__.replace("_", " ")
        print(f"{'broken' if findings else 'ok':6} {name}")
        for path, number, why in findings:
            print(f"       {path}:{number}: {why}")
        broken += bool(findings)
    print(f"{len(RULES) - broken} rules held, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
