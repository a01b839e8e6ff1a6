"""Invented months as opened frames, without a database."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from contracts.vocabulary import Cell, Explanation
from services.reporting.calendar import ReportPeriod, period_of
from services.reporting.composing.content import content_of
from services.reporting.frame import SCHEMA, with_counted
from services.reporting.ledger import CellCount, Ledger, Rate
from services.reporting.limits import read_limits
from services.reporting.model import Content, Report
from services.reporting.reports import report_of
from services.reporting.span import CALLS, CASES, STEPS, Month, Span, Work
from services.reporting.weights import CellKey

ZONE = ZoneInfo("Asia/Shanghai")
PERIOD = "2026-10"
DAY = datetime(2026, 10, 12, 3, tzinfo=UTC)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LIMITS = read_limits()


def an_answer(number: int, **told: Any) -> dict[str, Any]:
    """One valid survey answer with a score of 4 everywhere, other values as told."""
    scores = dict.fromkeys(("overall", "response_speed", "competence", "attitude", "clarity", "callback"), 4)
    plain = {
        "response_id": f"response-{number:04}", "completion_ref": f"completion-{number:04}",
        "customer_ref": f"customer-{number:04}", "callback_id": f"callback-{number:04}", "completed_at": DAY,
        "purpose": "survey", "status": "complete", "final": True, "round": 1, "voided": False, "erased": False,
        "in_design": True, "verdict": "selected", "stratum": "complaint", "rate_version": 1, "cell": "first",
        "source": "crm", "service_id": f"S-{number:04}", "scenario": "complaint", "channel": "phone",
        "channel_reason": "policy", "ended_at": DAY + timedelta(days=1, seconds=number), "flags": [], "answered": 8,
        "nps": 9, "solved": "yes", "problem": False, "problems": [], "purchases": 0,
    }  # fmt: skip
    return {**dict.fromkeys(SCHEMA), **plain, **scores, **told}


def a_month(
    answers: Sequence[Mapping[str, Any]], accepted: Mapping[str, int], *, period: str = PERIOD, closed: bool = True
) -> Month:
    """`accepted`: N of each stratum; everybody was selected."""
    frame = with_counted(pl.DataFrame([dict(one) for one in answers], schema=SCHEMA, orient="row"))
    cells = tuple(CellCount(CellKey(name, 1, Cell.FIRST), size, size) for name, size in sorted(accepted.items()))
    rates = tuple(Rate(name, 1, 1.0, None, certainty=True) for name in sorted(accepted))
    ledger = Ledger(NOW if closed else None, cells, rates, out_of_frame=0, rejected=0)
    heard = len(answers)
    return Month(period, ledger, frame, {Explanation.COMPLETE: heard, None: sum(accepted.values()) - heard})


def a_span(month: Month, period: ReportPeriod | None = None) -> Span:
    return Span(period or period_of(month.period, ZONE), (month,), month.ledger, month.frame, month.explanations)


def some_work(*, cases: Sequence[Mapping[str, Any]] = (), calls: Sequence[Mapping[str, Any]] = (), **told: Any) -> Work:
    return Work(
        cases=pl.DataFrame([{**dict.fromkeys(CASES), **one} for one in cases], schema=CASES),
        calls=pl.DataFrame([{**dict.fromkeys(CALLS), **one} for one in calls], schema=CALLS),
        steps=pl.DataFrame(schema=STEPS),
        measures=told.pop("measures", ()),
        now=NOW,
        **told,
    )


def a_report(strata: Mapping[str, int], *, channels: Mapping[str, int] | None = None) -> Report:
    """A month with so many answers in each stratum; channels are dealt out in order. Half of the services answered."""
    names = [name for name, number in strata.items() for _ in range(number)]
    ways = [name for name, number in (channels or {"phone": len(names)}).items() for _ in range(number)]
    answers = [
        an_answer(number, stratum=stratum, channel=channel, overall=5 if number % 3 else 2)
        for number, (stratum, channel) in enumerate(zip(names, ways, strict=True))
    ]
    span = a_span(a_month(answers, {name: 2 * number for name, number in strata.items()}))
    cases = [{"case_id": f"case-{n}", "department": "repair", "state": "open", "severity": "major", "due_at": NOW}
             for n in range(6)]  # fmt: skip
    return report_of(span.period, content_of(span, some_work(cases=cases), LIMITS), revision=0, now=NOW)


def content(answers: list[dict[str, object]], accepted: dict[str, int] | None = None, **work: object) -> Content:
    month = a_month(answers, accepted or {"complaint": 2 * len(answers)})
    return content_of(a_span(month), some_work(**work), LIMITS)  # type: ignore[arg-type]


def call(number: int, seconds: float, **told: object) -> dict[str, object]:
    start = DAY + timedelta(days=1)
    plain = {
        "attempt_id": f"attempt-{number:03}", "callback_id": f"callback-{number:04}", "channel": "phone",
        "disposition": "complete", "agent": "lin", "connected_at": start,
        "ended_at": start + timedelta(seconds=seconds),
        "wrapup_missing": False, "response_id": f"response-{number:04}",
        "recorded_at": start + timedelta(seconds=seconds + 60),
    }  # fmt: skip
    return {**plain, **told}
