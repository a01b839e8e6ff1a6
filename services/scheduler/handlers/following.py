"""Carrying out what a decision about callbacks says."""

from collections.abc import Sequence
from datetime import datetime

from chassis.transaction import Transaction
from services.scheduler.callback import Callback
from services.scheduler.course import Step, silent_until
from services.scheduler.handlers import requests
from services.scheduler.handlers.closing import close
from services.scheduler.notice import with_notice
from services.scheduler.rules import Rules
from services.scheduler.store import callbacks, permits


async def follow(tx: Transaction, rules: Rules, steps: Sequence[tuple[Callback, Step]]) -> None:
    """New permits, waits and ends; a closed callback lets the requests in that waited for it."""
    planned = [with_notice(rules, callback, step.permit) for callback, step in steps if step.permit]
    await permits.insert(tx.connection, planned)
    waits = [
        (callback.callback_id, _closing(step), step.last_word.value if step.last_word else None)
        for callback, step in steps
        if step.explanation is None
    ]
    await callbacks.update_course(tx.connection, waits)
    closed = await close(tx, [(callback, step.explanation) for callback, step in steps if step.explanation])
    if closed:
        await requests.let_in(tx, rules, {callback.completion_ref for callback in closed})


def _closing(step: Step) -> datetime | None:
    """Of a wait, or as the release of the new permit will set it."""
    return step.closes_at or (silent_until(step.permit.last_start) if step.permit else None)
