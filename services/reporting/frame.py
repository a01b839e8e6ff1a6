"""One month of responses with their facts opened: a table in memory that every figure is a pure function of."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl

from contracts.answers import Answer, AnswerSheet
from contracts.events.tagging import TagSheet
from contracts.vocabulary import AnswerState, Dimension, ItemKind, Purpose, QuestionKind, Verdict

Open = Callable[[str, str, str], Any]
"""(customer, field, sealed) → the value, or None when its key is gone."""

DIMENSIONS = tuple(dimension.value for dimension in Dimension)

SCHEMA: dict[str, Any] = {
    "response_id": pl.String,
    "completion_ref": pl.String,
    "customer_ref": pl.String,
    "callback_id": pl.String,
    "completed_at": pl.Datetime("us", "UTC"),
    "purpose": pl.String,
    "about_response_id": pl.String,
    "status": pl.String,
    "final": pl.Boolean,
    "round": pl.Int32,
    "voided": pl.Boolean,
    "erased": pl.Boolean,
    "in_design": pl.Boolean,
    "verdict": pl.String,
    "stratum": pl.String,
    "rate_version": pl.Int32,
    "cell": pl.String,
    "source": pl.String,
    "service_id": pl.String,
    "scenario": pl.String,
    "service_type": pl.String,
    "team": pl.String,
    "product": pl.String,
    "region": pl.String,
    "level": pl.String,
    "purchases": pl.Int32,
    "channel": pl.String,
    "channel_reason": pl.String,
    "agent": pl.String,
    "ended_at": pl.Datetime("us", "UTC"),
    "flags": pl.List(pl.String),
    "answered": pl.Int32,
    **dict.fromkeys(DIMENSIONS, pl.Int8),
    "nps": pl.Int8,
    "solved": pl.String,
    "problem": pl.Boolean,
    "problems": pl.List(pl.String),
}


def month_frame(rows: Iterable[Mapping[str, Any]], open_fact: Open) -> pl.DataFrame:
    """Rows of `store.month.responses`, opened, plus the column `counted`.

    Counted are survey responses in the design of a selected completion, not voided, with at least one answer; of
    several for one completion the first round, so that no completion speaks twice.
    """
    return with_counted(pl.DataFrame([_opened(row, open_fact) for row in rows], schema=SCHEMA, orient="row"))


def with_counted(frame: pl.DataFrame) -> pl.DataFrame:
    """The table with the column `counted`, in the order of the responses."""
    candidate = (
        (pl.col("purpose") == Purpose.SURVEY.value)
        & pl.col("in_design")
        & (pl.col("verdict") == Verdict.SELECTED.value)
        & ~pl.col("voided")
        & (pl.col("answered") > 0)
    )
    ordered = frame.with_columns(candidate=candidate).sort("completion_ref", "round", "ended_at", "response_id")
    first = pl.col("candidate") & (pl.col("candidate").cum_sum().over("completion_ref") == 1)
    return ordered.with_columns(counted=first).sort("response_id")


def _opened(row: Mapping[str, Any], open_fact: Open) -> dict[str, Any]:
    ref = row["customer_ref"]
    found: dict[str, Any] = {name: value for name, value in row.items() if name in SCHEMA}
    found.update(_context(open_fact(ref, "context", row["context_sealed"])))
    answers = open_fact(ref, "answers", row["answers_sealed"])
    found.update(_answers(AnswerSheet.model_validate(answers) if answers is not None else AnswerSheet(answers=())))
    tags = open_fact(ref, "tags", row["tags_sealed"]) if row["tags_sealed"] else None
    found.update(_tags(TagSheet.model_validate(tags) if tags is not None else None))
    return found


def _context(context: Mapping[str, Any] | None) -> dict[str, Any]:
    context = context or {}
    plain = {name: context.get(name) for name in ("service_type", "product", "region", "level")}
    team = (context.get("handler") or {}).get("team")
    return {**plain, "team": team, "purchases": len(context.get("purchases") or ())}


def _answers(sheet: AnswerSheet) -> dict[str, Any]:
    scores = {dimension.value: sheet.score(dimension) for dimension in Dimension}
    return {
        **{name: None if score is None else int(score) for name, score in scores.items()},
        "answered": sum(answer.state is AnswerState.ANSWERED for answer in sheet.answers),
        "nps": next((a.likelihood for a in sheet.answers if a.likelihood is not None), None),
        "solved": next((a.solved.value for a in sheet.answers if _is_solved(a) and a.solved is not None), None),
    }


def _is_solved(answer: Answer) -> bool:
    """The acceptance of a solution is answered in the same words and is another figure."""
    return answer.kind is QuestionKind.SOLVED


def _tags(sheet: TagSheet | None) -> dict[str, Any]:
    """Before a response is tagged nothing is known of its problems, which is not the same as none."""
    if sheet is None:
        return {"problem": None, "problems": []}
    codes = sorted({tag.code for tag in sheet.tags if tag.kind is ItemKind.PROBLEM})
    return {"problem": bool(codes), "problems": codes}
