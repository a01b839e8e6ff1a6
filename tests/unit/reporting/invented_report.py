"""A whole invented report, as the model holds it."""

from datetime import UTC, date, datetime
from typing import Any

from contracts.outcomes import AaporOutcome
from services.reporting.figure import Drill, Figure, Filters, Ratio, Refusal
from services.reporting.figures import KINDS, FigureKind
from services.reporting.limits import Side, Verdict
from services.reporting.model import Content, Header, PeriodKind, Report
from services.reporting.outcomes import COUNTED
from services.reporting.report import Aapor, Outside, Participation, Recovery, Skew, StratumRow, Summary
from services.reporting.sections import (
    AgentRow,
    Anomaly,
    ChannelRow,
    Channels,
    Conclusions,
    DepartmentRow,
    DimensionRow,
    FlagEffect,
    Measure,
    ModeEffect,
    Music,
    NamedFigure,
    NpsSection,
    People,
    ProblemRow,
    Problems,
    ProfileRow,
    Profiles,
    Standing,
    TeamRow,
    Trend,
    TrendPoint,
)
from services.reporting.work import Duration, Efficiency, StepRow, WeeklyReview

VALUES = {
    "overall": (4.27, 0.06), "nps": (34.6, 4.4), "solved": (0.826, 0.022), "problem": (0.142, 0.02),
    "response_speed": (3.98, 0.07), "competence": (4.41, 0.06), "attitude": (4.52, 0.05), "clarity": (4.33, 0.06),
    "callback": (4.61, 0.04),
}  # fmt: skip
TARGETS = {"solved": 0.85, "attitude": 4.5, "callback": 4.5}


def a_figure(estimate: float, half: float, n: int = 1498, key: str = "overall", **given: Any) -> Figure:
    low, high, target = estimate - half, estimate + half, TARGETS.get(key)
    verdict = None
    if target is not None:
        verdict = Verdict.MET if low >= target else Verdict.MISSED if high <= target else Verdict.UNDECIDED
    told: dict[str, Any] = {
        "kind": KINDS.get(key, FigureKind.MEAN), "estimate": estimate, "low": low, "high": high, "n": n,
        "effective_n": n * 0.72, "deff": 1.39, "se": half / 1.96, "enough": True, "refused": None,
        "raw": estimate - 0.25,
        "target": target, "good": Side.HIGH if target else None, "verdict": verdict, "drill": Drill(selection=key),
    }  # fmt: skip
    return Figure(**(told | given))


def a_refused(key: str = "overall", n: int | None = 7, refused: Refusal = Refusal.TOO_FEW) -> Figure:
    nothing = dict.fromkeys(("low", "high", "se", "effective_n", "deff", "verdict"))
    return a_figure(3.5, 1.0, key=key, n=7, enough=False, refused=refused, **nothing).model_copy(update={"n": n})


def headline(key: str) -> Figure:
    return a_figure(*VALUES[key], key=key)


def a_report(kind: PeriodKind = PeriodKind.MONTH, *, provisional: bool = False) -> Report:
    week = kind is PeriodKind.WEEK
    content = Content(
        summary=a_summary(provisional=provisional),
        conclusions=Conclusions(
            satisfaction=headline("overall"), nps=headline("nps"), strengths=(dimensions()[2],),
            shortcomings=(dimensions()[0],),
        ),
        dimensions=dimensions(),
        nps=nps(),
        problems=problems(),
        measures=measures(),
        anomalies=(
            Anomaly(response_id="r-17", source="crm", service_id="S-00017", stratum="after_sale/洗衣机维修", score=1,
                    median=4.5, n=61, verified=False),
        ),
        flagged=(FlagEffect(key="overall", with_flagged=headline("overall"), without=a_figure(4.29, 0.06, 1460)),),
        channels=channels(),
        trends=(trend("overall", 4.31), trend("nps", 36.0)),
        efficiency=None if week else efficiency(),
        weekly=weekly() if week else None,
        people=People(
            agents=(AgentRow(agent="xuhang", calls=140, reached=a_ratio(96, 140), rating=headline("callback"),
                             seconds=402.0),
                    AgentRow(agent="songyan", calls=9, reached=a_ratio(5, 9), rating=a_refused("callback", 5),
                             seconds=None)),
            teams=(TeamRow(team="家电维修一组", overall=a_figure(4.2, 0.1, 410),
                           attitude=a_figure(4.55, 0.1, 405, "attitude"),
                           solved=a_figure(0.81, 0.04, 402, "solved")),),
        ),
        music=Music(empty=True, bands=bands(), tunes=()),
        profiles=Profiles(
            rows=(ProfileRow(purchases="1", channel="phone", overall=a_figure(4.22, 0.09, 500)),
                  ProfileRow(purchases="2-4", channel="email", overall=a_refused(n=None, refused=Refusal.SUPPRESSED))),
            high_scorers=12, drill=Drill(selection="valid"),
        ),
    )  # fmt: skip
    starts, ends = datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC)
    header = Header(
        kind=kind, key="2026-W43" if week else "2026-10", starts=starts, ends=ends, provisional=provisional,
        minimum_n=10, revision=1, computed_at=ends, digest=content.digest(),
    )  # fmt: skip
    return Report(header=header, content=content)


