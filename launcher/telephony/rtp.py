"""The sound of a telephone in standard-library Python: A-law over RTP, RFC 4733 keys. It hears while it talks.

Frames are placed by their RTP timestamps, so that gaps keep their length; a tone is noticed as it comes in.
"""

import asyncio
import math
import random
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

FRAME = 160  # samples of 20 ms at 8 kHz
_KEYS = "0123456789*#"
_SILENCE = b"\xd5" * FRAME


def _linear(code: int) -> float:
    """A sample of A-law (ITU-T G.711) between -1 and 1."""
    code ^= 0x55
    segment, mantissa = (code >> 4) & 7, code & 15
    value = (mantissa << 4) + 8 if segment == 0 else ((mantissa << 4) + 0x108) << (segment - 1)
    return (value if code & 0x80 else -value) / 32768


LINEAR = [_linear(code) for code in range(256)]


def a_law(value: float) -> int:
    """The nearest code."""
    return min(range(256), key=lambda code: abs(LINEAR[code] - value))


def strength(samples: list[float], frequency: float) -> float:
    """Which part of the power lies at this frequency (Goertzel): about 1 for a pure tone of it."""
    power = sum(x * x for x in samples)
    if power < len(samples) * 1e-5:
        return 0.0
    factor = 2 * math.cos(2 * math.pi * frequency / 8000)
    before = last = 0.0
    for x in samples:
        before, last = last, x + factor * last - before
    return (before * before + last * last - factor * before * last) / (power * len(samples) / 2)


class CallEnded(Exception):
    """The other side hung up before what was waited for."""


@dataclass
class Heard:
    """What came in by RTP."""

    frames: dict[int, bytes] = field(default_factory=dict)
    base: int | None = None
    fresh: list[bytes] = field(default_factory=list)
    """Packets nobody has listened to yet."""
    arrivals: dict[int, float] = field(default_factory=dict)
    """When each frame came in (`time.time`)."""
    count: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, packet: bytes) -> None:
        if len(packet) <= 12 or packet[1] & 127 != 8:
            return
        stamp = int(struct.unpack_from("!I", packet, 4)[0])
        self.base = stamp if self.base is None else self.base
        at = (stamp - self.base) & 0xFFFFFFFF
        self.frames[at] = packet[12:]
        self.arrivals.setdefault(at, time.time())
        self.fresh.append(packet[12:])
        self.count += 1
        self.arrived.set()

    def samples(self) -> list[float]:
        end = max((at for at in self.frames if at < 8000 * 600), default=0) + FRAME
        line = [0.0] * end
        for at, payload in self.frames.items():
            if at < end:
                line[at : at + len(payload)] = [LINEAR[code] for code in payload]
        return line[:end]


class Udp(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self._take(data, address)


class Call:
    """One conversation. `over` is set when either side hung up."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.over = asyncio.Event()
        self.answered = asyncio.Event()
        self.refused: int | None = None
        self._keys: list[str] = []
        self._pressing = False
        self._tone: float | None = None
        self._target: tuple[str, int] | None = None
        self._media: asyncio.DatagramTransport | None = None
        self._task: asyncio.Task[None] | None = None
        self.hang_up: Callable[[], None] = lambda: None

    async def listen(self) -> int:
        loop = asyncio.get_running_loop()
        self._media, _ = await loop.create_datagram_endpoint(
            lambda: Udp(lambda data, _: self.heard.take(data)), local_addr=("127.0.0.1", 0)
        )
        return int(self._media.get_extra_info("sockname")[1])

    def begin(self, target: tuple[str, int]) -> None:
        self._target = target
        self.answered.set()
        self._task = asyncio.create_task(self._talk())

    def end(self) -> None:
        self.over.set()
        self.heard.arrived.set()

    async def close(self) -> None:
        self.end()
        if self._task is not None:
            await self._task
        if self._media is not None:
            self._media.close()

    def press(self, key: str) -> None:
        self._keys.append(key)

    async def keys_sent(self, *, within: float = 10.0) -> None:
        async with asyncio.timeout(within):
            while self._keys or self._pressing:  # noqa: ASYNC110 - while nothing is played, no packet comes to wake it
                await asyncio.sleep(0.02)

    def hum(self, frequency: float | None) -> None:
        """Sends this tone until told otherwise."""
        self._tone = frequency

    async def hears(self, frequency: float, *, within: float = 30.0) -> None:
        """Returns once this tone was heard for 100 ms. Raises `CallEnded`, `TimeoutError`."""
        row = 0
        async with asyncio.timeout(within):
            while row < 5:
                if self.over.is_set() and not self.heard.fresh:
                    raise CallEnded(f"the call ended before {frequency:.0f} Hz was heard")
                if not self.heard.fresh:
                    self.heard.arrived.clear()
                    await self.heard.arrived.wait()
                    continue
                samples = [LINEAR[code] for code in self.heard.fresh.pop(0)]
                row = row + 1 if strength(samples, frequency) > 0.7 else 0

    async def ended(self, *, within: float = 60.0) -> None:
        async with asyncio.timeout(within):
            await self.over.wait()

    async def _talk(self) -> None:
        line, begun, sent = _Line(self._send), time.monotonic(), 0
        while not self.over.is_set():
            if line.key is None and self._keys:
                line.begin_key(self._keys.pop(0))
            self._pressing = line.key is not None
            if line.key is None:
                line.sound(self._frame(line.stamp))
            else:
                line.hold_key()
            line.stamp += FRAME
            sent += 1
            await asyncio.sleep(max(0.0, begun + sent * 0.02 - time.monotonic()))

    def _frame(self, stamp: int) -> bytes:
        if self._tone is None:
            return _SILENCE
        turn = 2 * math.pi * self._tone / 8000
        return bytes(_CODES[round(63 * math.sin(turn * (stamp + n))) + 63] for n in range(FRAME))

    def _send(self, packet: bytes) -> None:
        if self._media is not None and self._target is not None:
            self._media.sendto(packet, self._target)


class _Line:
    """The packets of one direction, numbered. `key`: which is held, since which stamp, for how many samples."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.stamp = 0
        self.key: tuple[int, int, int] | None = None
        self._send = send
        self._sequence, self._source = random.randrange(1000), random.randrange(2**32)

    def sound(self, frame: bytes) -> None:
        self._packet(8, self.stamp, frame)

    def begin_key(self, key: str) -> None:
        self.key = _KEYS.index(key), self.stamp, 0

    def hold_key(self) -> None:
        if self.key is None:
            return
        number, since, held = self.key
        held += FRAME
        last = held >= 5 * FRAME
        for _ in range(3 if last else 1):  # the end of a key goes out three times (RFC 4733, 2.5.1.4)
            mark = 0x80 if held == FRAME else 0
            self._packet(101 | mark, since, struct.pack("!BBH", number, (0x80 if last else 0) | 10, held))
        self.key = None if last else (number, since, held)

    def _packet(self, kind: int, stamp: int, content: bytes) -> None:
        head = struct.pack("!BBHII", 0x80, kind, self._sequence & 0xFFFF, stamp & 0xFFFFFFFF, self._source)
        self._send(head + content)
        self._sequence += 1


_CODES = [a_law((n - 63) / 63 * 0.4) for n in range(127)]
