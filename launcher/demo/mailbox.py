"""The customers' mailboxes: a mail server on loopback that keeps what it is given, and refuses full boxes."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"
_LINK = re.compile(r"https?://\S+/q/[0-9a-z]+")
_NO_SUCH_BOX = "552 5.2.2 mailbox full"


@dataclass(frozen=True)
class Letter:
    """`at` is when it arrived, on the business clock."""

    address: str
    subject: str
    link: str | None
    at: datetime


@dataclass
class Mailbox:
    """`arrived` holds letters that nobody has looked at yet."""

    clock: Callable[[], datetime]
    full: Collection[str] = ()
    port: int = 0
    arrived: list[Letter] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.full:
            return _NO_SUCH_BOX
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=default)
        body = message.get_body(("plain",))
        found = _LINK.search(body.get_content()) if body is not None else None
        for address in envelope.rcpt_tos:
            link = found.group() if found else None
            self.arrived.append(Letter(address, str(message["Subject"]), link, self.clock()))
        return "250 OK"

    def take(self) -> list[Letter]:
        """What has arrived since the last look."""
        taken, self.arrived = self.arrived, []
        return taken


@asynccontextmanager
async def open_mailbox(clock: Callable[[], datetime], full: Collection[str]) -> AsyncIterator[Mailbox]:
    """Listens on a free port of the loopback inside the block."""
    mailbox = Mailbox(clock, full)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, hostname="mailbox.invalid", loop=loop), HOST, 0)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        await server.wait_closed()
