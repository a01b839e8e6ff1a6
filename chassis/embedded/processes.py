"""Child processes that never outlive their parent, not even when it is killed with signal 9."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.embedded.errors import EmbeddedError

STOP_SECONDS = 30
LOG_LIMIT = 20 * 2**20

# One pipe, in a session of its own: its standard input ends when the parent ends, however that happens.
# First line: the pid to guard. A second line: the server was stopped in order, nothing is left to do.
GUARD = """
trap '' HUP INT TERM
read -r pid || exit 0
read -r stopped && exit 0
kill -s "$1" "$pid" 2>/dev/null || exit 0
for second in 1 2 3 4 5 6 7 8 9 10; do
  sleep 1
  kill -0 "$pid" 2>/dev/null || exit 0
done
kill -s KILL "$pid" 2>/dev/null
"""


@dataclass(frozen=True)
class Account:
    """The system account that a server runs as when we are root."""

    uid: int
    gid: int


class ServerProcess:
    def __init__(self, name: str, child: subprocess.Popen[bytes], guard: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self._child = child
        self._guard = guard

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child.poll() is None

    async def stop(self, how: signal.Signals) -> None:
        """Returns when the process has ended; may be called again, or after the process ended by itself."""
        if self.is_running:
            self._child.send_signal(how)
            await self._wait(STOP_SECONDS)
        if self.is_running:
            self._child.kill()
        self._child.wait()
        self._dismiss_guard()

    async def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.is_running and time.monotonic() < deadline:  # noqa: ASYNC110 - a child's end is polled for
            await asyncio.sleep(0.02)

    def _dismiss_guard(self) -> None:
        if self._guard.stdin is not None and not self._guard.stdin.closed:
            try:
                self._guard.stdin.write(b"stopped\n")
                self._guard.stdin.close()
            except BrokenPipeError:
                self._guard.stdin = None
        self._guard.wait()


def spawn(
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    orphan_signal: signal.Signals,
) -> ServerProcess:
    """Starts a server in a session of its own; `orphan_signal` ends it when this process ends before it."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    guard = _guard(orphan_signal)
    assert guard.stdin is not None  # noqa: S101 - asked for above
    try:
        with log.open("ab") as output:
            child = subprocess.Popen(  # noqa: S603 - the embedded server's own program
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
                env={**os.environ, **(environment or {})},
                **_runs_as(account),
            )
    except OSError as error:
        guard.stdin.close()
        guard.wait()
        raise EmbeddedError(f"{name} cannot be started: {error.strerror or error}.") from error
    guard.stdin.write(f"{child.pid}\n".encode())
    return ServerProcess(name, child, guard, log)


def _guard(orphan_signal: signal.Signals) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - fixed program, no outside words
        ["/bin/sh", "-c", GUARD, "guard", orphan_signal.name.removeprefix("SIG")],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
        bufsize=0,
    )


def _runs_as(account: Account | None) -> dict[str, Any]:
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


def run(name: str, command: Sequence[str], *, account: Account | None = None, text: str = "") -> None:
    """Runs a short program to its end with `text` as its input; raises EmbeddedError with its last complaint."""
    try:
        done = subprocess.run(  # noqa: S603 - the embedded server's own program
            list(command),
            input=text,
            capture_output=True,
            text=True,
            cwd="/",
            timeout=120,
            check=False,
            **_runs_as(account),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbeddedError(f"{name} failed: {error}.") from error
    if done.returncode != 0:
        raise EmbeddedError(f"{name} failed: {last_complaint(done.stderr or done.stdout)}.")


def last_complaint(output: str) -> str:
    """The line that says most about a failure: the last fatal one, else the last error, else the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for word in ("FATAL", "PANIC", "rror", "xception"):
        for line in reversed(lines):
            if word in line:
                return line.rstrip(".")
    return lines[-1].rstrip(".") if lines else "it said nothing"
