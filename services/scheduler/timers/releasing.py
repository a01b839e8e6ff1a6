"""Permits whose time has come: released, put off, or found to be no longer possible."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from chassis import locks
from chassis.clock import business_now
from chassis.runtime import Runtime
from chassis.transaction import Transaction
from contracts.vocabulary import Channel
from services.scheduler.budget import Budgets
from services.scheduler.callback import Callback
from services.scheduler.capacity import hour_of
from services.scheduler.course import REPORT_WITHIN
from services.scheduler.handlers import shifts
from services.scheduler.handlers.in_force import rules_in_force, rules_to_read
from services.scheduler.metrics import RELEASED
from services.scheduler.notice import callback_due, made_under
from services.scheduler.release import Due, Leave, Ripe, Room, Ruling, decide, unhindered
from services.scheduler.rules import Rules
from services.scheduler.store import callbacks, contacts, permits, releases, sealed
from services.scheduler.timers.hindered import Hindrance, hinder

BATCH = 5000


async def release_due(runtime: Runtime) -> int:
    """One pass over at most 5,000 due permits; returns how many it dealt with. Busy customers wait for the next."""
    async with runtime.reading() as connection:
        limit = min(BATCH, await locks.most_at_once(connection))
        notices = made_under(await rules_to_read(connection))
        due = await releases.due(connection, await business_now(connection), limit, notices=notices)
    if not due:
        return 0
    async with runtime.transaction(customers=[one.customer_ref for one in due], skip_locked=True) as tx:
        mine = [one for one in due if one.customer_ref in tx.customers]
        if not mine:
            return 0
        # numbers and addresses whose budget and suppression is read; and passes of other processes count the same
        # hour's calls: one at a time per skill, or capacity would be exceeded
        contacts_held = {name for one in mine for name in one.shared}
        await tx.hold(contacts_held | {f"capacity:{one.skill}" for one in mine if one.channel == Channel.PHONE})
        tx.took("release", [one.due_at for one in mine])
        rules = await rules_in_force(tx)
        await _Pass(tx, rules, await shifts.remember(tx, rules)).run(mine, contacts_held)
    return len(mine)


async def next_release(connection: asyncpg.Connection) -> datetime | None:
    return await permits.next_due(connection)


@dataclass
class _Pass:
    """One transaction's permits. Nearly all go at once: one statement finds them, and what they tell was made when they
    were planned. The others are decided one after another, because each takes from budget and capacity."""

    tx: Transaction
    rules: Rules
    shifts: str
    """Their version."""
    told: list[Leave] = field(default_factory=list)
    """They go, and their notices hold."""
    untold: list[Ripe] = field(default_factory=list)
    """They go; what they tell is made now."""
    hindered: list[Hindrance] = field(default_factory=list)
    gone: Counter[str] = field(default_factory=Counter)
    """By channel."""

    async def run(self, due: Sequence[Due], held: Set[str]) -> None:
        connection, now = self.tx.connection, self.tx.now
        calls = await releases.calls_of_hour(connection, hour_of(now), {one.skill for one in due})
        room = Room(self.rules, now, calls)
        free = unhindered(due, room)
        clear = await releases.clear(
            connection, free, now=now, notices=made_under(self.rules), budget=self.rules.house.budget
        )
        going = [one for one in free if one[:2] in clear]
        self.told = [one.leave() for one in going]
        self.gone.update(one.channel for one in going)
        await self._decide(await self._ripe([one for one in due if one[:2] not in clear], held), room)
        await releases.tell(self.tx, self.told)
        if self.untold or self.hindered:
            loaded = [one.callback_id for one in (*self.untold, *(one.ripe for one in self.hindered))]
            known = await callbacks.load(connection, loaded)
            await self._tell_whole(known)
        await self._release()
        if self.hindered:
            await hinder(self.tx, self.rules, self.hindered, known, shifts=self.shifts)

    async def _ripe(self, due: Sequence[Due], held: Set[str]) -> list[Ripe]:
        """Those of which a decision must look at more. A number or address that came after the first look is not
        locked: the next pass looks at the callback itself."""
        if not due:
            return []
        connection = self.tx.connection
        ripe = await releases.ripe(connection, due, self.tx.now, notices=made_under(self.rules))
        strays = [one.callback_id for one in ripe if not held >= set(one.shared)]
        if strays:
            await permits.forget_notices(connection, strays)
        return [one for one in ripe if one.callback_id not in strays]

    async def _decide(self, ripe: Sequence[Ripe], room: Room) -> None:
        if not ripe:
            return
        connection, now, budget = self.tx.connection, self.tx.now, self.rules.house.budget
        suppressed = await contacts.blocked_scopes(connection, {name for one in ripe for name in one.subjects})
        budgets = Budgets(await contacts.counted(connection, {one.person for one in ripe}, now - budget.span))
        for one in ripe:
            decision = decide(one, now=now, suppressed=suppressed, budgets=budgets, room=room)
            if decision.ruling is not Ruling.RELEASE:
                self.hindered.append(Hindrance(one, decision, budgets.used(one.person, now=now, rule=budget)))
                continue
            self.gone[one.channel] += 1
            if one.noticed:
                self.told.append(one.leave())
            else:
                self.untold.append(one)

    async def _tell_whole(self, known: Mapping[str, Callback]) -> None:
        """A `callback-due` from the callback as it stands, for each permit without a notice that holds."""
        told = [(known[one.callback_id], one.permit_no) for one in self.untold]
        seals = await sealed.of_completions(self.tx.connection, [callback.completion_ref for callback, _ in told])
        for callback, number in told:
            permit, seal = callback.permit(number), seals[callback.completion_ref]
            assert permit is not None, "it was ripe a moment ago, and its customer is locked"  # noqa: S101
            self.tx.emit(
                callback_due(
                    self.rules, callback, permit, now=self.tx.now,
                    contact=seal.contact, context=seal.context, narrative=seal.narrative,
                )
            )  # fmt: skip

    async def _release(self) -> None:
        leaving = [*self.told, *[one.leave() for one in self.untold]]
        await releases.release(self.tx.connection, leaving, self.tx.now, silence=REPORT_WITHIN, shifts=self.shifts)
        for channel, count in self.gone.items():
            self.tx.count(RELEASED.labels(channel), count)
