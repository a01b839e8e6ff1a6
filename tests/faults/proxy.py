"""A TCP proxy between one service and one of its servers, through which a network can be made to fail."""

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

HOST = "127.0.0.1"
CHUNK = 64 * 1024


class Mode(StrEnum):
    PASS = "pass"
    REFUSE = "refuse"
    """Every connection is reset, also new ones: a server that is away."""
    SWALLOW = "swallow"
    """Connections stand and are made, but nothing comes through: half-open."""


@dataclass
class Scissors:
    """Cuts the connection when `words` pass towards the server, `left` times: in turn before and after they arrive."""

    words: bytes
    left: int
    cuts: int = 0

    def wants(self, data: bytes) -> bool:
        return self.left > 0 and self.words in data


class Proxy:
    """Listens on a port of its own from `start` to `stop`; the server behind it may come and go."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._mode = Mode.PASS
        self._latency = 0.0
        self._scissors: Scissors | None = None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tainted: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, HOST, 0, limit=4 * CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    def refuse(self) -> None:
        self._mode = Mode.REFUSE
        self.cut()

    def swallow(self) -> None:
        self._mode = Mode.SWALLOW
        self._tainted |= self._open

    def delay(self, seconds: float) -> None:
        """Each piece of data arrives so much later, in either direction."""
        self._latency = seconds

    def sever(self, words: bytes, *, times: int) -> Scissors:
        """Hand over what counts the cuts."""
        self._scissors = Scissors(words, times)
        return self._scissors

    def cut(self) -> int:
        """Reset every connection that is open now; new ones are let through as before. Returns how many."""
        return self._reset(self._open)

    def heal(self) -> None:
        """Let everything through. What was swallowed is lost: those connections are reset, as by a peer come back."""
        self._mode, self._latency, self._scissors = Mode.PASS, 0.0, None
        self._reset(self._tainted)

    def _reset(self, writers: set[asyncio.StreamWriter]) -> int:
        doomed = list(writers)
        for writer in doomed:
            _abort(writer)
        self._open -= set(doomed)
        self._tainted -= set(doomed)
        return len(doomed)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode is Mode.REFUSE:
            _abort(writer)
            return
        try:
            behind, to_server = await asyncio.open_connection(HOST, self._target, limit=4 * CHUNK)
        except OSError:
            _abort(writer)
            return
        pair = {writer, to_server}
        self._open |= pair
        if self._mode is Mode.SWALLOW:
            self._tainted |= pair
        for source, sink, upstream in ((reader, to_server, True), (behind, writer, False)):
            pump = asyncio.create_task(self._pump(source, sink, pair, upstream=upstream))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        pair: set[asyncio.StreamWriter],
        *,
        upstream: bool,
    ) -> None:
        try:
            while data := await source.read(CHUNK):
                if self._latency:
                    await asyncio.sleep(self._latency)
                if sink in self._tainted or self._mode is Mode.SWALLOW:
                    self._tainted |= pair
                    continue
                if upstream and (scissors := self._scissors) and scissors.wants(data):
                    await self._cut_at(scissors, sink, data, pair)
                    return
                sink.write(data)
                await sink.drain()
        except OSError:
            return
        finally:
            if not (pair & self._tainted):
                self._reset(pair & self._open)

    async def _cut_at(
        self, scissors: Scissors, sink: asyncio.StreamWriter, data: bytes, pair: set[asyncio.StreamWriter]
    ) -> None:
        scissors.left -= 1
        scissors.cuts += 1
        if scissors.cuts % 2 == 0:
            self._tainted |= pair  # the server does as it was told, and nobody hears of it
            sink.write(data)
            await sink.drain()
            await asyncio.sleep(0.05)
        self._reset(pair & self._open)


def _abort(writer: asyncio.StreamWriter) -> None:
    """A reset, not an orderly end: whatever was under way is lost."""
    found = writer.get_extra_info("socket")
    if found is not None:
        with suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
