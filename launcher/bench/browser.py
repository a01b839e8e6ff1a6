"""As little of a browser as a form needs: one connection that stays open. The load must cost less than the pages."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlencode, urlsplit

from launcher.bench.stage import BenchError

PATIENCE = 60.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Browser:
    """`base` is `http://host:port`. Answers need a content-length, as all pages have."""

    base: str
    cookie: str = ""
    _place: SplitResult = field(init=False, repr=False)
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._place = urlsplit(self.base)

    async def get(self, path: str) -> Answer:
        return await self._ask("GET", path, b"")

    async def post(self, path: str, form: Mapping[str, str]) -> Answer:
        return await self._ask("POST", path, urlencode(form).encode())

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        place = self._place
        async with asyncio.timeout(PATIENCE):
            if self._streams is None:
                self._streams = await asyncio.open_connection(place.hostname, place.port)
            reader, writer = self._streams
            lines = [
                f"{method} {path} HTTP/1.1",
                f"host: {place.netloc}",
                "accept: text/html",
                f"cookie: {self.cookie}",
            ]
            if method == "POST":
                lines += ["content-type: application/x-www-form-urlencoded", f"content-length: {len(body)}"]
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            text = (await reader.readexactly(int(headers["content-length"]))).decode()
        return Answer(int(head[0].split(" ")[1]), headers, text)


def demand(answer: Answer, status: int) -> Answer:
    if answer.status != status:
        raise BenchError(f"the form answered {answer.status}, not {status}")
    return answer
