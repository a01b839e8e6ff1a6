"""Which problems customers named, and their own words: masked, rendered live, kept in no document."""

from dataclasses import dataclass
from typing import Annotated, Any

import polars as pl
from fastapi import Query, Request, Response

from chassis.runtime import Runtime
from chassis.vault import scope_of
from chassis.web.pages import render, runtime_of
from chassis.web.router import GuardedRouter
from contracts.answers import AnswerTexts
from contracts.events.tagging import TagSheet
from services.reporting import words
from services.reporting.documents.chapters import answers, working
from services.reporting.doors import READERS, ReportKey
from services.reporting.pages.charts import TOOLS
from services.reporting.pages.opening import opened
from services.reporting.quoting import Part, quoted
from services.reporting.reports import span_of
from services.reporting.store import cases as cases_store
from services.reporting.store import verbatims as store

SHOWN = 8
_LOOKED_AT = 60  # answers with the tag among which those with words are looked for

router = GuardedRouter()


@dataclass(frozen=True)
class Quote:
    """One answer's words with the evidence of the chosen problem marked."""

    row: dict[str, Any]
    parts: tuple[Part, ...]
    provenance: str
    version: str


@router.get("/problems", access=READERS)
async def problems(
    request: Request, period: ReportKey = None, problem: Annotated[str | None, Query(max_length=60)] = None
) -> Response:
    runtime = runtime_of(request)
    found = await opened(request, period)
    types = [row.code for row in found.report.content.problems.by_type]
    chosen = problem if problem in types else (types[0] if types else None)
    frame = (await span_of(runtime, found.period)).frame
    quotes = await _quotes(runtime, frame, chosen) if chosen else []
    async with runtime.reading() as connection:
        followed = await cases_store.cases_of(connection, [quote.row["response_id"] for quote in quotes])
    return render(
        request,
        "problems.html",
        now=await runtime.now(),
        report=found.report,
        others=found.others,
        section=answers.problems(found.report),
        measures=working.measures(found.report),
        types=types,
        chosen=chosen,
        quotes=quotes,
        followed=followed,
        tools=TOOLS,
        words=words,
    )


async def _quotes(runtime: Runtime, frame: pl.DataFrame, code: str) -> list[Quote]:
    """The newest answers that name the problem and have words for it; of erased customers none.

    Tags of an older revision than the words point at other words: such an answer waits for its tagging.
    """
    naming = frame.filter(pl.col("counted") & pl.col("problems").list.contains(code) & ~pl.col("erased"))
    rows = list(naming.sort("ended_at", "response_id", descending=True).head(_LOOKED_AT).iter_rows(named=True))
    async with runtime.reading() as connection:
        sealed = {one.response_id: one for one in await store.texts_of(connection, [r["response_id"] for r in rows])}
    keys = await runtime.vault.keyring(
        text={one.customer_ref for one in sealed.values()},
        facts={scope_of(one.tags_sealed) for one in sealed.values() if one.tags_sealed},
    )
    quotes: list[Quote] = []
    for row in rows:
        one = sealed.get(row["response_id"])
        if one is None or one.tags_sealed is None or one.tagged_revision != one.revision:
            continue
        texts = keys.open_as(AnswerTexts, one.customer_ref, "texts", one.texts_sealed)
        tags = keys.open_as(TagSheet, one.customer_ref, "tags", one.tags_sealed)
        if isinstance(texts, AnswerTexts) and isinstance(tags, TagSheet):
            quotes += _quoted(row, texts.texts, tags, code)
        if len(quotes) >= SHOWN:
            break
    return quotes[:SHOWN]


def _quoted(row: dict[str, Any], texts: dict[str, str], tags: TagSheet, code: str) -> list[Quote]:
    """One quotation for each answer text in which the problem has evidence."""
    found: dict[str, list[tuple[int, int]]] = {}
    naming = [tag for tag in tags.tags if tag.code == code]
    for tag in naming:
        for span in tag.spans:
            found.setdefault(span.question_id, []).append((span.start, span.end))
    return [
        Quote(row, quoted(texts[question], spans), naming[0].provenance.value, naming[0].version)
        for question, spans in found.items()
        if question in texts
    ]