def a_ratio(count: int, of: int) -> Ratio:
    return Ratio(count=count, of=of, value=count / of if of else None)


def dimensions() -> tuple[DimensionRow, ...]:
    rows = (("response_speed", 0.34, Standing.SHORTCOMING), ("competence", 0.21, Standing.BETWEEN),
            ("attitude", 0.27, Standing.STRENGTH), ("clarity", 0.18, Standing.BETWEEN))  # fmt: skip
    return tuple(
        DimensionRow(
            key=key, level=headline(key), weight=a_figure(weight, 0.04, kind=FigureKind.WEIGHT), standing=standing
        )
        for key, weight, standing in rows
    )


def a_summary(*, provisional: bool) -> Summary:
    counts = dict(zip(COUNTED, (1438, 133, 214, 566, 61, 126), strict=True))
    return Summary(
        period="2026-10", provisional=provisional, minimum_n=10, figures={key: headline(key) for key in VALUES},
        solved_answers={"yes": 1240, "no": 210, "unsure": 52},
        participation=Participation(selected=2600, eligible=2538, participation=a_ratio(1571, 2538),
                                    recovery=a_ratio(1528, 2538)),
        aapor=Aapor(
            counts={AaporOutcome(key): value for key, value in counts.items()}, open=3, not_eligible=62, e=0.97,
            rr1=a_ratio(1438, 2538), rr2=a_ratio(1571, 2538), rr3=0.5681, rr4=0.6207, rr5=a_ratio(1438, 2412),
            rr6=a_ratio(1571, 2412), cooperation=a_ratio(1438, 1846), contact=a_ratio(1846, 2538),
            refusal=a_ratio(214, 2538),
        ),
        strata=(
            StratumRow(stratum="complaint", rate_version=1, certainty=True, rate=1.0, accepted=520, selected=520,
                       answered=327, weight=None if provisional else 1.59, overall=2.61, shortfall=0),
            StratumRow(stratum="after_sale/洗衣机维修", rate_version=1, certainty=False, rate=0.124, accepted=9_800,
                       selected=1_215, answered=801, weight=None if provisional else 12.23, overall=4.4, shortfall=0),
        ),
        merged=(), uncovered={"installation/other": 31},
        skew=Skew(stratum="complaint", population_share=0.031, answer_share=0.214),
        outside=Outside(outside_design=14, outside_design_mean=4.5, voided=6, repeated=2, empty=1, without_weight=0,
                        out_of_frame=9, rejected=3),
        flagged=38, recovery=Recovery(pairs=21, before=1.9, after=4.1, recovered=a_ratio(15, 18)),
    )  # fmt: skip


def nps() -> NpsSection:
    shares = (("promoters", 0.523), ("passives", 0.3), ("detractors", 0.177))
    return NpsSection(
        nps=headline("nps"),
        shares=tuple(NamedFigure(key=key, figure=a_figure(value, 0.03, key="solved", target=None, verdict=None))
                     for key, value in shares),
        by_scenario=(NamedFigure(key="after_sale", figure=a_figure(41.0, 5.0, 900, "nps")),
                     NamedFigure(key="complaint", figure=a_figure(-38.0, 9.0, 327, "nps"))),
    )  # fmt: skip


