"""From the shelf of tunes in the database to the one that a call ends with, and its file to where it is played from."""

import asyncio
import os
from pathlib import Path

import asyncpg
import structlog

from chassis.runtime import Runtime
from chassis.vault import ERASED
from contracts.context import ServiceContext
from services.survey.ivr.choosing import Choice, Listener, Shelf, chosen
from services.survey.ivr.settings import House
from services.survey.ivr.storing import kept
from services.survey.ivr.tunes import Tune, catalogue
from services.survey.renderings.ivr import Band
from services.survey.store import permits, tunes
from services.survey.store.rating_calls import RatingCall

log = structlog.get_logger(__name__)


async def choice(runtime: Runtime, call: RatingCall, band: Band, settings: House) -> Choice:
    """Where the shelf cannot be read, or an uploaded file not be brought: the shipped tune of the house's tone.

    Raises `NoTune`.
    """
    found = await kept("the choice of a tune", _choice(runtime, call, band, settings))
    if found is not None:
        return found
    return chosen(Shelf(catalogue()), band, Listener(call.customer_ref, call.language, settings.tone))


async def _choice(runtime: Runtime, call: RatingCall, band: Band, settings: House) -> Choice | None:
    async with runtime.reading() as connection:
        shelf = await tunes.shelf(connection, uploads=settings.plays_uploads)
        found = chosen(shelf, band, await _listener(runtime, connection, call, settings))
        folder = settings.tunes_folder
        if found.tune.uploaded and folder is not None and not await _brought(connection, found.tune, folder):
            return None
    return found


async def _listener(runtime: Runtime, connection: asyncpg.Connection, call: RatingCall, settings: House) -> Listener:
    permit = await permits.permit_of(connection, *call.key)
    assert permit is not None, "a call has its permit"  # noqa: S101
    callback = permit.callback
    keys = await runtime.vault.keyring(facts=[callback.month])
    context = keys.open_as(ServiceContext, call.customer_ref, "context", callback.context)
    team = None if context is ERASED else context.handler.team
    return Listener(call.customer_ref, call.language, settings.tone, callback.scenario, team)


async def _brought(connection: asyncpg.Connection, tune: Tune, folder: Path) -> bool:
    """Whether the file is there now. Its name follows from its content, so one that is there is right."""
    file = folder / f"{tune.file}.wav"
    if file.exists():
        return True
    sound = await tunes.sound(connection, tune.id)
    try:
        await asyncio.to_thread(_write, file, sound)
    except OSError as error:
        log.error("an uploaded tune cannot be brought to the folder of sounds", tune=tune.id, error=str(error))
        return False
    return True


def _write(file: Path, sound: bytes) -> None:
    """Whole or not at all: the exchange may look at any moment."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(sound)
    part.replace(file)
