"""What lies beside the script in a call: common questions and offers that fit it, and what was used of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chassis.runtime import Runtime
from contracts.vocabulary import Scenario
from services.survey import handbook
from services.survey.calling import held_call
from services.survey.handbook import OUTCOMES, Entry, Kind, Outcome, Situation
from services.survey.leases import Agent, LeaseState, Refusal, Refused
from services.survey.sheet import Sheet
from services.survey.store import handbook as entries
from services.survey.store import supervision

SHOWN = 5


class NotOffered(Exception):
    """The handbook has no such entry (any more), or not with this outcome."""


@dataclass(frozen=True)
class Beside:
    """`questions`: the first of those that fit and hold every word looked for; `offers`: all that hold today."""

    questions: tuple[Entry, ...]
    offers: tuple[Entry, ...]
    words: str


async def beside(runtime: Runtime, sheet: Sheet, *, words: str = "") -> Beside:
    now = await runtime.now()
    situation = Situation(sheet.permit.callback.scenario, sheet.context.product, sheet.context.level, now)
    async with runtime.reading() as connection:
        common = await entries.entries(connection, Kind.FAQ, now)
        news = await entries.entries(connection, Kind.OFFER, now)
    fitting = [entry for entry in common if handbook.fits(entry, situation)]
    offers = [entry for entry in news if handbook.fits(entry, situation)] if _carries_news(situation) else []
    return Beside(tuple(handbook.found(fitting, words)[:SHOWN]), tuple(offers), words)


async def use(runtime: Runtime, agent: Agent, callback_id: str, entry_id: str, outcome: Outcome) -> None:
    """Notes that an entry was used in this call. Raises `Refused`, `NotOffered`."""
    async with held_call(runtime, agent, callback_id) as call:
        if call.lease.state is LeaseState.CLAIMED:
            raise Refused(Refusal.NOT_DIALLED)
        versions = await entries.versions(call.tx.connection, entry_id)
        if not versions or not handbook.holds(versions[0], call.tx.now) or outcome not in OUTCOMES[versions[0].kind]:
            raise NotOffered(entry_id)
        await entries.use(
            call.tx.connection,
            versions[0],
            callback_id=callback_id,
            customer_ref=call.lease.customer_ref,
            outcome=outcome,
            agent=agent.login,
            now=call.tx.now,
        )


@dataclass(frozen=True)
class Next:
    """The agent's next agreed time."""

    starts_at: datetime
    callback_id: str


async def next_appointment(runtime: Runtime, agent: Agent, now: datetime) -> Next | None:
    """The next callback that waits for this agent, today."""
    zone = ZoneInfo(runtime.settings.operator_zone)
    midnight = now.astimezone(zone).replace(hour=23, minute=59, second=59)
    async with runtime.reading() as connection:
        found: Sequence[tuple[str, datetime]] = await supervision.reserved(connection, agent.login, now, midnight)
    return Next(found[0][1], found[0][0]) if found else None


def _carries_news(situation: Situation) -> bool:
    """Only a call that is made to care for the customer carries an offer; a complaint never does."""
    return situation.scenario in (Scenario.CARE, Scenario.ACTIVATION)