def bands() -> tuple[NamedFigure, ...]:
    return tuple(
        NamedFigure(key=key, figure=a_figure(value, 0.03, key="problem"))
        for key, value in (("low", 0.081), ("middle", 0.396), ("high", 0.523))
    )


def problems() -> Problems:
    rows = (("response_speed", 0.069, 118), ("process", 0.048, 84), ("competence", 0.031, 52), ("attitude", 0.019, 37))
    opens = {code: Drill(selection="problem", filters=Filters(problem=code)) for code, *_rest in rows}
    return Problems(
        share=headline("problem"),
        by_type=tuple(
            ProblemRow(row=f"problem/{code}", code=code, services=n,
                       share=a_figure(value, 0.014, key="problem", drill=opens[code]))
            for code, value, n in rows
        ),
        by_department=(DepartmentRow(department="repair", opened=40, in_work=11, overdue=2, closed=26, not_reached=1,
                                     cases=("case-1", "case-2")),),
    )  # fmt: skip


def measures() -> tuple[Measure, ...]:
    return (
        Measure(improvement_id="im-1", period="2026-10", row="problem/process", measure="派工时必须勾选配件清单",
                department="repair", owner="repair.lead", due_on=date(2026, 11, 20), state="working", overdue=False),
        Measure(improvement_id="im-2", period="2026-10", row="problem/response_speed",
                measure="热线转接后 1 小时内回拨",
                department="service_desk", owner="desk.lead", due_on=date(2026, 11, 3), state="open", overdue=True),
    )  # fmt: skip


def channels() -> Channels:
    difference = a_figure(-0.08, 0.14, 610, kind=FigureKind.DIFFERENCE)
    return Channels(
        mix=(ChannelRow(channel="phone", share=a_ratio(1100, 1528), overall=a_figure(4.2, 0.07, 1100)),
             ChannelRow(channel="email", share=a_ratio(428, 1528), overall=a_figure(4.4, 0.1, 428))),
        random=a_ratio(610, 1528),
        effects=(ModeEffect(key="overall", phone=a_figure(4.22, 0.1, 305), online=a_figure(4.3, 0.1, 305),
                            difference=difference),),
    )  # fmt: skip


def trend(key: str, around: float) -> Trend:
    months = [f"2025-{month:02}" for month in (11, 12)] + [f"2026-{month:02}" for month in range(1, 11)]
    points = []
    for position, month in enumerate(months):
        value = around + (position % 4 - 1.5) * 0.03 * around
        known = position != 4
        points.append(
            TrendPoint(period=month, estimate=value if known else None, low=value * 0.98 if known else None,
                       high=value * 1.02 if known else None, n=1500 if known else None,
                       standardised=value * 1.001 if known else None, outside=position == 3)
        )  # fmt: skip
    return Trend(key=key, points=tuple(points), centre=around, lower=around * 0.96, upper=around * 1.04)


def efficiency() -> Efficiency:
    return Efficiency(
        duration=Duration(n=880, seconds=391.0, low=380.0, high=402.0, baseline=480.0, change=-0.185, target=384.0,
                          verdict=Verdict.UNDECIDED),
        solved=headline("solved"), completeness=a_ratio(1012, 1012), completeness_target=1.0, prompt=a_ratio(998, 1012),
        callback=headline("callback"), attitude=headline("attitude"),
    )  # fmt: skip


def weekly() -> WeeklyReview:
    return WeeklyReview(
        steps=(StepRow(step="first_attempt", n=300, median=34_800.0, p90=70_000.0, limit=21_600.0,
                       within=a_ratio(201, 300)),
               StepRow(step="told", n=11, median=92_000.0, p90=180_000.0, limit=172_800.0, within=a_ratio(9, 11))),
        frequent=(("response_speed", 31), ("process", 22), ("attitude", 9)),
    )  # fmt: skip
