"""Permits whose time has come: released, put off, or found to be no longer possible."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import asyncpg

from chassis import locks
from chassis.clock import business_now
from chassis.runtime import Runtime
from chassis.transaction import Transaction
from contracts.vocabulary import Channel, ChannelReason, Explanation
from services.scheduler.budget import Budgets, Used
from services.scheduler.callback import Callback, Permit
from services.scheduler.capacity import hour_of
from services.scheduler.course import Step, silent_until, waiting_for_link
from services.scheduler.handlers.closing import CancelReason, cancel
from services.scheduler.handlers.following import follow
from services.scheduler.handlers.in_force import rules_in_force
from services.scheduler.metrics import RELEASED
from services.scheduler.notice import callback_due, with_notice
from services.scheduler.permits import next_channel, plan_permit
from services.scheduler.release import Decision, Ripe, Room, Ruling, decide
from services.scheduler.rules import Rules
from services.scheduler.store import callbacks, contacts, permits, releases, sealed

BATCH = 5000
LOCKS_EACH = 3
"""A permit's customer, and the number and address under which contact may be refused or counted."""
AT_ONCE = 10
"""So many passes of all processes may hold their locks at the same time."""


async def release_due(runtime: Runtime) -> int:
    """One pass over at most 5,000 due permits; returns how many were settled. Busy customers wait for the next."""
    async with runtime.reading() as connection:
        limit = min(BATCH, await locks.room(connection) // (LOCKS_EACH * AT_ONCE))
        due = await permits.due(connection, await business_now(connection), limit)
    if not due:
        return 0
    async with runtime.transaction(customers=[row["customer_ref"] for row in due], skip_locked=True) as tx:
        mine = [row for row in due if row["customer_ref"] in tx.customers]
        ripe = await releases.ripe(tx.connection, [(row["callback_id"], row["permit_no"]) for row in mine], tx.now)
        # numbers and addresses whose budget and suppression is read; and passes of other processes count the same
        # hour's calls: one at a time per skill, or capacity would be exceeded
        calls = {f"capacity:{one.skill}" for one in ripe if one.channel is Channel.PHONE}
        await tx.hold(calls | {name for one in ripe for name in one.shared})
        tx.took("release", [one.due_at for one in ripe])
        await _Pass(tx, await rules_in_force(tx)).run(ripe)
    return len(ripe)


async def next_release(connection: asyncpg.Connection) -> datetime | None:
    return await permits.next_due(connection)


@dataclass
class _Pass:
    """One transaction's permits, decided one after another because each takes from budget and capacity.

    Nearly all are released, with what was noticed when they were planned; only the others are loaded whole."""

    tx: Transaction
    rules: Rules
    released: list[Ripe] = field(default_factory=list)
    others: list[tuple[Ripe, Decision, Used]] = field(default_factory=list)
    """Not released, and what their budget held at that moment of the pass."""
    moved: list[Permit] = field(default_factory=list)
    steps: list[tuple[Callback, Step]] = field(default_factory=list)
    given_up: list[tuple[Callback, int, CancelReason]] = field(default_factory=list)
    """Reminders that can no longer be sent, while the message before them can still be answered."""

    async def run(self, ripe: Sequence[Ripe]) -> None:
        await self._decide(ripe)
        noticed = [one for one in self.released if one.noticed == self.rules.policies.version]
        unnoticed = [one for one in self.released if one.noticed != self.rules.policies.version]
        whole = [one.callback_id for one in (*unnoticed, *(one for one, _, _ in self.others))]
        known = await callbacks.load(self.tx.connection, whole)
        for one, decision, used in self.others:
            self._carry_out(known[one.callback_id], one.permit_no, decision, used)
        await releases.tell(self.tx, noticed)
        await self._tell_whole([(known[one.callback_id], one.permit_no) for one in unnoticed])
        await self._release()
        await permits.replan(self.tx.connection, self.moved)
        await cancel(self.tx, self.given_up)
        await follow(self.tx, self.rules, self.steps)

    async def _decide(self, ripe: Sequence[Ripe]) -> None:
        connection, now, budget = self.tx.connection, self.tx.now, self.rules.house.budget
        suppressed = await contacts.blocked_scopes(connection, {name for one in ripe for name in one.subjects})
        budgets = Budgets(await contacts.counted(connection, {one.person for one in ripe}, now - budget.span))
        calls = await releases.calls_since(connection, hour_of(now), {one.skill for one in ripe})
        room = Room(self.rules, now, calls)
        for one in ripe:
            decision = decide(one, now=now, suppressed=suppressed, budgets=budgets, room=room)
            if decision.ruling is Ruling.RELEASE:
                self.released.append(one)
            else:
                self.others.append((one, decision, budgets.used(one.person, now=now, rule=budget)))

    def _carry_out(self, callback: Callback, permit_no: int, decision: Decision, used: Used) -> None:
        permit = callback.permit(permit_no)
        assert permit is not None, "it was ripe a moment ago, and its customer is locked"  # noqa: S101
        match decision.ruling:
            case Ruling.SUPPRESSED:
                self._end(callback, Explanation.OPTED_OUT)
            case Ruling.CHANNEL_SUPPRESSED:
                self._change_channel(callback, permit, used)
            case Ruling.LATE:
                self._end(callback, _unreached(callback))
            case Ruling.BUDGET:
                self._put_off(callback, permit, decision, used, otherwise=Explanation.SUPPRESSED_BY_BUDGET)
            case _:
                self._put_off(callback, permit, decision, used, otherwise=_unreached(callback))

    def _put_off(
        self, callback: Callback, permit: Permit, decision: Decision, used: Used, *, otherwise: Explanation
    ) -> None:
        again = self._planned(callback, permit, used, decision.until or self.tx.now)
        if again is None:
            self._end(callback, otherwise)
        else:
            # waiting counts from the first due time, so that nothing starves
            urgency = min(permit.urgency, again.urgency)
            self.moved.append(replace(again, urgency=urgency, plan={**again.plan, "put_off": decision.ruling}))

    def _change_channel(self, callback: Callback, permit: Permit, used: Used) -> None:
        policy = self.rules.policies.scenarios[callback.scenario]
        channel = next_channel(policy, callback)
        if channel is None:
            self._end(callback, Explanation.OPTED_OUT)
            return
        other = replace(permit, channel=channel, channel_reason=ChannelReason.FALLBACK)
        again = self._planned(callback, other, used, self.tx.now)
        if again is None:
            self._end(callback, Explanation.OPTED_OUT)
        else:
            self.moved.append(again)

    def _planned(self, callback: Callback, permit: Permit, used: Used, earliest: datetime) -> Permit | None:
        policy = self.rules.policies.scenarios[callback.scenario]
        planned = plan_permit(
            self.rules, policy, callback, channel=permit.channel, reason=permit.channel_reason, kind=permit.kind,
            earliest=earliest, now=self.tx.now, reserved_agent=permit.reserved_agent, number=permit.permit_no,
            budget=used,
        )  # fmt: skip
        return planned and with_notice(self.rules, callback, planned)

    def _end(self, callback: Callback, why: Explanation) -> None:
        step = waiting_for_link(callback, Step(explanation=why), self.tx.now)
        if step.explanation is None:
            self.given_up += [(callback, p.permit_no, "withdrawn") for p in callback.permits if p is callback.pending()]
        self.steps.append((callback, step))

    async def _release(self) -> None:
        connection, now, released = self.tx.connection, self.tx.now, self.released
        await releases.release(connection, [(one, silent_until(one.last_start)) for one in released], now)
        await contacts.count(connection, [(one.person, one.callback_id) for one in released if not one.counted], now)
        for channel, count in Counter(one.channel for one in released).items():
            self.tx.count(RELEASED.labels(channel), count)

    async def _tell_whole(self, released: Sequence[tuple[Callback, int]]) -> None:
        seals = await sealed.of_completions(self.tx.connection, [callback.completion_ref for callback, _ in released])
        for callback, number in released:
            permit, seal = callback.permit(number), seals[callback.completion_ref]
            assert permit is not None, "it was ripe a moment ago, and its customer is locked"  # noqa: S101
            self.tx.emit(
                callback_due(
                    self.rules, callback, permit, now=self.tx.now,
                    contact=seal.contact, context=seal.context, narrative=seal.narrative,
                )
            )  # fmt: skip


def _unreached(callback: Callback) -> Explanation:
    if callback.last_word is not None:
        return callback.last_word
    return Explanation.EXHAUSTED if any(p.was_tried for p in callback.permits) else Explanation.WINDOW_MISSED
