"""Starts and stops a receiving process on loopback, and reads what it got."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).parent / "receiver.py"


class Outside:
    """`port` stays the same over stops and starts."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.behave("ok")
        self._process: subprocess.Popen[bytes] | None = None

    def behave(self, mode: str) -> None:
        (self.directory / "mode").write_text(mode)

    def answer_with(self, document: Any) -> None:
        (self.directory / "answer").write_text(json.dumps(document))

    def outcome(self, status: str | None) -> None:
        """What it tells of a message when it is asked; None: nothing."""
        (self.directory / "outcome").write_text("" if status is None else json.dumps({"status": status}))

    async def start(self) -> None:
        arguments = [sys.executable, str(PROGRAM), str(self.port), str(self.directory)]
        self._process = subprocess.Popen(arguments)  # noqa: ASYNC220 - started once, not waited for
        for _ in range(100):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return
        raise AssertionError("the receiver did not start within 10 s")

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def taken(self) -> list[dict[str, Any]]:
        """Every request that it kept, in order, repeated ones too."""
        return self._read("taken")

    def turned_away(self) -> list[dict[str, Any]]:
        return self._read("turned_away")

    def messages(self) -> list[dict[str, Any]]:
        """What a receiver has that remembers message ids."""
        fresh = {request["headers"]["webhook-id"]: json.loads(request["body"]) for request in reversed(self.taken())}
        return list(reversed(fresh.values()))

    def _read(self, name: str) -> list[dict[str, Any]]:
        file = self.directory / name
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
