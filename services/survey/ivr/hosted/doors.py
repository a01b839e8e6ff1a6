"""The door at which a hosted provider asks what to do next. Every request is signed; the same one has one answer."""

from collections.abc import Awaitable, Callable

import structlog
from fastapi import Request, Response

from chassis.runtime import Runtime
from chassis.web.pages import runtime_of
from chassis.web.router import GuardedRouter, public
from services.survey.ivr import beginning
from services.survey.ivr.hosted import lent, settings, steps
from services.survey.ivr.hosted.document import NotUnderstood, Told
from services.survey.ivr.hosted.provider import provider_of
from services.survey.ivr.hosted.steps import Line
from services.survey.ivr.incoming import phone_of
from services.survey.store import hosted_steps, rating_calls, tunes
from services.survey.store.rating_calls import RatingCall

log = structlog.get_logger(__name__)
router = GuardedRouter(tags=["calls at a hosted provider"])
SIGNED = public("a telephone provider asks what to do next: every request proves itself by its signature")
LENT = public("a telephone provider fetches a tune: the address is signed by this service, for one tune and an hour")


class NotSigned(Exception):
    """Nobody who has the secret asked this, or there is no provider."""


def line_of(runtime: Runtime) -> Line:
    given = settings.read()
    return Line(runtime, given, provider_of(given), f"{runtime.settings.web_url.rstrip('/')}{settings.PATH}")


@router.post("/incoming", access=SIGNED)
async def incoming(request: Request) -> Response:
    """Somebody calls to rate: by the number a permit that waits is found; without one the call is ended kindly."""

    async def told_first(line: Line, told: Told) -> Response:
        call = await _call(line.runtime, told.call) or await _taken(line, told)
        return await _document(line, call, 0, told)

    return await _if_proved(request, told_first)


@router.post("/{channel}/status", access=SIGNED)
async def status(request: Request, channel: str) -> Response:
    """How a call stands; `incoming` for calls that came in, which are found by the provider's own name."""

    async def told_end(line: Line, told: Told) -> Response:
        call = await _call(line.runtime, (told.parent or told.call) if channel == "incoming" else channel)
        if call is not None:
            await steps.ended(line, call, told)
        return Response(status_code=204)

    return await _if_proved(request, told_end)


@router.post("/{channel}/{step}", access=SIGNED)
async def step(request: Request, channel: str, step: int) -> Response:
    async def told_next(line: Line, told: Told) -> Response:
        return await _document(line, await _call(line.runtime, channel), step, told)

    return await _if_proved(request, told_next)


@router.get("/tunes/{tune_id}/{until}/{signature}.wav", access=LENT)
async def lent_tune(request: Request, tune_id: str, until: int, signature: str) -> Response:
    """An uploaded tune, for as long as its address holds; anything else is not there."""
    if not settings.wanted() or not lent.is_lent(settings.read(), tune_id, until, signature):
        return Response(status_code=404)
    async with runtime_of(request).reading() as connection:
        content = await tunes.sound(connection, tune_id)
    return Response(content, media_type="audio/wav")


async def _if_proved(request: Request, answer: Callable[[Line, Told], Awaitable[Response]]) -> Response:
    try:
        line, told = await _proved(request)
    except NotSigned:
        return Response(status_code=403)
    return await answer(line, told)


async def _document(line: Line, call: RatingCall | None, step: int, told: Told) -> Response:
    content = line.neutral() if call is None else await steps.answer(line, call, step, told)
    return Response(content, media_type=line.provider.content_type)


async def _proved(request: Request) -> tuple[Line, Told]:
    """Raises `NotSigned`. The address that was signed is ours as the settings name it, whatever stands before us."""
    runtime = runtime_of(request)
    if not settings.wanted():
        raise NotSigned
    line, body = line_of(runtime), await request.body()
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    url = runtime.settings.web_url.rstrip("/") + path
    if not line.provider.proves(url, request.headers, body):
        log.warning("a request of a telephone provider is not signed as it must be", path=request.url.path)
        raise NotSigned
    try:
        return line, line.provider.told(body)
    except NotUnderstood as error:
        log.warning("a request of a telephone provider is not understood", why=str(error))
        raise NotSigned from error


async def _call(runtime: Runtime, channel: str) -> RatingCall | None:
    async with runtime.reading() as connection:
        key = await hosted_steps.key_of(connection, channel)
        return None if key is None else await rating_calls.call_of(connection, key)


async def _taken(line: Line, told: Told) -> RatingCall | None:
    runtime = line.runtime
    phone = phone_of(told.caller, runtime)
    if phone is None:
        return None
    now = await runtime.now()
    async with runtime.reading() as connection:
        permit = await rating_calls.at_number(connection, runtime.vault.phone_index(phone), now)
    if permit is None:
        return None
    await beginning.take(runtime, permit, exchange=line.settings.exchange, channel=told.call)
    return await _call(runtime, told.call)
