"""A telephone in standard-library Python: SIP over UDP, both ways."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from launcher.telephony.rtp import Call, Udp

Behaviour = Callable[[Call], Awaitable[None]]


class Telephone:
    """A user agent on a port of its own. `numbers`: what is done when one of them is called; the rest is unknown (404).

    A behaviour is a coroutine on the answered call, or a SIP code with which the call is refused, or None: it rings.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, Behaviour | int | None] = {}
        self.calls: dict[str, list[Call]] = {}
        self.invitations: dict[str, int] = {}
        self.failures: list[BaseException] = []
        self._by_id: dict[str, Call] = {}
        self._waiting: dict[str, asyncio.Queue[str]] = {}
        self._answers: dict[str, bytes] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sip: asyncio.DatagramTransport | None = None
        self.port = 0

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._sip, _ = await loop.create_datagram_endpoint(lambda: Udp(self._take), local_addr=("127.0.0.1", 0))
        self.port = int(self._sip.get_extra_info("sockname")[1])

    async def close(self) -> None:
        for call in self._by_id.values():
            await call.close()
        for task in self._tasks:
            task.cancel()
        if self._sip is not None:
            self._sip.close()

    async def dial(self, port: int, extension: str, *, number: str) -> Call:
        """Calls the exchange; `number` is shown. Returns when it was answered or refused."""
        call, exchange = Call(), ("127.0.0.1", port)
        asked = _Invitation(f"127.0.0.1:{self.port}", f"sip:{extension}@127.0.0.1:{port}", number)
        inbox = self._waiting[asked.call_id] = asyncio.Queue()
        self._send(asked.request("INVITE", body=_description(await call.listen())), exchange)
        while True:
            answer = await asyncio.wait_for(inbox.get(), 20)
            code = int(answer.split(" ")[1])
            if code >= 200:
                break
        asked.to = _header(answer, "To")
        if code == 200:
            asked.address = _header(answer, "Contact").strip("<>").split(">")[0]
        self._send(asked.request("ACK"), exchange)
        if code != 200:
            call.refused = code
            await call.close()
            return call
        self._by_id[asked.call_id] = call

        def hang_up() -> None:
            self._send(asked.request("BYE", number=2), exchange)
            call.end()

        call.hang_up = hang_up
        call.begin(("127.0.0.1", _media_port(answer)))
        return call

    def _take(self, data: bytes, address: tuple[str, int]) -> None:
        message = data.decode("utf-8", "replace")
        name = _header(message, "Call-ID")
        if message.startswith("SIP/2.0"):
            if name in self._waiting:
                self._waiting[name].put_nowait(message)
            return
        method = message.split(" ", 1)[0]
        if method == "INVITE":
            self._invited(message, name, address)
        elif method == "BYE":
            self._send(_reply(message, "200 OK"), address)
            if name in self._by_id:
                self._by_id[name].end()
        elif method == "CANCEL":
            self._send(_reply(message, "200 OK"), address)
            self._send(_reply(message.replace("CANCEL", "INVITE"), "487 Request Terminated", tag=name[:8]), address)

    def _invited(self, message: str, name: str, address: tuple[str, int]) -> None:
        if name in self._answers:  # a repetition of the same request
            self._send(self._answers[name], address)
            return
        number = message.split(" ")[1].removeprefix("sip:").split("@")[0]
        self.invitations[number] = self.invitations.get(number, 0) + 1
        tag = name[:8]
        behaviour = self.numbers.get(number, 404)
        if isinstance(behaviour, int):
            self._answers[name] = _reply(message, f"{behaviour} Refused", tag=tag)
            self._send(self._answers[name], address)
            return
        self._answers[name] = _reply(message, "180 Ringing", tag=tag)
        self._send(self._answers[name], address)
        if behaviour is not None:
            self._start(self._pick_up(message, name, address, number, behaviour))

    async def _pick_up(
        self, message: str, name: str, address: tuple[str, int], number: str, behaviour: Behaviour
    ) -> None:
        call = Call()
        self._by_id[name] = call
        self.calls.setdefault(number, []).append(call)
        body = _description(await call.listen())
        contact = f"<sip:{number}@127.0.0.1:{self.port}>"
        self._answers[name] = _reply(message, "200 OK", tag=name[:8], contact=contact, body=body)
        self._send(self._answers[name], address)
        to, sender = _header(message, "To") + f";tag={name[:8]}", _header(message, "From")
        theirs = _header(message, "Contact").strip("<>").split(">")[0]

        def hang_up() -> None:
            lines = [
                f"BYE {theirs} SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{random.randrange(10**9)}",
                f"From: {to}", f"To: {sender}", f"Call-ID: {name}", "CSeq: 1 BYE", "Max-Forwards: 70",
                "Content-Length: 0", "", "",
            ]  # fmt: skip
            self._send("\r\n".join(lines).encode(), address)
            call.end()

        call.hang_up = hang_up
        call.begin(("127.0.0.1", _media_port(message)))
        try:
            await behaviour(call)
        except BaseException as error:
            self.failures.append(error)
            hang_up()
            raise

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _send(self, data: bytes, address: tuple[str, int]) -> None:
        if self._sip is not None:
            self._sip.sendto(data, address)


class _Invitation:
    """A call of ours, and its requests. `address`, `to`: as the other side answered."""

    def __init__(self, me: str, address: str, number: str) -> None:
        self.call_id, self.address, self.to = f"{random.random()}@127.0.0.1", address, f"<{address}>"
        self._me, self._number, self._tag = me, number, str(random.randrange(10**8))

    def request(self, method: str, *, number: int = 1, body: str = "") -> bytes:
        lines = [
            f"{method} {self.address} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._me};branch=z9hG4bK{random.randrange(10**9)};rport",
            f"From: <sip:{self._number}@{self._me}>;tag={self._tag}", f"To: {self.to}", f"Call-ID: {self.call_id}",
            f"CSeq: {number} {method}", f"Contact: <sip:{self._number}@{self._me}>", "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}", "", body,
        ]  # fmt: skip
        return "\r\n".join(lines).encode()


def _description(port: int) -> str:
    lines = [
        "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", f"m=audio {port} RTP/AVP 8 101",
        "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20", "",
    ]  # fmt: skip
    return "\r\n".join(lines)


def _headers(message: str, name: str) -> list[str]:
    lines = message.split("\r\n\r\n")[0].split("\r\n")[1:]
    return [line.split(":", 1)[1].strip() for line in lines if line.lower().startswith(name.lower() + ":")]


def _header(message: str, name: str) -> str:
    return next(iter(_headers(message, name)), "")


def _media_port(message: str) -> int:
    body = message.split("\r\n\r\n", 1)[1]
    return int(next(line for line in body.split("\r\n") if line.startswith("m=audio")).split()[1])


def _reply(message: str, status: str, *, tag: str = "", contact: str = "", body: str = "") -> bytes:
    to = _header(message, "To")
    lines = [
        f"SIP/2.0 {status}", *(f"Via: {one}" for one in _headers(message, "Via")),
        f"From: {_header(message, 'From')}", f"To: {to}{f';tag={tag}' if tag and 'tag=' not in to else ''}",
        f"Call-ID: {_header(message, 'Call-ID')}", f"CSeq: {_header(message, 'CSeq')}",
        *([f"Contact: {contact}"] if contact else []), *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body)}", "", body,
    ]  # fmt: skip
    return "\r\n".join(lines).encode()
