"""Permits whose time has come: released, put off, or found to be no longer possible."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import asyncpg

from chassis.clock import business_now
from chassis.runtime import Runtime
from chassis.transaction import Transaction
from contracts.events.scheduler import CallbackDue
from contracts.vocabulary import (
    BlindIndex,
    CallbackId,
    ChannelReason,
    CompletionRef,
    CustomerRef,
    Explanation,
    Purpose,
    Sealed,
)
from services.scheduler.budget import Budgets
from services.scheduler.callback import Callback, Permit, PermitState
from services.scheduler.capacity import hour_of
from services.scheduler.contact import subjects
from services.scheduler.course import Step, silent_until, waiting_for_link
from services.scheduler.handlers.closing import CancelReason, cancel
from services.scheduler.handlers.following import follow
from services.scheduler.handlers.in_force import rules_in_force
from services.scheduler.metrics import RELEASED
from services.scheduler.permits import next_channel, plan_permit, start_intervals
from services.scheduler.release import Decision, Room, Ruling, decide
from services.scheduler.rules import Rules
from services.scheduler.store import callbacks, contacts, permits, sealed

BATCH = 1000


async def release_due(runtime: Runtime) -> int:
    """One pass over at most 1,000 due permits; returns how many were settled. Busy customers wait for the next."""
    async with runtime.reading() as connection:
        due = await permits.due(connection, await business_now(connection), BATCH)
    if not due:
        return 0
    wanted = {row["callback_id"] for row in due}
    customers = {row["customer_ref"] for row in due}
    # passes of other processes count the same hour's calls: one at a time per skill, or capacity would be exceeded
    locked = {name for row in due for name in (*_subjects(row), f"capacity:{row['skill']}")}
    async with runtime.transaction(customers=customers, contacts=locked, skip_locked=True) as tx:
        known = await callbacks.load(tx.connection, wanted)
        ripe = [
            (callback, permit)
            for callback in known.values()
            if callback.customer_ref in tx.customers
            for permit in callback.permits
            if permit.state is PermitState.PENDING and permit.due_at <= tx.now
        ]
        tx.took("release", [permit.due_at for _, permit in ripe])
        ripe.sort(key=lambda pair: (pair[1].urgency, pair[0].callback_id))
        await _Pass(tx, await rules_in_force(tx)).run(ripe)
    return len(ripe)


async def next_release(connection: asyncpg.Connection) -> datetime | None:
    return await permits.next_due(connection)


def _subjects(row: dict[str, Any]) -> list[str]:
    return subjects(row["phone_index"], row["email_index"], row["customer_ref"])


@dataclass
class _Pass:
    """One transaction's permits, decided one after another because each takes from budget and capacity."""

    tx: Transaction
    rules: Rules
    released: list[tuple[Callback, Permit]] = field(default_factory=list)
    moved: list[Permit] = field(default_factory=list)
    steps: list[tuple[Callback, Step]] = field(default_factory=list)
    given_up: list[tuple[Callback, int, CancelReason]] = field(default_factory=list)
    """Reminders that can no longer be sent, while the message before them can still be answered."""
    budgets: Budgets = field(default_factory=lambda: Budgets({}))

    async def run(self, ripe: Sequence[tuple[Callback, Permit]]) -> None:
        names = {n for c, _ in ripe for n in subjects(c.phone_index, c.email_index, c.customer_ref)}
        suppressed = await contacts.blocked_scopes(self.tx.connection, names)
        since = self.tx.now - self.rules.house.budget.span
        self.budgets = Budgets(await contacts.counted(self.tx.connection, {c.person for c, _ in ripe}, since))
        hour = hour_of(self.tx.now)
        skills = {permit.skill for _, permit in ripe}
        room = Room(self.rules, self.tx.now, await permits.calls_released_since(self.tx.connection, hour, skills))
        for callback, permit in ripe:
            decision = decide(
                self.rules, callback, permit, now=self.tx.now, suppressed=suppressed, budgets=self.budgets, room=room
            )
            self._carry_out(callback, permit, decision)
        await self._write()

    def _carry_out(self, callback: Callback, permit: Permit, decision: Decision) -> None:
        match decision.ruling:
            case Ruling.RELEASE:
                self.released.append((callback, permit))
            case Ruling.SUPPRESSED:
                self._end(callback, Explanation.OPTED_OUT)
            case Ruling.CHANNEL_SUPPRESSED:
                self._change_channel(callback, permit)
            case Ruling.LATE:
                self._end(callback, _unreached(callback))
            case Ruling.BUDGET:
                self._put_off(callback, permit, decision, otherwise=Explanation.SUPPRESSED_BY_BUDGET)
            case _:
                self._put_off(callback, permit, decision, otherwise=_unreached(callback))

    def _put_off(self, callback: Callback, permit: Permit, decision: Decision, *, otherwise: Explanation) -> None:
        again = self._planned(callback, permit, decision.until or self.tx.now)
        if again is None:
            self._end(callback, otherwise)
        else:
            # waiting counts from the first due time, so that nothing starves
            urgency = min(permit.urgency, again.urgency)
            self.moved.append(replace(again, urgency=urgency, plan={**again.plan, "put_off": decision.ruling}))

    def _change_channel(self, callback: Callback, permit: Permit) -> None:
        policy = self.rules.policies.scenarios[callback.scenario]
        channel = next_channel(policy, callback)
        if channel is None:
            self._end(callback, Explanation.OPTED_OUT)
            return
        other = replace(permit, channel=channel, channel_reason=ChannelReason.FALLBACK)
        again = self._planned(callback, other, self.tx.now)
        if again is None:
            self._end(callback, Explanation.OPTED_OUT)
        else:
            self.moved.append(again)

    def _planned(self, callback: Callback, permit: Permit, earliest: datetime) -> Permit | None:
        policy = self.rules.policies.scenarios[callback.scenario]
        return plan_permit(
            self.rules, policy, callback, channel=permit.channel, reason=permit.channel_reason, kind=permit.kind,
            earliest=earliest, now=self.tx.now, reserved_agent=permit.reserved_agent, number=permit.permit_no,
            budget=self.budgets.used(callback.person, now=self.tx.now, rule=self.rules.house.budget),
        )  # fmt: skip

    def _end(self, callback: Callback, why: Explanation) -> None:
        step = waiting_for_link(callback, Step(explanation=why), self.tx.now)
        if step.explanation is None:
            self.given_up += [(callback, p.permit_no, "withdrawn") for p in callback.permits if p is callback.pending()]
        self.steps.append((callback, step))

    async def _write(self) -> None:
        connection, now = self.tx.connection, self.tx.now
        await permits.release(connection, [(permit, silent_until(permit)) for _, permit in self.released], now)
        first = [(c.person, c.callback_id) for c, _ in self.released if c.counted_at is None]
        await contacts.count(connection, first, now)
        await permits.replan(connection, self.moved)
        await cancel(self.tx, self.given_up)
        told = await sealed.of_completions(connection, [c.completion_ref for c, _ in self.released])
        for callback, permit in self.released:
            self.tx.emit(self._due(callback, permit, told[callback.completion_ref]))
        for channel, count in Counter(permit.channel for _, permit in self.released).items():
            self.tx.count(RELEASED.labels(channel), count)
        await follow(self.tx, self.rules, self.steps)

    def _due(self, callback: Callback, permit: Permit, seals: sealed.Seals) -> CallbackDue:
        policy = self.rules.policies.scenarios[callback.scenario]
        return CallbackDue(
            customer_ref=CustomerRef(callback.customer_ref),
            completion_ref=CompletionRef(callback.completion_ref),
            callback_id=CallbackId(callback.callback_id),
            permit_no=permit.permit_no,
            parts=tuple(part.told() for part in callback.parts),
            scenario=callback.scenario,
            source=callback.source,
            service_id=callback.service_id,
            channel=permit.channel,
            channel_reason=permit.channel_reason,
            deadline=callback.deadline,
            not_after=permit.last_start,
            intervals=start_intervals(self.rules, callback, permit, self.tx.now),
            zone=callback.zone,
            maximum_minutes=policy.maximum_minutes,
            priority=callback.priority,
            skill=permit.skill,
            reserved_agent=permit.reserved_agent,
            attempt_limit=max((retry.attempts for retry in policy.retries.values()), default=1),
            phone_index=BlindIndex(callback.phone_index) if callback.phone_index else None,
            email_index=BlindIndex(callback.email_index) if callback.email_index else None,
            in_design=callback.in_design and any(part.purpose is Purpose.SURVEY for part in callback.parts),
            contact=Sealed(seals.contact),
            context=Sealed(seals.context),
            narrative=Sealed(seals.narrative) if seals.narrative else None,
        )


def _unreached(callback: Callback) -> Explanation:
    if callback.last_word is not None:
        return callback.last_word
    return Explanation.EXHAUSTED if any(p.was_tried for p in callback.permits) else Explanation.WINDOW_MISSED
