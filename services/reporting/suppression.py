"""What readers without access to cases are told: small cells hidden, and whatever would give them away, pure.

They get published months only, with fixed tables: every table is one partition of the same answers, no cross tables, no
filters, no weeks, no earlier revisions. So all that can be subtracted is a table's shown cells from its total, and
`hidden` leaves at least two cells with at least k answers behind that difference.

Source: Hundepool et al., Statistical Disclosure Control (2012), chapter 4 (threshold rule, secondary suppression).
"""

from collections.abc import Sequence

from services.reporting.figure import Figure, Ratio, Refusal
from services.reporting.model import Content, Report
from services.reporting.report import Recovery, StratumRow, Summary
from services.reporting.sections import ChannelRow, Channels, Music, People, ProblemRow, Problems

MERGED = "merged"
"""The row that stands for all hidden strata."""
NOTHING = Ratio(count=None, of=None, value=None)


def hidden(counts: Sequence[int], k: int) -> frozenset[int]:
    """Positions of one partition that are not shown: cells from 1 to k − 1, then the smallest others (empty ones never
    help) until those hidden have together at least k answers (so they are two or more), or nothing is left."""
    small = {position for position, count in enumerate(counts) if 0 < count < k}
    if not small:
        return frozenset()
    others = sorted((count, position) for position, count in enumerate(counts) if count >= k)
    while others and sum(counts[position] for position in small) < k:
        small.add(others.pop(0)[1])
    return frozenset(small)


def restricted(report: Report, k: int) -> Report:
    """The same report without cells below k, without lists of cases and without what is about single people."""
    content = report.content
    told = content.model_copy(
        update={
            "summary": _summary(content.summary, k),
            "conclusions": content.conclusions.model_copy(
                update={
                    "satisfaction": shown(content.conclusions.satisfaction, k),
                    "nps": shown(content.conclusions.nps, k),
                }
            ),
            "nps": content.nps.model_copy(update={"nps": shown(content.nps.nps, k), "by_scenario": ()}),
            "problems": _problems(content.problems, k),
            "channels": _channels(content.channels, k),
            "anomalies": (),
            "flagged": (),
            "weekly": None,
            "people": People(agents=(), teams=()),
            "music": Music(empty=content.music.empty, bands=content.music.bands, tunes=()),
            "profiles": content.profiles.model_copy(update={"rows": (), "high_scorers": 0}),
        }
    )
    return Report(header=report.header, content=_of_enough(told, k))


def shown(figure: Figure, k: int) -> Figure:
    """The figure, or its place when 1 to k − 1 answers make it."""
    return suppressed(figure) if figure.n is not None and 0 < figure.n < k else figure


def suppressed(figure: Figure) -> Figure:
    numbers = ("estimate", "low", "high", "n", "effective_n", "deff", "se", "raw", "verdict")
    return figure.model_copy(update={**dict.fromkeys(numbers), "enough": False, "refused": Refusal.SUPPRESSED})


def _of_enough(content: Content, k: int) -> Content:
    rows = tuple(
        row.model_copy(update={"level": shown(row.level, k), "weight": shown(row.weight, k)})
        for row in content.dimensions
    )
    efficiency = content.efficiency and content.efficiency.model_copy(
        update={
            "solved": shown(content.efficiency.solved, k),
            "callback": shown(content.efficiency.callback, k),
            "attitude": shown(content.efficiency.attitude, k),
        }
    )
    return content.model_copy(update={"dimensions": rows, "efficiency": efficiency})


def _summary(summary: Summary, k: int) -> Summary:
    gone = hidden([row.answered for row in summary.strata], k)
    strata = tuple(row for position, row in enumerate(summary.strata) if position not in gone)
    if gone:
        strata = (*strata, _together([summary.strata[position] for position in sorted(gone)]))
    names = {summary.strata[position].stratum for position in gone}
    outside = summary.outside
    solved = list(summary.solved_answers)
    unspoken = hidden([summary.solved_answers[answer] for answer in solved], k)
    return summary.model_copy(
        update={
            "strata": strata,
            "figures": {key: shown(figure, k) for key, figure in summary.figures.items()},
            "solved_answers": {} if unspoken else summary.solved_answers,
            "skew": None if summary.skew is None or summary.skew.stratum in names else summary.skew,
            "outside": outside.model_copy(update={"outside_design_mean": None})
            if outside.outside_design < k
            else outside,
            "recovery": _recovery(summary.recovery, k),
        }
    )


def _together(rows: Sequence[StratumRow]) -> StratumRow:
    """Hidden strata as one row: only what a subtraction would tell anyway."""
    return StratumRow(
        stratum=MERGED,
        rate_version=1,
        certainty=None,
        rate=None,
        accepted=sum(row.accepted for row in rows),
        selected=sum(row.selected for row in rows),
        answered=sum(row.answered for row in rows),
        weight=None,
        overall=None,
        shortfall=sum(row.shortfall for row in rows),
    )


def _recovery(recovery: Recovery, k: int) -> Recovery:
    if not 0 < recovery.pairs < k:
        return recovery
    return Recovery(pairs=0, before=None, after=None, recovered=NOTHING)


def _problems(problems: Problems, k: int) -> Problems:
    """The types may overlap and have no total: each is judged alone. Cases are counted, not named."""
    return Problems(
        share=shown(problems.share, k),
        by_type=tuple(_problem(row, k) for row in problems.by_type),
        by_department=tuple(row.model_copy(update={"cases": ()}) for row in problems.by_department if row.opened >= k),
    )


def _problem(row: ProblemRow, k: int) -> ProblemRow:
    if row.services is not None and row.services >= k:
        return row
    return row.model_copy(update={"share": suppressed(row.share), "services": None})


def _channels(channels: Channels, k: int) -> Channels:
    gone = hidden([row.share.count or 0 for row in channels.mix], k)
    mix = tuple(_channel(row) if position in gone else row for position, row in enumerate(channels.mix))
    return Channels(mix=mix, random=channels.random, effects=())


def _channel(row: ChannelRow) -> ChannelRow:
    return row.model_copy(update={"share": NOTHING, "overall": suppressed(row.overall)})
