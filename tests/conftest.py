"""Starts the real binary for the tests, on free ports and in temporary directories."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BINARY = os.environ.get("WEIR_BIN", str(ROOT / "build" / "release" / "weir"))
SHARED = Path(os.environ.get("WEIR_SHARED", ROOT.parent / "shared"))
API_KEY = "sk-upstream-for-tests"


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="the counts that the documentation names")
    parser.addoption("--write-docs", action="store_true", help="write measured tables into docs/ instead of comparing them")


@pytest.fixture(scope="session")
def long_run(request):
    return request.config.getoption("--long")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answer:
    """What urllib gives, without its exceptions for statuses."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


def memory_peak(pid):
    """The most memory that the process held, in bytes. (ru_maxrss begins with that of the process that forked it.)"""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def http(method, url, body=None, headers=None, timeout=30):
    data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
    fields = {"content-type": "application/json"} if isinstance(body, (dict, list)) else {}
    request = urllib.request.Request(url, data=data, method=method, headers=fields | (headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


class Process:
    """A running `weir` command that listens."""

    def __init__(self, command, log_path, port, probe, env):
        clean = {k: v for k, v in os.environ.items()
                 if not k.startswith(("WEIR_", "ANTHROPIC_")) and k not in ("ALLOWED_ORIGINS", "VALID_API_KEYS")}
        self.host, self.port = "127.0.0.1", port
        self.url = f"http://127.0.0.1:{port}"
        self.log_path = log_path
        self.log = open(log_path, "ab")
        self.process = subprocess.Popen([BINARY, *command], env=clean | env, stdout=self.log, stderr=self.log)
        self.pid = self.process.pid
        self._wait(probe)

    def _wait(self, probe):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"weir ended with {self.process.returncode}:\n{self.log_text()[-3000:]}")
            with contextlib.suppress(OSError):
                if probe is None:  # TLS: a connection that is taken is all that clear text can tell
                    socket.create_connection((self.host, self.port), timeout=2).close()
                    return
                if http("GET", self.url + probe, timeout=2).status < 500:
                    return
            time.sleep(0.02)
        raise AssertionError(f"weir was not ready within 20 s:\n{self.log_text()[-3000:]}")

    def log_text(self):
        return Path(self.log_path).read_text(errors="replace")

    def request(self, method, path, body=None, headers=None, **kwargs):
        return http(method, self.url + path, body, headers, **kwargs)

    def terminate(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self, timeout=20):
        self.terminate()
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"weir did not stop within {timeout} s:\n{self.log_text()[-2000:]}") from None
        finally:
            self.log.close()
        return code


@pytest.fixture(scope="session")
def binary():
    assert Path(BINARY).exists(), f"{BINARY} is missing: run ./run build"
    return BINARY


class Launcher:
    def __init__(self, folder):
        self.folder, self.running, self.count = Path(folder), [], 0

    def weir(self, env=None, args=(), data=None, port=None, rate_limit="off"):
        self.count += 1
        port = port or free_port()
        env = {"WEIR_DATA": str(data or self.folder / f"data{self.count}"), "WEIR_LISTEN": f"127.0.0.1:{port}",
               "WEIR_RATE_LIMIT": rate_limit, "WEIR_LOG_FORMAT": "json"} | (env or {})
        process = Process(["serve", *args], self.folder / f"weir{self.count}.log", port, "/livez", env)
        process.data = Path(env["WEIR_DATA"])
        self.running.append(process)
        return process

    def weir_tls(self, config):
        """A Weir that speaks TLS with the certificate that the configuration file names."""
        self.count += 1
        port = free_port()
        env = {"WEIR_DATA": str(self.folder / f"data{self.count}"), "WEIR_LISTEN": f"127.0.0.1:{port}",
               "WEIR_RATE_LIMIT": "off", "WEIR_LOG_FORMAT": "json", "WEIR_CONFIG": str(config)}
        process = Process(["serve"], self.folder / f"weir{self.count}.log", port, None, env)
        self.running.append(process)
        return process

    def upstream(self, args=()):
        self.count += 1
        port = free_port()
        process = Process(["upstream", "--listen", f"127.0.0.1:{port}", *args],
                          self.folder / f"upstream{self.count}.log", port, "/__stats", {})
        self.running.append(process)
        return process

    def pair(self, upstream_args=(), **kwargs):
        """A simulated provider and a Weir in front of it."""
        upstream = self.upstream(upstream_args)
        env = {"ANTHROPIC_BASE_URL": upstream.url, "ANTHROPIC_API_KEY": API_KEY} | kwargs.pop("env", {})
        return self.weir(env=env, **kwargs), upstream

    def stop(self):
        for process in self.running:
            process.kill()


@pytest.fixture
def launch(binary, tmp_path):
    launcher = Launcher(tmp_path)
    yield launcher
    launcher.stop()


@pytest.fixture(scope="module")
def launch_module(binary, tmp_path_factory):
    launcher = Launcher(tmp_path_factory.mktemp("weir"))
    yield launcher
    launcher.stop()


@pytest.fixture(scope="module")
def weir(launch_module):
    """A Weir with no configuration, but for the rate limit."""
    return launch_module.weir()


@pytest.fixture(scope="session")
def recordings():
    folder = SHARED / "recordings" / "anthropic"
    if not folder.is_dir():
        pytest.skip("the recorded exchanges are not here (WEIR_SHARED)")
    return folder
