"""The HTTP server of a process, on a socket that was bound before anything else was started."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

from launcher.faults import StartError

HOST = "127.0.0.1"
BACKLOG = 1024
KEEP_ALIVE_SECONDS = 75  # longer than clients keep an idle connection, so that they close first
CLOSING_SECONDS = 5  # live pages hold their connections open


def bind(port: int, host: str = HOST) -> socket.socket:
    """Raises StartError with one sentence when the port is taken."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise StartError(
            f"Port {port} on {host}, wanted for the web pages, cannot be used ({error.strerror}): "
            "end the process that holds it or choose another one with --port."
        ) from error
    return listening


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # the launcher's own handlers stop everything in order


@asynccontextmanager
async def serving(app: Any, listening: socket.socket) -> AsyncIterator[asyncio.Task[None]]:
    """The app answers on the socket inside the block."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=CLOSING_SECONDS,
        server_header=False, ws="none", timeout_keep_alive=KEEP_ALIVE_SECONDS,
        log_config=None,  # its own would print messages of exceptions, which may hold personal data
    )  # fmt: skip
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]), name="web")
    try:
        while not server.started:
            if task.done():
                task.result()
                raise StartError("The web server ended while it was starting.")
            await asyncio.sleep(0.01)
        yield task
    finally:
        server.should_exit = True
        await asyncio.wait([task], timeout=CLOSING_SECONDS + 2)
        listening.close()
