"""One month of responses with their facts opened: a table in memory that every figure is a pure function of."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from contracts.answers import Answer, AnswerSheet
from contracts.events.tagging import TagSheet
from contracts.vocabulary import AnswerState, Dimension, ItemKind, QuestionKind, Score
from services.reporting.parts import IN_DESIGN, VALID

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
    "unexplained": pl.Boolean,
    "problem": pl.Boolean,
    "problems": pl.List(pl.String),
}


DECODED = (
    "service_type", "team", "product", "region", "level", "purchases", "answered", *DIMENSIONS, "nps", "solved",
    "unexplained", "problem", "problems",
)  # fmt: skip
"""Columns that lie sealed in the database."""
_TOLD = ("response_id", *(name for name in SCHEMA if name not in DECODED and name != "response_id"))
_FACTS = {"response_id": pl.String, "seal": pl.Int64, **{name: SCHEMA[name] for name in DECODED}}


def opened_facts(rows: Sequence[Mapping[str, Any]], open_fact: Open, held: pl.DataFrame | None = None) -> pl.DataFrame:
    """`response_id`, `seal` and the columns of `DECODED` for rows of `store.month.responses`.

    What `held` (an earlier result) has opened of the same sealed strings is taken from there.
    """
    seals = pl.DataFrame(
        {"response_id": [row["response_id"] for row in rows], "seal": [_seal(row) for row in rows]},
        schema={"response_id": pl.String, "seal": pl.Int64},
    )
    kept = pl.DataFrame(schema=_FACTS) if held is None else held.join(seals, on=["response_id", "seal"], how="semi")
    known = set(kept["response_id"])
    fresh = [_opened(row, open_fact) for row in rows if row["response_id"] not in known]
    return pl.concat([kept, pl.DataFrame(fresh, schema=_FACTS, orient="row")])


def month_frame(rows: Sequence[Mapping[str, Any]], facts: pl.DataFrame) -> pl.DataFrame:
    """Rows of `store.month.responses` with their opened facts, plus the column `counted`.

    Counted are survey responses in the design of a selected completion, not voided, with at least one answer; of
    several for one completion the first round, so that no completion speaks twice.
    """
    told = pl.DataFrame(
        {name: [row[name] for row in rows] for name in _TOLD}, schema={name: SCHEMA[name] for name in _TOLD}
    )
    return with_counted(told.join(facts.drop("seal"), on="response_id", how="left").select(list(SCHEMA)))


def with_counted(frame: pl.DataFrame) -> pl.DataFrame:
    """The table with the column `counted`, in the order of the responses."""
    ordered = frame.with_columns(candidate=VALID & IN_DESIGN).sort("completion_ref", "round", "ended_at", "response_id")
    first = pl.col("candidate") & (pl.col("candidate").cum_sum().over("completion_ref") == 1)
    return ordered.with_columns(counted=first).sort("response_id")


def _opened(row: Mapping[str, Any], open_fact: Open) -> dict[str, Any]:
    ref = row["customer_ref"]
    found: dict[str, Any] = {"response_id": row["response_id"], "seal": _seal(row)}
    found.update(_context(open_fact(ref, "context", row["context_sealed"])))
    answers = open_fact(ref, "answers", row["answers_sealed"])
    found.update(_answers(AnswerSheet.model_validate(answers) if answers is not None else AnswerSheet(answers=())))
    tags = open_fact(ref, "tags", row["tags_sealed"]) if row["tags_sealed"] else None
    found.update(_tags(TagSheet.model_validate(tags) if tags is not None else None))
    return found


def _seal(row: Mapping[str, Any]) -> int:
    """Of equal sealed strings the same, in this process."""
    return hash((row["context_sealed"], row["answers_sealed"], row["tags_sealed"]))


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
        "unexplained": _is_unexplained(sheet),
    }


def _is_unexplained(sheet: AnswerSheet) -> bool:
    """A rating of 1 whose reason was asked in vain: survey asks about it by itself."""
    worst = any(answer.alerts and answer.score is Score.VERY_DISSATISFIED for answer in sheet.answers)
    words = [answer.state for answer in sheet.answers if answer.kind is QuestionKind.TEXT]
    in_vain = any(state in (AnswerState.NOT_ANSWERED, AnswerState.REFUSED) for state in words)
    return worst and in_vain and AnswerState.ANSWERED not in words


def _is_solved(answer: Answer) -> bool:
    """The acceptance of a solution is answered in the same words and is another figure."""
    return answer.kind is QuestionKind.SOLVED


def _tags(sheet: TagSheet | None) -> dict[str, Any]:
    """Before a response is tagged nothing is known of its problems, which is not the same as none."""
    if sheet is None:
        return {"problem": None, "problems": []}
    codes = sorted({tag.code for tag in sheet.tags if tag.kind is ItemKind.PROBLEM})
    return {"problem": bool(codes), "problems": codes}
