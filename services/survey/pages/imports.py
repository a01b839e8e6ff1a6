"""Imported tables for supervisors and administrators: upload, preview row by row, commit, progress."""

from functools import partial
from typing import Annotated

from fastapi import Form, Query, Request, Response

from chassis.web.i18n import N_
from chassis.web.pages import render, runtime_of, see_other
from chassis.web.paging import pages_of
from chassis.web.router import GuardedRouter
from services.survey import catalogue, taking
from services.survey.imports_api import IMPORTERS, CountOut, Importer, Uploaded, faults, import_out, known
from services.survey.pages.import_words import reason_of
from services.survey.store import imports
from services.survey.store.imports import CHOOSABLE, RowVerdict

PAGE = 50
router = GuardedRouter()

VERDICTS = {
    RowVerdict.READY: ("outline", N_("可以录入")),
    RowVerdict.OUTSIDE: ("mid", N_("样本之外")),
    RowVerdict.DUPLICATE: ("due", N_("已有记录")),
    RowVerdict.BUSY: ("due", N_("正在联系客户")),
    RowVerdict.REFUSED: ("over", N_("不能录入")),
    RowVerdict.RECORDED: ("ok", N_("已录入")),
    RowVerdict.REPEATED: ("mid", N_("内容相同，已录过")),
}


@router.get("/imports", access=IMPORTERS)
async def listed(request: Request) -> Response:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        found = await imports.newest(connection, 20)
    return render(
        request,
        "imports.html",
        now=await runtime.now(),
        batches=found,
        questionnaires=sorted(
            {questionnaire.id: questionnaire for questionnaire in catalogue.catalogue().values()}.items()
        ),
    )


@router.post("/imports", access=IMPORTERS)
async def upload(request: Request, found: Uploaded) -> Response:
    return see_other(request, f"/survey/imports/{found.import_id}")


@router.get("/imports/{import_id}", access=IMPORTERS)
async def one(
    request: Request,
    import_id: str,
    verdict: RowVerdict | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    runtime = runtime_of(request)
    batch = await import_out(runtime, await known(runtime, import_id))
    async with runtime.reading() as connection:
        rows = await imports.rows(connection, import_id, verdict=verdict, limit=PAGE, offset=(page - 1) * PAGE)
    shown = batch.rows if verdict is None else _sum(batch.counts, verdict=verdict)
    return render(
        request,
        "import.html",
        now=await runtime.now(),
        batch=batch,
        rows=rows,
        verdict=verdict,
        page=page,
        pages=pages_of(shown, PAGE),
        words=VERDICTS,
        by_verdict={name: count for name in VERDICTS if (count := _sum(batch.counts, verdict=name))},
        choosable=sum(count.rows for count in batch.counts if count.state == "staged" and count.verdict in CHOOSABLE),
        waiting=_sum(batch.counts, state="chosen"),
        settled=_sum(batch.counts, state="settled"),
        can_choose=CHOOSABLE,
        reason=partial(reason_of, asked=catalogue.exactly(batch.questionnaire, batch.version)),
    )


@router.post("/imports/{import_id}/commit", access=IMPORTERS)
async def commit(
    request: Request,
    person: Importer,
    import_id: str,
    which: Annotated[str, Form(max_length=10)] = "chosen",
    row: Annotated[list[int] | None, Form()] = None,
) -> Response:
    numbers = None if which == "all" else row or []
    with faults():
        await taking.commit(runtime_of(request), person, import_id, numbers)
    return see_other(request, f"/survey/imports/{import_id}")


def _sum(counts: list[CountOut], *, verdict: RowVerdict | None = None, state: str | None = None) -> int:
    return sum(count.rows for count in counts if verdict in (None, count.verdict) and state in (None, count.state))
