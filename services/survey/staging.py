"""A table is staged: read, looked at row by row, sealed in chunks. Nothing is recorded yet."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from chassis.access import audit
from chassis.access.person import Person
from chassis.runtime import Runtime
from chassis.spreadsheets import read_table
from chassis.transaction import Transaction
from contracts.ids import named_id
from contracts.vocabulary import Purpose, Verdict
from services.survey import catalogue
from services.survey.gathered import Gathered, RefusedAnswer, filled, interview_of
from services.survey.imports import AnswerRow, ImportRefused, RefusedRow, rows_of
from services.survey.interview import OWN_RECORD
from services.survey.own_records import Place, own_callback, place_of
from services.survey.quality import Told
from services.survey.questionnaire import Questionnaire
from services.survey.store import completions, imports, openings, quality
from services.survey.store.completions import Completion
from services.survey.store.imports import Import, RowVerdict, Staged, Uploaded

CHUNK = 500
ROW = TypeAdapter(AnswerRow)


@dataclass(frozen=True)
class _Known:
    """What is known of the services that a chunk names."""

    completions: dict[str, Completion]
    places: dict[str, Place]
    busy: set[str]
    recorded: set[str]


async def upload(
    runtime: Runtime, person: Person, content: bytes, *, file_name: str, questionnaire: str, source: str
) -> Import:
    """The batch of this file with a verdict for each row; the same file again gives the same batch.

    Raises `ImportRefused`, `chassis.spreadsheets.TableRefused`, `catalogue.UnknownQuestionnaire`.
    """
    asked = catalogue.newest(questionnaire)
    zone = ZoneInfo(runtime.settings.operator_zone)
    rows = await asyncio.to_thread(lambda: rows_of(read_table(content), asked, zone))
    digest = hashlib.sha256(content).hexdigest()
    import_id = named_id("import", digest, source, asked.id, str(asked.version))
    new = Uploaded(
        import_id, digest, source, asked.id, asked.version, file_name[:100], len(rows), uploaded_by=person.login
    )
    async with runtime.transaction() as tx:
        batch = await imports.insert(tx.connection, new)
        await audit.record(tx.connection, person, action="import-uploaded", subject=f"import:{import_id}")
    if batch.staged:
        return batch
    for begins in range(0, len(rows), CHUNK):
        async with runtime.transaction() as tx:
            staged = await _look_at(tx, batch, asked, rows[begins : begins + CHUNK])
            await imports.stage(tx.connection, import_id, staged)
    async with runtime.transaction() as tx:
        await imports.finish_staging(tx.connection, import_id)
    async with runtime.reading() as connection:
        return await imports.one(connection, import_id) or batch


async def _look_at(
    tx: Transaction, batch: Import, asked: Questionnaire, rows: Sequence[AnswerRow | RefusedRow]
) -> list[Staged]:
    named = [row.service_id for row in rows if row.service_id is not None]
    known = await completions.known(tx.connection, batch.source, named)
    services = {(batch.source, service_id) for service_id in known}
    recorded = await quality.records_of(tx.connection, services)
    seen = _Known(
        completions=known,
        places=await place_of(tx.connection, services, asked.purpose),
        busy={service_id for _, service_id in await openings.busy(tx.connection, services)},
        recorded={one.service[1] for one in recorded if one.purpose == asked.purpose},
    )
    keys = await tx.vault.keyring(text={completion.customer_ref for completion in known.values()})
    staged = []
    for row in rows:
        one = _verdict(row, seen, asked, batch.source, tx.now)
        if isinstance(row, AnswerRow) and one.customer_ref is not None and one.verdict is not RowVerdict.REFUSED:
            sealed = keys.seal_text(one.customer_ref, "import_row", ROW.dump_python(row, mode="json"))
            one = Staged(one.number, one.service_id, one.customer_ref, one.verdict, sealed=sealed)
        staged.append(one)
    return staged


def _verdict(row: AnswerRow | RefusedRow, seen: _Known, asked: Questionnaire, source: str, now: datetime) -> Staged:
    completion = seen.completions.get(row.service_id or "")
    # what names no service may be anything, a telephone number too: it is not kept
    service_id = None if completion is None else row.service_id
    if isinstance(row, RefusedRow):
        return _refused(row.number, service_id, row.fault.field, row.fault.rule)
    try:
        acceptable(completion, seen.places.get(row.service_id), asked)
        assert completion is not None, "it is acceptable"  # noqa: S101
        callback = own_callback(completion, asked, seen.places.get(row.service_id), name="looked at")
        gathered = gathered_from(row, source, asked, completion)
        filled(interview_of(callback, OWN_RECORD, gathered), callback.parts[0].part_id, gathered, now=now)
    except (ImportRefused, RefusedAnswer) as refused:
        return _refused(row.number, service_id, refused.field, refused.rule)
    verdict = RowVerdict.READY if completion.verdict is Verdict.SELECTED else RowVerdict.OUTSIDE
    if row.service_id in seen.recorded:
        verdict = RowVerdict.DUPLICATE
    if row.service_id in seen.busy:
        verdict = RowVerdict.BUSY
    return Staged(row.number, row.service_id, completion.customer_ref, verdict)


def acceptable(completion: Completion | None, place: Place | None, asked: Questionnaire) -> None:
    """Raises `ImportRefused` for a service to which these answers cannot belong."""
    if completion is None:
        raise ImportRefused("service_id", "is unknown: no such service was told to us from this source")
    if completion.scenario is None or completion.verdict is Verdict.REJECTED:
        raise ImportRefused("service_id", "names a service that was rejected when it came in")
    if place is None and asked.purpose is not Purpose.SURVEY:
        raise ImportRefused("service_id", f"names a service for which no {asked.purpose} was asked")
    if place is not None and place.questionnaire != asked.id:
        raise ImportRefused("service_id", f"names a service that is asked with {place.questionnaire}, not {asked.id}")


def gathered_from(row: AnswerRow, source: str, asked: Questionnaire, completion: Completion) -> Gathered:
    return Gathered(
        source=source,
        service_id=row.service_id,
        purpose=asked.purpose,
        channel=row.channel,
        answered_at=row.answered_at,
        answers=row.said,
        told=Told(
            answered_at=row.answered_at,
            connected_at=row.connected_at,
            seconds=row.seconds,
            completed_at=completion.completed_at,
            same_texts=row.same_texts,
        ),
    )


def _refused(number: int, service_id: str | None, field: str, rule: str) -> Staged:
    return Staged(number, service_id, None, RowVerdict.REFUSED, field, rule)
