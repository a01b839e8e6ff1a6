"""What every running embedded server offers."""

import signal
from pathlib import Path
from typing import ClassVar

from chassis.embedded.directory import ServerDirectory
from chassis.embedded.processes import ServerProcess


class EmbeddedServer:
    """`stop` and `kill` may be called again."""

    orderly: ClassVar[signal.Signals]
    """Ends it with everything written down."""

    def __init__(self, process: ServerProcess, directory: ServerDirectory, *, port: int) -> None:
        self.port = port
        self._process = process
        self._directory = directory

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def directory(self) -> Path:
        return self._directory.path

    @property
    def is_running(self) -> bool:
        return self._process.is_running

    async def stop(self) -> None:
        await self._end(self.orderly)

    async def kill(self) -> None:
        """Ends like a power cut; the same directory can be started again at once."""
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        await self._process.stop(how)
        self._directory.release()
