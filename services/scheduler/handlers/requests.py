"""Requests for a second contact: merged into what is planned, kept waiting, or made into a callback of their own."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from chassis.errors import InvalidEvent
from chassis.runtime import Received
from chassis.transaction import Transaction
from contracts.events.followup import CallbackRequested
from contracts.vocabulary import Explanation, RequestState
from services.scheduler.budget import Budgets
from services.scheduler.callback import Callback, Permit, PermitKind
from services.scheduler.contact import person_subject
from services.scheduler.handlers.closing import close
from services.scheduler.handlers.in_force import rules_in_force
from services.scheduler.handlers.waves import waves
from services.scheduler.merging import Origin, callback_for, merged_window, part_for, takes_in
from services.scheduler.notice import with_notice
from services.scheduler.permits import first_channel, plan_permit
from services.scheduler.rules import Rules
from services.scheduler.store import callbacks, contacts, permits, requests


async def callbacks_requested(tx: Transaction, received: Sequence[Received]) -> None:
    """Idempotent by request and revision; a revision withdraws or moves what it asked for."""
    rules = await rules_in_force(tx)
    known = await requests.origins(tx.connection, [one.event.completion_ref for one in received])
    for one in received:
        if one.event.completion_ref not in known:
            raise InvalidEvent(one.event_id, "completion_ref", "names no completion in the frame")
    events: list[CallbackRequested] = [one.event for one in received]
    for wave in waves(events, lambda event: event.completion_ref):
        taken = await requests.upsert(tx.connection, wave)
        for event in wave:
            callback_id = taken.get(event.request_id)
            if callback_id is not None:
                await _revise(tx, event, callback_id)
        await let_in(tx, rules, {event.completion_ref for event in wave})


async def let_in(tx: Transaction, rules: Rules, completion_refs: Collection[str]) -> None:
    """Every waiting request of these completions that can go on does. One round trip per table and wave."""
    for wave in waves(await requests.waiting(tx.connection, completion_refs), lambda event: event.completion_ref):
        refs = [event.completion_ref for event in wave]
        origins = await requests.origins(tx.connection, refs)
        open_ones = await callbacks.open_of_completions(tx.connection, refs)
        rounds = await callbacks.rounds(tx.connection, refs)
        persons = {person_subject(o.phone_index, o.email_index, o.customer_ref) for o in origins.values()}
        budgets = Budgets(await contacts.counted(tx.connection, persons, tx.now - rules.house.budget.span))
        intake = _Intake(tx, rules, origins, budgets)
        for event in wave:
            round_no = rounds.get((event.completion_ref, event.purpose), 0) + 1
            await intake.take(event, open_ones.get(event.completion_ref, []), round_no)
        await intake.write()


class _Intake:
    """Collects what a wave of requests makes, and writes it set by set."""

    def __init__(self, tx: Transaction, rules: Rules, origins: dict[str, Origin], budgets: Budgets) -> None:
        self._tx, self._rules, self._origins, self._budgets = tx, rules, origins, budgets
        self._new: list[Callback] = []
        self._merged: list[Callback] = []
        self._planned: list[Permit] = []
        self._replanned: list[Permit] = []
        self._taken: list[tuple[str, str]] = []
        self._ended: list[tuple[Callback, Explanation]] = []

    async def take(self, event: CallbackRequested, open_ones: Sequence[Callback], round_no: int) -> None:
        part = part_for(event, round_no=round_no, house=self._rules.house)
        grace = timedelta(hours=self._grace(event))
        for callback in open_ones:
            if not callback.waits_for_first_release:
                return  # its turn comes when that callback is closed
            window = merged_window(callback, event, grace)
            if window is not None:
                self._replan(takes_in(callback, event, window, part), event)
                return
        made = callback_for(self._rules, self._origins[event.completion_ref], event, part, self._tx.now)
        self._begin(made, event)

    def _begin(self, callback: Callback, event: CallbackRequested) -> None:
        self._new.append(callback)
        self._taken.append((event.request_id, callback.callback_id))
        policy = self._rules.policies.scenarios[callback.scenario]
        way = first_channel(policy, callback)
        if way is None:
            self._ended.append((callback, Explanation.NO_CONTACT_DATA))
            return
        used = self._budgets.used(callback.person, now=self._tx.now, rule=self._rules.house.budget)
        permit = plan_permit(
            self._rules, policy, callback, channel=way[0], reason=way[1],
            kind=PermitKind.FIRST, earliest=self._tx.now, now=self._tx.now, budget=used,
        )  # fmt: skip
        if permit is None:
            self._ended.append((callback, Explanation.WINDOW_MISSED))
        else:
            self._planned.append(with_notice(self._rules, callback, permit))

    def _replan(self, callback: Callback, event: CallbackRequested) -> None:
        self._merged.append(callback)
        self._taken.append((event.request_id, callback.callback_id))
        pending = callback.pending()
        if pending is None:
            return
        policy = self._rules.policies.scenarios[callback.scenario]
        permit = plan_permit(
            self._rules, policy, callback, channel=pending.channel, reason=pending.channel_reason, kind=pending.kind,
            earliest=self._tx.now, now=self._tx.now, number=pending.permit_no,
        )  # fmt: skip
        again = with_notice(self._rules, callback, permit) if permit else replace(pending, due_at=self._tx.now)
        self._replanned.append(again)

    async def write(self) -> None:
        connection = self._tx.connection
        await callbacks.insert(connection, self._new, self._planned)
        await callbacks.update_terms(connection, self._merged)
        await callbacks.insert_parts(connection, [(c.callback_id, c.parts[-1]) for c in self._merged])
        await permits.insert(connection, self._planned)
        await permits.replan(connection, self._replanned)
        await requests.taken_in(connection, self._taken)
        await close(self._tx, self._ended)

    def _grace(self, event: CallbackRequested) -> float:
        policy = self._rules.policies.of(self._origins[event.completion_ref].scenario)
        return policy.window.grace_hours if policy else 0.0


async def _revise(tx: Transaction, event: CallbackRequested, callback_id: str) -> None:
    """A withdrawn request takes its part out; a callback without parts is withdrawn. What was released is not moved."""
    callback = (await callbacks.load(tx.connection, [callback_id])).get(callback_id)
    if callback is None or not callback.is_open or event.state is not RequestState.WITHDRAWN:
        return
    remaining = [part for part in callback.parts if part.request_id != event.request_id]
    if not remaining:
        await close(tx, [(callback, Explanation.WITHDRAWN)])
    elif callback.waits_for_first_release:
        await requests.drop_part(tx.connection, callback_id, event.request_id)
