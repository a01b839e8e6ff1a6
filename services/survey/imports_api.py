"""Tables of answers by HTTP: a template, the upload with a verdict for each row, the commit, the progress."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.runtime import Runtime
from chassis.spreadsheets import XLSX, TableRefused, write_workbook
from chassis.web.i18n import gettext as _
from chassis.web.i18n import speech
from chassis.web.pages import runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import SourceName
from services.survey import catalogue, staging, taking
from services.survey.catalogue import UnknownQuestionnaire
from services.survey.imports import MOST_ROWS, ImportRefused, template
from services.survey.store import imports
from services.survey.store.imports import Import, RowVerdict
from services.survey.taking import UnknownImport

IMPORTERS = roles(Role.SUPERVISOR, Role.ADMIN)
Importer = Annotated[Person, Depends(signed_in)]
router = GuardedRouter(prefix="/imports", tags=["imports"])


class CountOut(BaseModel):
    """`state`: staged (looked at), chosen (waits to be recorded), settled."""

    state: str
    verdict: RowVerdict
    rows: int


class ImportOut(BaseModel):
    """`source`: whose services the rows name. `staged`: every row has been looked at."""

    import_id: str
    source: str
    questionnaire: str
    version: int
    file_name: str
    rows: int
    staged: bool
    uploaded_by: str
    uploaded_at: datetime
    counts: list[CountOut]


class RowOut(BaseModel):
    """`number` as the table shows it, the heading is 1. A refused row names field and rule.

    `service_id` is None where the row names no service that is known: what stands there may be anything.
    """

    number: int
    service_id: str | None
    state: str
    verdict: RowVerdict
    fault_field: str | None
    fault_rule: str | None
    response_id: str | None


class RowsOut(BaseModel):
    rows: list[RowOut]


_Number = Annotated[int, Field(ge=2, le=MOST_ROWS + 1)]


class Commit(BaseModel):
    """All rows that can be recorded, or those with these numbers."""

    model_config = ConfigDict(extra="forbid")

    rows: Literal["all"] | Annotated[list[_Number], Field(min_length=1, max_length=MOST_ROWS)]


class Committed(BaseModel):
    chosen: int


@router.get("/templates/{questionnaire}", access=IMPORTERS, response_class=Response)
async def template_of(questionnaire: str) -> Response:
    """An Excel workbook with a column for each question; each says whether it takes scores or telephone keys."""
    with faults():
        content = write_workbook(template(catalogue.newest(questionnaire), speech.get().language))
    named = {"Content-Disposition": f'attachment; filename="{questionnaire}.xlsx"'}
    return Response(content, media_type=XLSX, headers=named)


async def staged(
    request: Request,
    person: Importer,
    file: UploadFile,
    questionnaire: Annotated[str, Form(max_length=40)],
    source: Annotated[SourceName, Form()] = "crm",
) -> Import:
    """What was uploaded, every row looked at."""
    content, name = await file.read(), file.filename or ""
    with faults():
        return await staging.upload(
            runtime_of(request), person, content, file_name=name, questionnaire=questionnaire, source=source
        )


Uploaded = Annotated[Import, Depends(staged)]


@router.post("", access=IMPORTERS, status_code=201)
async def upload(request: Request, found: Uploaded) -> ImportOut:
    """An .xlsx or .csv (UTF-8, GB18030) of at most 50,000 rows. The same file again gives the same batch."""
    return await import_out(runtime_of(request), found)


@router.get("", access=IMPORTERS)
async def newest(request: Request) -> list[ImportOut]:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        found = await imports.newest(connection, 20)
    return [await import_out(runtime, one) for one in found]


@router.get("/{import_id}", access=IMPORTERS)
async def one(request: Request, import_id: str) -> ImportOut:
    runtime = runtime_of(request)
    return await import_out(runtime, await known(runtime, import_id))


@router.get("/{import_id}/rows", access=IMPORTERS)
async def rows(
    request: Request,
    import_id: str,
    verdict: RowVerdict | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=MOST_ROWS)] = 0,
) -> RowsOut:
    """In the table's order."""
    runtime = runtime_of(request)
    await known(runtime, import_id)
    async with runtime.reading() as connection:
        found = await imports.rows(connection, import_id, verdict=verdict, limit=limit, offset=offset)
    return RowsOut(rows=[RowOut(**asdict(row)) for row in found])


@router.post("/{import_id}/commit", access=IMPORTERS, status_code=202)
async def commit(request: Request, person: Importer, import_id: str, said: Commit) -> Committed:
    """May be said twice: a row that is chosen or settled already is not chosen again."""
    numbers = None if said.rows == "all" else said.rows
    with faults():
        return Committed(chosen=await taking.commit(runtime_of(request), person, import_id, numbers))


async def known(runtime: Runtime, import_id: str) -> Import:
    """Raises `Problem` 404."""
    async with runtime.reading() as connection:
        found = await imports.one(connection, import_id)
    if found is None:
        raise Problem(404, _("没有这批导入"))
    return found


async def import_out(runtime: Runtime, found: Import) -> ImportOut:
    async with runtime.reading() as connection:
        counted = await imports.counts(connection, found.import_id)
    shown = {name: getattr(found, name) for name in ImportOut.model_fields if name != "counts"}
    return ImportOut(**shown, counts=[CountOut(**asdict(count)) for count in counted])


@contextmanager
def faults() -> Iterator[None]:
    try:
        yield
    except TableRefused as refused:
        errors = [{"field": "file", "rule": str(refused)}]
        raise Problem(422, _("这个文件读不了"), str(refused), errors=errors) from None
    except ImportRefused as refused:
        errors = [{"field": refused.field, "rule": refused.rule}]
        raise Problem(422, _("这张表不能导入"), str(refused), errors=errors) from None
    except UnknownQuestionnaire:
        errors = [{"field": "questionnaire", "rule": "is unknown"}]
        raise Problem(404, _("没有这份问卷"), errors=errors) from None
    except UnknownImport:
        raise Problem(404, _("没有这批导入"), _("或者文件还没有读完，请重新上传同一个文件。")) from None
