"""Which problems customers named, what became of them, and what is done about it, pure."""

from datetime import datetime

import polars as pl

from contracts.vocabulary import CaseState, ClosedAs, Severity
from services.reporting.figure import Drill, Filters
from services.reporting.making import Figures
from services.reporting.sections import DepartmentRow, ProblemRow, Problems
from services.reporting.span import Work

_URGENCY = [severity.value for severity in Severity]
_IN_WORK = [CaseState.WORKING.value, CaseState.SOLVED.value, CaseState.TOLD.value, CaseState.REOPENED.value]


def problems(make: Figures, work: Work) -> Problems:
    return Problems(share=make.figure("problem"), by_type=_by_type(make), by_department=_by_department(work))


def _by_type(make: Figures) -> tuple[ProblemRow, ...]:
    """Respondents with the tag ÷ tagged respondents; the shares may sum above 100 %."""
    tagged = pl.col("problem").is_not_null()
    counts = codes(make)
    rows = []
    for code, number in counts:
        named, row = pl.col("problems").list.contains(code), f"problem/{code}"
        drill = Drill(selection="problem", filters=Filters(problem=code))
        rows.append(ProblemRow(row=row, code=code, share=make.share(named, tagged, drill, key=row), services=number))
    return tuple(sorted(rows, key=lambda row: (-(row.share.estimate or 0.0), row.code)))


def codes(make: Figures) -> list[tuple[str, int]]:
    """Problem types with the number of answers that name them, the frequent first."""
    named = make.sample.inside.select(pl.col("problems").list.unique()).explode("problems").drop_nulls()
    tally = named.group_by("problems").len().sort(["len", "problems"], descending=[True, False])
    return list(tally.iter_rows())


def case_parts(now: datetime) -> dict[str, pl.Expr]:
    """Parts of the cases (columns of `span.CASES`) that are counted, by the name of their count."""
    closed = pl.col("state") == CaseState.CLOSED.value
    return {
        "opened": pl.lit(True),
        "in_work": pl.col("state").is_in(_IN_WORK),
        "overdue": ~closed & (pl.col("due_at") < now),
        "closed": closed,
        "not_reached": closed & (pl.col("closed_as") == ClosedAs.NOT_REACHED.value),
    }


def _by_department(work: Work) -> tuple[DepartmentRow, ...]:
    parts = case_parts(work.now)
    rank = pl.col("severity").replace_strict(_URGENCY, list(range(len(_URGENCY))), default=len(_URGENCY))
    rows = (
        work.cases.sort(rank, "due_at", "case_id")
        .group_by("department", maintain_order=True)
        .agg(
            opened=pl.len(),
            **{name: part.sum() for name, part in parts.items() if name != "opened"},
            cases=pl.col("case_id"),
        )
        .sort(["opened", "department"], descending=[True, False])
    )
    return tuple(DepartmentRow(**{**row, "cases": tuple(row["cases"])}) for row in rows.iter_rows(named=True))
