"""What supervisors do with the tunes: listen, upload, assign, withdraw, and compare by chance."""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from chassis.access import audit
from chassis.access.person import Person
from chassis.runtime import Runtime
from services.survey.audio import compose, measures, wav
from services.survey.audio.measures import Breach, Measures
from services.survey.ivr import settings
from services.survey.ivr.choosing import ANY, Assignment, Pilot, Unit
from services.survey.ivr.tunes import Tone, Tune, catalogue
from services.survey.renderings.ivr import Band
from services.survey.store import tunes
from services.survey.store.tunes import Uploaded

NAME = "[a-z][a-z0-9_]{2,39}"
"""What a tune may be called, as a regular expression."""
LONGEST_WORDS, MOST_TEAMS = 80, 50
"""Characters of a pilot's or a team's name; teams of a pilot."""
SHIPPED_DBFS = -22.0
FEWEST_ARMS = 2
_SECRET_BYTES = 32


class Why(StrEnum):
    UNKNOWN = "unknown"
    NAME_TAKEN = "name_taken"
    IN_USE = "in_use"
    OTHER_BAND = "other_band"
    OTHER_LANGUAGE = "other_language"
    TOO_FEW = "too_few"
    RUNNING = "running"
    OVER = "over"


RULES: Mapping[Why, str] = {
    Why.UNKNOWN: "names no tune that is offered",
    Why.NAME_TAKEN: "is the name of another tune",
    Why.IN_USE: "is assigned, or takes part in a pilot that runs",
    Why.OTHER_BAND: "is a tune of the other band",
    Why.OTHER_LANGUAGE: "may not be heard in this language",
    Why.TOO_FEW: "a pilot compares at least two different tunes",
    Why.RUNNING: "a pilot of this band runs already: end it first",
    Why.OVER: "names no pilot that runs",
}


class ShelfRefused(Exception):
    """`field`: of what was sent."""

    def __init__(self, field: str, why: Why) -> None:
        super().__init__(f"{field}: {RULES[why]}")
        self.field = field
        self.why = why


class Unfit(Exception):
    """A sound that breaks rules of the house; never without one."""

    def __init__(self, breaches: Sequence[Breach]) -> None:
        super().__init__("; ".join(breach.rule for breach in breaches))
        self.breaches = tuple(breaches)


@dataclass(frozen=True)
class OnShelf:
    """`uploaded` is None for a tune that is shipped."""

    tune: Tune
    measures: Measures
    uploaded: Uploaded | None = None


async def listed(runtime: Runtime) -> list[OnShelf]:
    """By band and tone, the shipped ones first."""
    async with runtime.reading() as connection:
        own = [OnShelf(one.tune, one.measures, one) for one in await tunes.uploaded(connection)]
    shipped = [OnShelf(tune, await asyncio.to_thread(_measured, shipped_sound(tune))) for tune in catalogue()]
    order = list(Band), list(Tone)
    return sorted([*shipped, *own], key=lambda one: (order[0].index(one.tune.band), order[1].index(one.tune.tone)))


async def sound_of(runtime: Runtime, tune_id: str) -> bytes:
    """The whole file. Raises `ShelfRefused`."""
    for tune in catalogue():
        if tune.id == tune_id:
            return await asyncio.to_thread(shipped_sound, tune)
    async with runtime.reading() as connection:
        try:
            return await tunes.sound(connection, tune_id)
        except LookupError:
            raise ShelfRefused("tune_id", Why.UNKNOWN) from None


async def upload(runtime: Runtime, person: Person, tune: Tune, content: bytes) -> OnShelf:
    """`tune.file` is made here. Raises `Unfit`, `ShelfRefused`."""
    if tune.id in {shipped.id for shipped in catalogue()}:
        raise ShelfRefused("tune_id", Why.NAME_TAKEN)
    async with runtime.reading() as connection:
        others = await tunes.sounds(connection)
    found = await asyncio.to_thread(_judged, content, others)
    async with runtime.transaction(customers=()) as tx:
        new = Uploaded(tune, found, person.login, tx.now)
        digest = hashlib.sha256(content).hexdigest()
        if not await tunes.insert(tx.connection, new, sha256=digest, sound=content):
            raise ShelfRefused("tune_id", Why.NAME_TAKEN)
        await audit.record(tx.connection, person, action="uploaded", subject=f"tune:{tune.id}")
    return OnShelf(tune, found, new)


async def withdraw(runtime: Runtime, person: Person, tune_id: str) -> None:
    """It is played no more; what calls heard of it stays told. Raises `ShelfRefused`."""
    await _demand(runtime, "tune_id", [tune_id], uploaded=True)
    async with runtime.transaction(customers=()) as tx:
        if not await tunes.withdraw(tx.connection, tune_id, by=person.login, at=tx.now):
            raise ShelfRefused("tune_id", Why.IN_USE)
        await audit.record(tx.connection, person, action="withdrawn", subject=f"tune:{tune_id}")


