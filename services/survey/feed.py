"""What goes back to the CRM: every revision of a record as it was told, and that it was voided."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chassis.runtime import Runtime
from chassis.transaction import Transaction
from chassis.vault import ERASED, Keyring, scope_of
from chassis.webhooks.store import Announcement, Delivery, announce
from contracts.answers import Answer, AnswerSheet, AnswerTexts
from contracts.events.survey import ResponseRecorded, ResponseVoided
from contracts.vocabulary import AnswerState
from services.survey.interview import Callback
from services.survey.store import feed
from services.survey.store.feed import Entry, NewEntry, Since

RECORDED = "record.recorded"
VOIDED = "record.voided"
KINDS = (RECORDED, VOIDED)
_FACTS = {
    "response_id", "revision", "status", "final", "callback_id", "purpose", "round", "channel", "in_design",
    "questionnaire", "questionnaire_version", "content_hash", "flags", "agent", "started_at", "connected_at",
    "ended_at", "recorded_at",
}  # fmt: skip


class BadCursor(Exception):
    """Neither a cursor of ours nor an instant."""


async def record(tx: Transaction, told: Sequence[tuple[ResponseRecorded, Callback]]) -> None:
    """Entries and webhooks for what was just recorded, in the same transaction."""
    entries = [
        NewEntry(
            entry_id=f"{event.response_id}/{event.revision}",
            kind=RECORDED,
            source=callback.source,
            customer_ref=event.customer_ref,
            month=callback.month,
            facts=_facts(event.model_dump(mode="json", include=_FACTS), callback),
            answers=event.answers,
            texts=event.texts,
        )
        for event, callback in told
    ]
    await _tell(tx, entries)


async def void(tx: Transaction, told: Sequence[tuple[ResponseVoided, str, str]]) -> None:
    """Events with the source and service id of their record."""
    entries = [
        NewEntry(
            entry_id=f"{event.response_id}/voided",
            kind=VOIDED,
            source=source,
            customer_ref=event.customer_ref,
            month="",
            facts=json.dumps({
                "service_id": service_id, "response_id": event.response_id, "reason": event.reason, "by": event.by,
                "voided_at": event.voided_at.isoformat(),
            }),
            answers=None,
            texts=None,
        )
        for event, source, service_id in told
    ]  # fmt: skip
    await _tell(tx, entries)


async def opened(runtime: Runtime, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Entries as the CRM reads them; texts of an erased customer are gone."""
    keys = await runtime.vault.keyring(
        text={entry.customer_ref for entry in entries if entry.texts is not None},
        facts={scope_of(entry.answers) for entry in entries if entry.answers is not None},
    )
    return [_shown(entry, keys) for entry in entries]


async def rendered(runtime: Runtime, deliveries: Sequence[Delivery]) -> Mapping[str, Any]:
    """The content of each message, by its subject."""
    async with runtime.reading() as connection:
        found = await feed.entries(connection, sorted({delivery.subject for delivery in deliveries}))
    return {shown["id"]: shown for shown in await opened(runtime, found)}


def cursor_of(entry: Entry) -> str:
    return base64.urlsafe_b64encode(f"{entry.place[0]}.{entry.place[1]}".encode()).decode().rstrip("=")


def since_of(text: str | None) -> Since:
    """A cursor of an earlier page, or an instant with its offset; nothing: from the beginning. Raises `BadCursor`."""
    if not text:
        return Since()
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return Since(instant=instant)
    except ValueError:
        pass  # then it is a cursor or nothing
    try:
        xid, position = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split(".")
        place = int(xid), int(position)
    except (ValueError, binascii.Error):
        raise BadCursor from None
    if not (0 <= place[0] < 2**63 and 0 <= place[1] < 2**63):
        raise BadCursor
    return Since(place)


async def _tell(tx: Transaction, entries: Sequence[NewEntry]) -> None:
    if not entries:
        return
    await feed.insert(tx.connection, entries, tx.now)
    await announce(tx, [Announcement(entry.source, entry.kind, entry.entry_id) for entry in entries])


def _facts(told: dict[str, Any], callback: Callback) -> str:
    named = {"service_id": callback.service_id, "scenario": callback.scenario.value}
    return json.dumps(named | told, ensure_ascii=False)


def _shown(entry: Entry, keys: Keyring) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": entry.entry_id, "kind": entry.kind, "source": entry.source, **entry.facts}
    if entry.answers is None:
        return shown
    sheet = keys.open_as(AnswerSheet, entry.customer_ref, "answers", entry.answers)
    texts = keys.open_as(AnswerTexts, entry.customer_ref, "texts", entry.texts) if entry.texts else AnswerTexts()
    said = {} if texts is ERASED else texts.texts
    if sheet is not ERASED:
        shown["answers"] = {answer.question_id: _answer(answer, said) for answer in sheet.answers}
        shown |= {"mood": sheet.mood, "negative_remarks": sheet.negative_remarks, "problem_type": sheet.problem_type}
    return shown


def _answer(answer: Answer, texts: Mapping[str, str]) -> dict[str, Any]:
    if answer.state is not AnswerState.ANSWERED:
        return {"state": answer.state}
    values = (answer.score, answer.likelihood, answer.solved, answer.choice, texts.get(answer.question_id))
    value = next((one for one in values if one is not None), None)
    return {"state": answer.state, "kind": answer.kind, "value": value}
