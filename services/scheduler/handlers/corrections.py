"""The same completion with another body: contact and times change, what the sample rests on does not."""

from collections.abc import Sequence
from dataclasses import replace

from chassis.transaction import Transaction
from chassis.vault import Keyring
from contracts.vocabulary import Purpose
from services.scheduler.callback import Callback, Permit, PermitState
from services.scheduler.handlers import linking
from services.scheduler.handlers.arrival import Arrival
from services.scheduler.handlers.closing import cancel
from services.scheduler.ledger import Correction, Known
from services.scheduler.notice import with_notice
from services.scheduler.permits import first_channel, plan_permit
from services.scheduler.rules import Rules
from services.scheduler.store import callbacks, ledger, permits, stories
from services.scheduler.windows import counted_from, window


async def correct(tx: Transaction, rules: Rules, keys: Keyring, corrected: Sequence[tuple[Arrival, Known]]) -> None:
    """A document that names another customer than the first one corrects nothing but is told in the story."""
    if not corrected:
        return
    mine = [(a, k) for a, k in corrected if a.customer_ref == k.customer_ref]
    await stories.tell(
        tx.connection,
        [_story(a, k, accepted=a.customer_ref == k.customer_ref) for a, k in corrected],
    )
    await ledger.correct(tx.connection, [_correction(rules, keys, a, k) for a, k in mine])
    await linking.link(tx, [(a.customer_ref, a.phone_index, a.email_index) for a, _ in mine])
    before = await callbacks.open_of_completions(tx.connection, [k.completion_ref for _, k in mine])
    for arrival, known in mine:
        for callback in before.get(known.completion_ref, ()):
            moved = (arrival.phone_index, arrival.email_index) != (known.phone_index, known.email_index)
            await _apply(tx, rules, arrival, callback, reached_elsewhere=moved)


async def _apply(
    tx: Transaction, rules: Rules, arrival: Arrival, callback: Callback, *, reached_elsewhere: bool
) -> None:
    """`callback` as it was loaded after the ledger was corrected, so it reaches the new contact already."""
    moved = replace(callback, zone=arrival.reach.zone.key)
    if callback.waits_for_first_release and any(part.purpose is Purpose.SURVEY for part in callback.parts):
        moved = _with_window(rules, arrival, moved)
    await callbacks.update_terms(tx.connection, [moved])
    pending = moved.pending()
    if pending is not None:
        permit = _planned_again(tx, rules, moved, pending)
        # with no lawful start left the release loop finds it late and closes it
        again = with_notice(rules, moved, permit) if permit else replace(pending, due_at=tx.now)
        await permits.replan(tx.connection, [again])
    released = [p for p in moved.permits if p.state is PermitState.RELEASED and reached_elsewhere]
    await cancel(tx, [(moved, permit.permit_no, "corrected") for permit in released])


def _with_window(rules: Rules, arrival: Arrival, callback: Callback) -> Callback:
    policy = rules.policies.scenarios[callback.scenario]
    span = window(policy, counted_from(policy, arrival.clocks))
    return replace(callback, not_before=span.not_before, deadline=span.deadline, not_after=span.not_after)


def _planned_again(tx: Transaction, rules: Rules, callback: Callback, pending: Permit) -> Permit | None:
    policy = rules.policies.scenarios[callback.scenario]
    channel, reason = pending.channel, pending.channel_reason
    if channel not in callback.reachable:
        way = first_channel(policy, callback)
        if way is None:
            return None
        channel, reason = way
    return plan_permit(
        rules, policy, callback, channel=channel, reason=reason, kind=pending.kind,
        earliest=max(tx.now, pending.not_before), now=tx.now, number=pending.permit_no,
    )  # fmt: skip


def _correction(rules: Rules, keys: Keyring, arrival: Arrival, known: Known) -> Correction:
    policy = rules.policies.of(arrival.document.scenario)
    return Correction(
        completion_ref=known.completion_ref,
        contact=arrival.sealed_contact(keys),
        narrative=arrival.sealed_narrative(keys),
        phone_index=arrival.phone_index,
        email_index=arrival.email_index,
        handled_at=arrival.clocks.handled_at,
        counted_from=counted_from(policy, arrival.clocks) if policy else arrival.clocks.completed_at,
        zone=arrival.reach.zone.key,
    )


def _story(arrival: Arrival, known: Known, *, accepted: bool) -> stories.StoryRow:
    return stories.StoryRow(
        completion_ref=known.completion_ref,
        kind="correction",
        subject=arrival.digest.hex()[:16],
        revision=1,
        at=arrival.received_at,
        detail={"accepted": accepted},
    )
