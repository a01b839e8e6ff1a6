"""Which tune a call ends with: by a pilot that draws, else by what was assigned, else by the house's tone. Pure.

The rating chose the band before; nothing here crosses it.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contracts.vocabulary import Scenario
from services.survey.ivr.tunes import NoTune, Tone, Tune
from services.survey.renderings.ivr import Band

ANY = ""
"""In the place of a locale or a scenario: all of them."""


@dataclass(frozen=True)
class Assignment:
    """For ratings of this band, at a house of this tone. `locale`, `scenario`: `ANY` for all."""

    band: Band
    tone: Tone
    locale: str
    scenario: str
    tune_id: str


class Unit(StrEnum):
    """Of what a share takes part. A team takes part with all its customers; the tune is drawn for each customer."""

    CUSTOMER = "customer"
    TEAM = "team"


@dataclass(frozen=True)
class Pilot:
    """Tunes of one band in comparison. `teams`: only customers of these; none named: of all. `secret`: never told."""

    pilot_id: str
    band: Band
    arms: tuple[str, ...]
    unit: Unit
    share: float
    teams: tuple[str, ...]
    secret: bytes


@dataclass(frozen=True)
class Shelf:
    """All that can be played here, what was assigned, and the pilots that run."""

    tunes: Sequence[Tune]
    assignments: Sequence[Assignment] = ()
    pilots: Sequence[Pilot] = ()


@dataclass(frozen=True)
class Listener:
    """`customer_ref` names the customer for good; `team`: of the person who handled the service."""

    customer_ref: str
    language: str
    tone: Tone
    scenario: Scenario | None = None
    team: str | None = None


@dataclass(frozen=True)
class Choice:
    """`pilot_id`: the tune was drawn by chance in this pilot; None: nobody drew."""

    tune: Tune
    pilot_id: str | None = None


def chosen(shelf: Shelf, band: Band, listener: Listener) -> Choice:
    """The same for the same customer as long as the shelf stays as it is. Raises `NoTune`."""
    fit = {one.id: one for one in shelf.tunes if one.band is band and one.may_be_heard_in(listener.language)}
    shipped = [tune for tune in fit.values() if not tune.uploaded]
    if not shipped:
        raise NoTune(f"no {band} tune for {listener.language}: add one to the catalogue of tunes")
    for pilot in shelf.pilots:
        if fit.keys() >= set(pilot.arms) and takes_part(pilot, listener):
            return Choice(fit[arm_of(pilot, listener.customer_ref)], pilot.pilot_id)
    assigned = _assigned(shelf.assignments, fit, band, listener)
    return Choice(assigned or next((tune for tune in shipped if tune.tone is listener.tone), shipped[0]))


def takes_part(pilot: Pilot, listener: Listener) -> bool:
    """A larger share keeps everybody of a smaller one."""
    if pilot.teams and listener.team not in pilot.teams:
        return False
    if pilot.unit is Unit.CUSTOMER:
        return _drawn(pilot, "part", listener.customer_ref) < pilot.share
    return listener.team is not None and _drawn(pilot, "part", listener.team) < pilot.share


def arm_of(pilot: Pilot, customer_ref: str) -> str:
    """Each arm is as likely as the others, whoever takes part."""
    return pilot.arms[int(_drawn(pilot, "arm", customer_ref) * len(pilot.arms))]


def _assigned(
    assignments: Sequence[Assignment], fit: Mapping[str, Tune], band: Band, listener: Listener
) -> Tune | None:
    """Of several that fit the one for the scenario, then the one for the language."""
    hits = [
        one
        for one in assignments
        if one.band is band and one.tone is listener.tone and one.tune_id in fit
        and one.locale in (ANY, listener.language) and one.scenario in (ANY, listener.scenario)
    ]  # fmt: skip
    best = max(hits, key=lambda one: (one.scenario != ANY, one.locale != ANY), default=None)
    return None if best is None else fit[best.tune_id]


def _drawn(pilot: Pilot, purpose: str, name: str) -> float:
    """At least 0 and below 1, even over all names: HMAC-SHA256 under the pilot's secret."""
    digest = hmac.new(pilot.secret, f"{purpose}\x00{name}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
