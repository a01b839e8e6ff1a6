"""A browser as thin as can be, for people who press keys all day: kept connections, cookies, redirects, no scripts."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

_REDIRECTS = 10
_NO_BODY = frozenset({204, 304})
_SEE_OTHER = frozenset({302, 303})


class ConnectionLost(Exception):
    """The server closed the connection before it answered."""


@dataclass(frozen=True)
class Reply:
    """`path` is where redirects have led."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    path: str

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used: bool = False


@dataclass
class Browser:
    """One person's browser at the site `base`. Cookies are sent wherever it goes: it knows this site only."""

    base: str
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    _idle: list[_Connection] = field(default_factory=list)

    async def get(self, path: str, query: Mapping[str, Any] | None = None) -> Reply:
        """Follows redirects."""
        target = f"{path}?{urlencode(query, doseq=True)}" if query else path
        return await self._follow(await self._send("GET", target, b"", None))

    async def submit(self, path: str, form: Mapping[str, str]) -> Reply:
        """Sends a form and follows where it leads."""
        body = urlencode(form).encode()
        return await self._follow(await self._send("POST", path, body, "application/x-www-form-urlencoded"))

    async def send(self, method: str, path: str, content: Any = None) -> Reply:
        """JSON to an API."""
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        return await self._send(method, path, body, "application/json")

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().writer.close()

    async def _follow(self, reply: Reply) -> Reply:
        for _ in range(_REDIRECTS):
            if reply.status not in _SEE_OTHER:
                break
            reply = await self._send("GET", reply.headers["location"], b"", None)
        return reply

    async def _send(self, method: str, path: str, body: bytes, kind: str | None) -> Reply:
        """A kept connection may have been closed meanwhile: then once more on a new one."""
        connection = self._idle.pop() if self._idle else await self._connect()
        try:
            reply = await self._exchange(connection, method, path, body, kind)
        except (ConnectionLost, ConnectionError):
            connection.writer.close()
            if not connection.used:
                raise
            return await self._send(method, path, body, kind)
        connection.used = True
        self._idle.append(connection)
        return reply

    async def _connect(self) -> _Connection:
        site = urlsplit(self.base)
        return _Connection(*await asyncio.open_connection(site.hostname, site.port))

    async def _exchange(self, connection: _Connection, method: str, path: str, body: bytes, kind: str | None) -> Reply:
        lines = {"Host": urlsplit(self.base).netloc, "Content-Length": str(len(body)), **self.headers}
        if kind is not None and body:
            lines["Content-Type"] = kind
        if self.cookies:
            lines["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        connection.writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        return await self._read(connection.reader, path)

    async def _read(self, reader: asyncio.StreamReader, path: str) -> Reply:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except asyncio.IncompleteReadError as error:
            raise ConnectionLost(path) from error
        status = int(head[0].split(" ", 2)[1])
        headers: dict[str, str] = {}
        for line in filter(None, head[1:]):
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
            if name.lower() == "set-cookie":
                key, _, held = value.partition(";")[0].partition("=")
                self.cookies[key] = held
        if status in _NO_BODY:
            return Reply(status, headers, b"", path)
        return Reply(status, headers, await reader.readexactly(int(headers["content-length"])), path)
