"""Tunes that the house uploaded, what is played where, and pilots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.survey.audio.measures import Measures
from services.survey.ivr.choosing import Assignment, Pilot, Shelf, Unit
from services.survey.ivr.tunes import Tone, Tune, catalogue
from services.survey.renderings.ivr import Band

_TUNE = "tune_id, band, tone, locales, licence, sha256, seconds, loudness, peak, uploaded_by, uploaded_at"
_PILOT = "pilot_id, name, band, arms, unit, share, teams, begun_by, begun_at, ended_by, ended_at"


@dataclass(frozen=True)
class Uploaded:
    """A tune of the house, as it was measured."""

    tune: Tune
    measures: Measures
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True)
class Assigned:
    assignment: Assignment
    assigned_by: str
    assigned_at: datetime


@dataclass(frozen=True)
class PilotRow:
    """`plays`: by tune, what was drawn so far."""

    pilot_id: str
    name: str
    band: Band
    arms: tuple[str, ...]
    unit: Unit
    share: float
    teams: tuple[str, ...]
    begun_by: str
    begun_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    plays: Mapping[str, int]


async def shelf(connection: asyncpg.Connection, *, uploads: bool) -> Shelf:
    """What can be played now. `uploads`: tunes of the house can be brought to where they are played from."""
    own = [one.tune for one in await uploaded(connection)] if uploads else []
    return Shelf(
        tunes=(*catalogue(), *own),
        assignments=[one.assignment for one in await assigned(connection)],
        pilots=await _running(connection),
    )


async def uploaded(connection: asyncpg.Connection) -> list[Uploaded]:
    """Those that are not withdrawn, by name."""
    rows = await connection.fetch(
        f"SELECT {_TUNE}, silent_start FROM tune WHERE withdrawn_at IS NULL ORDER BY tune_id"  # noqa: S608  own columns
    )
    return [_uploaded(row) for row in rows]


async def insert(connection: asyncpg.Connection, tune: Uploaded, *, sha256: str, sound: bytes) -> bool:
    """False when its name or its very sound is there already."""
    found = await connection.fetchval(
        """INSERT INTO tune (tune_id, band, tone, locales, licence, seconds, loudness, peak, silent_start, sha256,
               sound, uploaded_by, uploaded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING RETURNING true""",
        tune.tune.id, tune.tune.band, tune.tune.tone, list(tune.tune.locales), tune.tune.licence, tune.measures.seconds,
        tune.measures.loudness, tune.measures.peak, tune.measures.silent_start, sha256, sound, tune.uploaded_by,
        tune.uploaded_at,
    )  # fmt: skip
    return found is not None


async def sound(connection: asyncpg.Connection, tune_id: str) -> bytes:
    """The file of an uploaded tune, withdrawn or not. Raises `LookupError`."""
    found: bytes | None = await connection.fetchval("SELECT sound FROM tune WHERE tune_id = $1", tune_id)
    if found is None:
        raise LookupError(f"no uploaded tune {tune_id}")
    return found


async def sounds(connection: asyncpg.Connection) -> dict[str, bytes]:
    """Of all that are not withdrawn."""
    rows = await connection.fetch("SELECT tune_id, sound FROM tune WHERE withdrawn_at IS NULL ORDER BY tune_id")
    return {row["tune_id"]: row["sound"] for row in rows}


async def withdraw(connection: asyncpg.Connection, tune_id: str, *, by: str, at: datetime) -> bool:
    """False when there is no such tune, it is withdrawn, or it is assigned or in a pilot that runs."""
    found = await connection.fetchval(
        """UPDATE tune SET withdrawn_by = $2, withdrawn_at = $3
           WHERE tune_id = $1 AND withdrawn_at IS NULL
             AND NOT EXISTS (SELECT FROM tune_assignment WHERE tune_assignment.tune_id = $1)
             AND NOT EXISTS (SELECT FROM tune_pilot WHERE ended_at IS NULL AND $1 = ANY (arms)) RETURNING true""",
        tune_id,
        by,
        at,
    )
    return found is not None


async def assigned(connection: asyncpg.Connection) -> list[Assigned]:
    rows = await connection.fetch(
        """SELECT band, tone, locale, scenario, tune_id, assigned_by, assigned_at FROM tune_assignment
           ORDER BY band, tone, scenario, locale"""
    )
    return [
        Assigned(
            Assignment(Band(row["band"]), Tone(row["tone"]), row["locale"], row["scenario"], row["tune_id"]),
            row["assigned_by"],
            row["assigned_at"],
        )
        for row in rows
    ]


async def assign(connection: asyncpg.Connection, wanted: Assignment, *, by: str, at: datetime) -> None:
    """In the place of what was assigned there."""
    await connection.execute(
        """INSERT INTO tune_assignment (band, tone, locale, scenario, tune_id, assigned_by, assigned_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (band, tone, locale, scenario) DO UPDATE
           SET tune_id = excluded.tune_id, assigned_by = excluded.assigned_by, assigned_at = excluded.assigned_at""",
        wanted.band, wanted.tone, wanted.locale, wanted.scenario, wanted.tune_id, by, at,
    )  # fmt: skip


async def unassign(connection: asyncpg.Connection, band: Band, tone: Tone, locale: str, scenario: str) -> bool:
    """False when nothing was assigned there."""
    found = await connection.fetchval(
        """DELETE FROM tune_assignment WHERE band = $1 AND tone = $2 AND locale = $3 AND scenario = $4
           RETURNING true""",
        band, tone, locale, scenario,
    )  # fmt: skip
    return found is not None


async def pilots(connection: asyncpg.Connection, limit: int = 50) -> list[PilotRow]:
    """Those that run first, then the latest."""
    rows = await connection.fetch(
        f"""SELECT {_PILOT}, drawn.tunes, drawn.plays FROM tune_pilot
            LEFT JOIN LATERAL (
                SELECT array_agg(tune ORDER BY tune) AS tunes, array_agg(plays ORDER BY tune) AS plays
                FROM (SELECT tune, count(*) AS plays FROM rating_call
                      WHERE rating_call.tune_pilot = pilot_id GROUP BY tune) AS counted
            ) AS drawn ON true
            ORDER BY ended_at IS NOT NULL, begun_at DESC, pilot_id LIMIT $1""",  # noqa: S608  own columns
        limit,
    )
    return [_pilot_row(row) for row in rows]


async def begin_pilot(connection: asyncpg.Connection, pilot: Pilot, *, name: str, by: str, at: datetime) -> bool:
    """False when one of this band runs already."""
    found = await connection.fetchval(
        """INSERT INTO tune_pilot (pilot_id, name, band, arms, unit, share, teams, begun_by, begun_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING true""",
        pilot.pilot_id, name, pilot.band, list(pilot.arms), pilot.unit, pilot.share, list(pilot.teams), by, at,
    )  # fmt: skip
    if found is None:
        return False
    await connection.execute(
        "INSERT INTO tune_pilot_secret (pilot_id, secret) VALUES ($1, $2)", pilot.pilot_id, pilot.secret
    )
    return True


async def end_pilot(connection: asyncpg.Connection, pilot_id: str, *, by: str, at: datetime) -> bool:
    """False when it has ended, or never was."""
    found = await connection.fetchval(
        """UPDATE tune_pilot SET ended_by = $2, ended_at = $3 WHERE pilot_id = $1 AND ended_at IS NULL
           RETURNING true""",
        pilot_id, by, at,
    )  # fmt: skip
    return found is not None


async def _running(connection: asyncpg.Connection) -> Sequence[Pilot]:
    rows = await connection.fetch(
        """SELECT pilot_id, band, arms, unit, share, teams, secret
           FROM tune_pilot JOIN tune_pilot_secret USING (pilot_id) WHERE ended_at IS NULL ORDER BY pilot_id"""
    )
    return [
        Pilot(row["pilot_id"], Band(row["band"]), tuple(row["arms"]), Unit(row["unit"]), row["share"],
              tuple(row["teams"]), row["secret"])
        for row in rows
    ]  # fmt: skip


def _uploaded(row: asyncpg.Record) -> Uploaded:
    file = f"tunes/house/{row['tune_id']}-{row['sha256'][:12]}"
    tune = Tune(id=row["tune_id"], band=row["band"], tone=row["tone"], locales=tuple(row["locales"]), file=file,
                licence=row["licence"], uploaded=True)  # fmt: skip
    measures = Measures(row["seconds"], row["loudness"], row["peak"], row["silent_start"])
    return Uploaded(tune, measures, row["uploaded_by"], row["uploaded_at"])


def _pilot_row(row: asyncpg.Record) -> PilotRow:
    plays = dict(zip(row["tunes"] or (), row["plays"] or (), strict=True))
    said = {name.strip(): row[name.strip()] for name in _PILOT.split(",")}
    return PilotRow(**(said | {"band": Band(row["band"]), "unit": Unit(row["unit"]), "arms": tuple(row["arms"]),
                               "teams": tuple(row["teams"]), "plays": plays}))  # fmt: skip
