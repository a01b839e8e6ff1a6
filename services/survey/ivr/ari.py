"""Asterisk by its REST interface (ARI): requests out, events in. Asterisk 16 and later."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from services.survey.ivr.exchange import ExchangeError, NoSuchChannel
from services.survey.ivr.settings import Telephony

TIMEOUT = 10.0  # seconds; an exchange on the own network answers in milliseconds


class Asterisk:
    """The `Exchange` of one application name. Use `opened`."""

    def __init__(self, client: httpx.AsyncClient, app: str) -> None:
        self._client = client
        self._app = app

    async def originate(self, channel: str, endpoint: str, *, caller: str, seconds: int) -> None:
        wanted = {"endpoint": endpoint, "app": self._app, "timeout": seconds, "callerId": caller}
        answer = await self._send("POST", f"/channels/{_name(channel)}", {k: v for k, v in wanted.items() if v})
        if answer.status_code != httpx.codes.CONFLICT:  # 409: this very channel rings or talks already
            _demand(answer)

    async def answer(self, channel: str) -> None:
        await self._on_channel("POST", f"/channels/{_name(channel)}/answer")

    async def play(self, channel: str, playback: str, sound: str) -> None:
        path = f"/channels/{_name(channel)}/play/{_name(playback)}"
        await self._on_channel("POST", path, {"media": f"sound:{sound}"})

    async def stop(self, playback: str) -> None:
        await self._found("DELETE", f"/playbacks/{_name(playback)}")

    async def ringing(self, channel: str) -> None:
        await self._on_channel("POST", f"/channels/{_name(channel)}/ring")

    async def quiet(self, channel: str) -> None:
        await self._on_channel("DELETE", f"/channels/{_name(channel)}/ring")

    async def bridge(self, bridge: str, channels: Sequence[str]) -> None:
        _demand(await self._send("POST", f"/bridges/{_name(bridge)}", {"type": "mixing"}))
        await self._on_channel("POST", f"/bridges/{_name(bridge)}/addChannel", {"channel": ",".join(channels)})

    async def unbridge(self, bridge: str) -> None:
        await self._found("DELETE", f"/bridges/{_name(bridge)}")

    async def hang_up(self, channel: str) -> None:
        await self._on_channel("DELETE", f"/channels/{_name(channel)}")

    async def listen_in(self, channel: str, listener: str) -> None:
        given = {"spy": "both", "whisper": "none", "app": self._app}
        await self._on_channel("POST", f"/channels/{_name(channel)}/snoop/{_name(listener)}", given)

    async def record(self, channel: str, name: str, *, seconds: int) -> None:
        given = {"name": name, "format": "alaw", "maxDurationSeconds": seconds, "ifExists": "fail"}
        await self._on_channel("POST", f"/channels/{_name(channel)}/record", given)

    async def is_recording(self, name: str) -> bool:
        return await self._found("GET", f"/recordings/live/{_name(name)}") is not None

    async def end_recording(self, name: str) -> None:
        await self._found("POST", f"/recordings/live/{_name(name)}/stop")

    async def recorded(self, name: str) -> bytes | None:
        answer = await self._found("GET", f"/recordings/stored/{_name(name)}/file")
        return None if answer is None else answer.content

    async def delete_recording(self, name: str) -> None:
        await self._found("DELETE", f"/recordings/stored/{_name(name)}")

    async def channels(self) -> dict[str, str]:
        answer = await self._send("GET", "/channels")
        _demand(answer)
        return {channel["id"]: channel["state"] for channel in answer.json()}

    async def _found(self, method: str, path: str) -> httpx.Response | None:
        """None when it is not there (any more)."""
        answer = await self._send(method, path)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        _demand(answer)
        return answer

    async def _on_channel(self, method: str, path: str, given: dict[str, Any] | None = None) -> None:
        answer = await self._send(method, path, given)
        # 409: it was answered or hung up a moment ago and is not in the application any more; 412: not set up yet
        if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.CONFLICT, httpx.codes.PRECONDITION_FAILED):
            raise NoSuchChannel(f"{method} {path} answered {answer.status_code}")
        _demand(answer)

    async def _send(self, method: str, path: str, given: dict[str, Any] | None = None) -> httpx.Response:
        try:
            return await self._client.request(method, f"/ari{path}", params=given)
        except httpx.HTTPError as error:
            raise ExchangeError(f"the exchange cannot be reached ({type(error).__name__})") from error


@asynccontextmanager
async def opened(settings: Telephony) -> AsyncIterator[tuple[Asterisk, AsyncIterator[dict[str, Any]]]]:
    """The exchange and its events. Raises `ExchangeError` when it cannot be reached or refuses the login."""
    try:
        socket = await connect(_events_url(settings), proxy=None, max_size=2**20, open_timeout=TIMEOUT)
    except (InvalidHandshake, OSError, TimeoutError) as error:
        raise ExchangeError(f"the exchange at {settings.url} cannot be reached ({type(error).__name__})") from error
    login, address = (settings.user, settings.password), settings.url.rstrip("/")
    async with socket, httpx.AsyncClient(base_url=address, auth=login, timeout=TIMEOUT, trust_env=False) as client:
        yield Asterisk(client, settings.app), _events(socket)


async def _events(socket: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    """Ends by `ExchangeError` when the exchange goes away."""
    try:
        async for message in socket:
            yield json.loads(message)
    except WebSocketException as error:
        raise ExchangeError("the exchange closed the connection") from error


def _events_url(settings: Telephony) -> str:
    address = urlsplit(settings.url)
    scheme = "wss" if address.scheme == "https" else "ws"
    query = urlencode({"app": settings.app, "api_key": f"{settings.user}:{settings.password}"})
    return urlunsplit((scheme, address.netloc, f"{address.path.rstrip('/')}/ari/events", query, ""))


def _name(given: str) -> str:
    return quote(given, safe="")


def _demand(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise ExchangeError(f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}")
