"""The directory of one embedded server: used by one process at a time, with room on its disk."""

import asyncio
import fcntl
import os
import shutil
import time
from pathlib import Path
from typing import TextIO

import psutil

from chassis.embedded.errors import EmbeddedError

ROOM_FOR_A_NEW_SERVER = 400 * 2**20  # an empty cluster takes 90 MB with its first WAL, a broker's first log as much
ROOM_TO_GO_ON = 100 * 2**20
PREDECESSOR_SECONDS = 20


class ServerDirectory:
    """Held from start to stop; the hold ends by itself with the process."""

    def __init__(self, path: Path, server: str) -> None:
        self.path = path.absolute()
        self._server = server
        self._hold: TextIO | None = None

    def hold(self, *, is_new: bool) -> None:
        """Raises EmbeddedError when the directory cannot be made, has no room, or another process uses it."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.path.chmod(0o711)  # the server's own account must reach its files inside
            hold = (self.path / "in-use").open("a")
        except OSError as error:
            raise EmbeddedError(f"The directory {self.path} cannot be used: {error.strerror}.") from error
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            hold.close()
            raise EmbeddedError(f"Another process already runs {self._server} in {self.path}.") from error
        self._hold = hold
        self._require_room(ROOM_FOR_A_NEW_SERVER if is_new else ROOM_TO_GO_ON)

    def release(self) -> None:
        if self._hold is not None:
            self._hold.close()
            self._hold = None

    async def wait_for_predecessor(self, pid: int | None, command: str) -> None:
        """Waits until the server of a run that was killed has ended too; its guard is ending it already."""
        deadline = time.monotonic() + PREDECESSOR_SECONDS
        while pid is not None and _is_running(pid, command):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{self._server} of an earlier run (process {pid}) still runs in {self.path}.")
            await asyncio.sleep(0.1)

    def _require_room(self, needed: int) -> None:
        free = shutil.disk_usage(self.path).free
        if free < needed:
            self.release()
            raise EmbeddedError(
                f"No disk space: {self._server} needs {needed >> 20} MB in {self.path}, {free >> 20} MB are free."
            )


def let_traverse(path: Path) -> None:
    """Lets other accounts pass through (not list) the directories above `path`; only root needs and may do this."""
    if os.geteuid() != 0:
        return
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def _is_running(pid: int, command: str) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and any(command in word for word in process.cmdline())
    except psutil.Error:
        return False