async def assign(runtime: Runtime, person: Person, wanted: Assignment) -> None:
    """In the place of what was assigned there. Raises `ShelfRefused`."""
    [tune] = await _demand(runtime, "tune_id", [wanted.tune_id])
    if tune.band is not wanted.band:
        raise ShelfRefused("tune_id", Why.OTHER_BAND)
    if wanted.locale != ANY and not tune.may_be_heard_in(wanted.locale):
        raise ShelfRefused("locale", Why.OTHER_LANGUAGE)
    async with runtime.transaction(customers=()) as tx:
        await tunes.assign(tx.connection, wanted, by=person.login, at=tx.now)
        await audit.record(tx.connection, person, action="assigned", subject=f"tune:{wanted.tune_id}")


async def unassign(runtime: Runtime, person: Person, *, band: Band, tone: Tone, locale: str, scenario: str) -> None:
    """Nothing assigned there is fine."""
    async with runtime.transaction(customers=()) as tx:
        if await tunes.unassign(tx.connection, band, tone, locale, scenario):
            await audit.record(tx.connection, person, action="unassigned", subject=f"tune:{band}/{tone}")


@dataclass(frozen=True)
class Plan:
    """Of a pilot: see `Pilot`."""

    name: str
    band: Band
    arms: tuple[str, ...]
    unit: Unit
    share: float
    teams: tuple[str, ...] = ()


async def begin_pilot(runtime: Runtime, person: Person, plan: Plan) -> str:
    """Its id. From now on it draws, under a secret of its own. Raises `ShelfRefused`."""
    if len(set(plan.arms)) < FEWEST_ARMS or len(set(plan.arms)) != len(plan.arms):
        raise ShelfRefused("arms", Why.TOO_FEW)
    if any(tune.band is not plan.band for tune in await _demand(runtime, "arms", plan.arms)):
        raise ShelfRefused("arms", Why.OTHER_BAND)
    pilot = Pilot(
        pilot_id=secrets.token_hex(6), band=plan.band, arms=plan.arms, unit=plan.unit, share=plan.share,
        teams=plan.teams, secret=secrets.token_bytes(_SECRET_BYTES),
    )  # fmt: skip
    async with runtime.transaction(customers=()) as tx:
        if not await tunes.begin_pilot(tx.connection, pilot, name=plan.name, by=person.login, at=tx.now):
            raise ShelfRefused("band", Why.RUNNING)
        await audit.record(tx.connection, person, action="begun", subject=f"tune-pilot:{pilot.pilot_id}")
    return pilot.pilot_id


async def end_pilot(runtime: Runtime, person: Person, pilot_id: str) -> None:
    """Nothing is drawn in it any more. Raises `ShelfRefused`."""
    async with runtime.transaction(customers=()) as tx:
        if not await tunes.end_pilot(tx.connection, pilot_id, by=person.login, at=tx.now):
            raise ShelfRefused("pilot_id", Why.OVER)
        await audit.record(tx.connection, person, action="ended", subject=f"tune-pilot:{pilot_id}")


def shipped_sound(tune: Tune) -> bytes:
    """The house's own file in its folder of sounds, where this process sees one; else as it is shipped."""
    folder = settings.read().sounds
    file = None if folder is None else folder / f"{tune.file}.wav"
    return file.read_bytes() if file is not None and Path(file).is_file() else _synthesised(tune.id)


async def _demand(runtime: Runtime, field: str, ids: Sequence[str], *, uploaded: bool = False) -> list[Tune]:
    """The tunes of these names. Raises `ShelfRefused`."""
    async with runtime.reading() as connection:
        own = [one.tune for one in await tunes.uploaded(connection)]
    known = {tune.id: tune for tune in (own if uploaded else [*catalogue(), *own])}
    if not known.keys() >= set(ids):
        raise ShelfRefused(field, Why.UNKNOWN)
    return [known[one] for one in ids]


def _judged(content: bytes, others: Mapping[str, bytes]) -> Measures:
    """Raises `Unfit`."""
    samples = measures.samples_of(content)
    if isinstance(samples, Breach):
        raise Unfit([samples])
    found = list(measures.breaches(samples))
    if not found:
        sounds = {**{tune.id: shipped_sound(tune) for tune in catalogue()}, **others}
        known = {name: wav.read(sound) for name, sound in sounds.items()}
        found = [breach for _, breach in measures.resemblances({**known, "": samples}, new="")]
    if found:
        raise Unfit(found)
    return measures.measured(samples)


@lru_cache(maxsize=16)
def _measured(sound: bytes) -> Measures:
    return measures.measured(wav.read(sound))


@lru_cache(maxsize=16)
def _synthesised(name: str) -> bytes:
    return wav.content(wav.at_loudness(compose.synthesised(name), SHIPPED_DBFS))
