"""Chosen rows of a table become records: in chunks, each in a transaction of its own, until none is left."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from chassis.access import audit
from chassis.access.person import Person
from chassis.errors import is_transient
from chassis.runtime import Loop, Runtime
from chassis.transaction import Transaction
from chassis.vault import ERASED, Keyring
from services.survey import batch, catalogue, recording, telling
from services.survey.batch import begun_from
from services.survey.gathered import Gathered, RefusedAnswer, Verdict, filled, interview_of
from services.survey.imports import AnswerRow, ImportRefused
from services.survey.interview import OWN_RECORD, Interview, PartForm, response_id
from services.survey.own_records import Place, own_callback, place_of
from services.survey.questionnaire import Questionnaire
from services.survey.staging import ROW, acceptable, gathered_from
from services.survey.store import callbacks, completions, imports, openings, quality
from services.survey.store.completions import Completion
from services.survey.store.imports import Import, RowVerdict, Settled, Waiting
from services.survey.store.interviews import Begun

CHUNK = 500
log = structlog.get_logger(__name__)
_OF_BATCH = {Verdict.RECORDED: RowVerdict.RECORDED, Verdict.REFUSED: RowVerdict.REFUSED}


class UnknownImport(Exception):
    """There is no such batch, or it is not staged to its end yet."""


async def commit(runtime: Runtime, person: Person, import_id: str, numbers: Sequence[int] | None) -> int:
    """Chosen rows (None: all that can be recorded) are recorded by the loop. Returns how many were chosen now."""
    async with runtime.transaction() as tx:
        found = await imports.one(tx.connection, import_id)
        if found is None or not found.staged:
            raise UnknownImport(import_id)
        chosen = await imports.choose(tx.connection, import_id, numbers)
        await audit.record(
            tx.connection, person, action="import-committed", subject=f"import:{import_id}", detail={"rows": chosen}
        )
    return chosen


async def record_chosen(runtime: Runtime) -> int:
    """One chunk; returns how many rows were settled. A row is settled in the transaction that records it."""
    async with runtime.reading() as connection:
        waiting = await imports.chosen(connection, CHUNK)
        if not waiting:
            return 0
        found = await imports.one(connection, waiting[0].import_id)
    assert found is not None, "a row has its batch"  # noqa: S101
    try:
        await _record(runtime, found, waiting)
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("a chunk of an import failed, its rows are taken one by one", batch=found.import_id)
        await _record_one_by_one(runtime, found, waiting)
    return len(waiting)


async def _record(runtime: Runtime, of: Import, waiting: Sequence[Waiting]) -> None:
    async with runtime.transaction(customers={row.customer_ref for row in waiting}) as tx:
        numbers = await imports.still_chosen(tx.connection, of.import_id, [row.number for row in waiting])
        settled = await _Chunk(tx, of).take([row for row in waiting if row.number in numbers])
        await imports.settle(tx.connection, settled)


async def _record_one_by_one(runtime: Runtime, of: Import, waiting: Sequence[Waiting]) -> None:
    """A row that fails by itself is refused with the kind of its fault; it stops no other row."""
    for row in waiting:
        try:
            await _record(runtime, of, [row])
        except Exception as error:
            if is_transient(error):
                raise
            log.exception("a row of an import cannot be recorded", batch=of.import_id, row=row.number)
            rule = f"cannot be recorded ({type(error).__name__}): tell the operator"
            refused = Settled(row.import_id, row.number, RowVerdict.REFUSED, "row", rule)
            async with runtime.transaction() as tx:
                await imports.settle(tx.connection, [refused])


async def drop_old(runtime: Runtime) -> int:
    """Batches of 30 days ago."""
    async with runtime.transaction() as tx:
        return await imports.drop_old(tx.connection, 10)


@dataclass(frozen=True)
class _Row:
    waiting: Waiting
    completion: Completion
    gathered: Gathered


@dataclass
class _Chunk:
    """Rows of one table against what is recorded; whatever they are, a constant number of statements."""

    tx: Transaction
    of: Import
    _settled: list[Settled] = field(default_factory=list)
    _said: dict[str, list[tuple[str, PartForm]]] = field(default_factory=dict)

    async def take(self, waiting: Sequence[Waiting]) -> list[Settled]:
        asked = catalogue.exactly(self.of.questionnaire, self.of.version)
        rows, places = await self._opened(waiting, asked)
        outcomes = await batch.record_in(self.tx, [row.gathered for row in rows])
        rest = []
        for row, outcome in zip(rows, outcomes, strict=True):
            if outcome.verdict not in _OF_BATCH:
                rest.append(row)
            elif outcome.refused is not None:
                self._refuse(row.waiting, outcome.refused.field, outcome.refused.rule)
            else:
                self._settle(row, RowVerdict.RECORDED, outcome.response_id)
        await self._record_own(rest, places, asked)
        return self._settled

    async def _opened(self, waiting: Sequence[Waiting], asked: Questionnaire) -> tuple[list[_Row], dict[str, Place]]:
        known = await completions.known(self.tx.connection, self.of.source, [row.service_id for row in waiting])
        places = await place_of(self.tx.connection, {(self.of.source, name) for name in known}, asked.purpose)
        keys = await self.tx.vault.keyring(text={row.customer_ref for row in waiting})
        rows = []
        for one in waiting:
            content = keys.open(one.customer_ref, "import_row", one.sealed)
            completion = known.get(one.service_id)
            if content is ERASED:
                self._refuse(one, "service_id", "names a customer whose data was erased")
                continue
            try:
                acceptable(completion, places.get(one.service_id), asked)
            except ImportRefused as refused:
                self._refuse(one, refused.field, refused.rule)
                continue
            assert completion is not None, "it is acceptable"  # noqa: S101
            row: AnswerRow = ROW.validate_python(content)
            rows.append(_Row(one, completion, gathered_from(row, self.of.source, asked, completion)))
        return rows, places

    async def _record_own(self, rows: Sequence[_Row], places: dict[str, Place], asked: Questionnaire) -> None:
        """Rows for which no contact is open: said before, waiting for a call to end, or a record of their own."""
        if not rows:
            return
        services = {(self.of.source, row.completion.service_id) for row in rows}
        busy = await openings.busy(self.tx.connection, services)
        await self._read_said(services, asked)
        begun: dict[int, tuple[_Row, Interview]] = {}
        for row in rows:
            name = f"{self.of.import_id}/{row.waiting.number}"
            callback = own_callback(row.completion, asked, places.get(row.completion.service_id), name=name)
            try:
                part_id = callback.parts[0].part_id
                empty = interview_of(callback, OWN_RECORD, row.gathered)
                own = filled(empty, part_id, row.gathered, now=self.tx.now)
            except RefusedAnswer as refused:
                self._refuse(row.waiting, refused.field, refused.rule)
                continue
            same = self._same(row.completion.service_id, own.part(part_id))
            if same is not None:
                self._settle(row, RowVerdict.REPEATED, same)
            elif (self.of.source, row.completion.service_id) in busy:
                self._settle(row, RowVerdict.BUSY, None)
            else:
                begun[row.waiting.number] = row, own
                told = response_id(callback.callback_id, part_id)
                self._said.setdefault(row.completion.service_id, []).append((told, own.part(part_id)))
        await self._store(list(begun.values()))

    async def _read_said(self, services: set[tuple[str, str]], asked: Questionnaire) -> None:
        found = await callbacks.of_services(self.tx.connection, services)
        ids = [callback.callback_id for callback in found]
        for interview in (await recording.interviews_of(self.tx.connection, self.tx.vault, ids)).values():
            for form in interview.parts:
                if form.part.purpose is asked.purpose:
                    told = response_id(interview.callback.callback_id, form.part.part_id)
                    self._said.setdefault(interview.callback.service_id, []).append((told, form))

    def _same(self, service_id: str, form: PartForm) -> str | None:
        """The record in which these very answers stand."""
        for told, known in self._said.get(service_id, []):
            if known.answers == form.answers and known.texts == form.texts:
                return told
        return None

    async def _store(self, begun: Sequence[tuple[_Row, Interview]]) -> None:
        if not begun:
            return
        interviews = [interview for _, interview in begun]
        await callbacks.insert(self.tx.connection, [interview.callback for interview in interviews])
        keys = await recording.keyring(self.tx.vault, [interview.callback for interview in interviews])
        await recording.begin_all(self.tx, [_begun(interview, keys) for interview in interviews])
        told = await telling.conclude_all(self.tx, interviews, final=True)
        voided = await quality.voided_among(self.tx.connection, [event.response_id for event in told])
        for row, interview in begun:
            identifier = response_id(interview.callback.callback_id, interview.parts[0].part.part_id)
            outside = RowVerdict.RECORDED if interview.callback.in_design else RowVerdict.OUTSIDE
            self._settle(row, RowVerdict.DUPLICATE if identifier in voided else outside, identifier)

    def _settle(self, row: _Row, verdict: RowVerdict, told: str | None) -> None:
        one = row.waiting
        self._settled.append(Settled(one.import_id, one.number, verdict, response_id=told))

    def _refuse(self, one: Waiting, field: str, rule: str) -> None:
        self._settled.append(Settled(one.import_id, one.number, RowVerdict.REFUSED, field, rule))


def _begun(interview: Interview, keys: Keyring) -> Begun:
    return begun_from(
        interview,
        [
            recording.sealed_answer(interview, form.part.part_id, question_id, keys)
            for form in interview.parts
            for question_id in form.answers
        ],
    )


LOOPS = (
    Loop("imports", record_chosen, timedelta(seconds=1)),
    Loop("old-imports", drop_old, timedelta(hours=1)),
)
