import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

ROOT = Path(__file__).parents[3]
START_SECONDS = 180  # two cores shared with other tests
STOP_SECONDS = 60


class Up:
    """`aftercall up` as its own process, as a person starts it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.ready_file = data.parent / "ready.json"
        self.process = launcher("up", "--data", str(data), "--port", "0", "--ready-file", str(self.ready_file))
        wait_until(lambda: self.ready_file.exists() or self.process.poll() is not None, START_SECONDS)
        assert self.process.poll() is None, self.process.communicate()[1]
        self.addresses: dict[str, str] = json.loads(self.ready_file.read_text())
        self.servers = psutil.Process(self.process.pid).children(recursive=True)

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        code = self.process.wait(STOP_SECONDS)
        wait_until(lambda: not any(server.is_running() for server in self.servers), STOP_SECONDS)
        return code


def launcher(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "launcher", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"not after {seconds} s"
        time.sleep(0.1)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    running = Up(tmp_path / "data")
    yield running
    if running.process.poll() is None:
        running.end(signal.SIGTERM)


def printed(*arguments: str) -> tuple[int, str, str]:
    process = launcher(*arguments)
    words, complaint = process.communicate(timeout=60)
    return process.returncode, words, complaint


def test_a_stack_serves_when_it_says_so_and_survives_a_kill_on_its_data(up: Up) -> None:
    assert up.ready_file.stat().st_mode & 0o777 == 0o600
    assert set(up.addresses) == {"web", "kafka", "database"}
    assert httpx.get(f"{up.addresses['web']}/healthz").status_code == 200
    code, token, complaint = printed("token", "--role", "crm", "--source", "crm-east", "--data", str(up.data))
    assert (code, complaint, len(token.split())) == (0, "", 1)
    code, _, complaint = printed("up", "--data", str(up.data), "--port", "0")
    assert code == 1 and "Another process already runs Aftercall" in complaint
    account = (up.data / "first-account.json").read_text()

    up.end(signal.SIGKILL)
    up.ready_file.unlink()
    again = Up(up.data)
    try:
        assert again.addresses["kafka"] == up.addresses["kafka"]
        assert (up.data / "first-account.json").read_text() == account
    finally:
        again.end(signal.SIGTERM)
    assert not again.ready_file.exists()


def test_only_a_stepped_clock_is_moved_by_hand(up: Up) -> None:
    code, _, complaint = printed("step", "--data", str(up.data), "--hours", "1")
    assert (code, complaint.count("start it with --clock stepped")) == (1, 1)
