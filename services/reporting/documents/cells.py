"""Figures of the report model as cells: value, interval, n and verdict are always written in the same way."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from services.reporting.documents.blocks import Cell, Column, Estimate, Link, Number, Span, Strip
from services.reporting.documents.units import Unit, written
from services.reporting.figure import Drill, Figure, Ratio, Refusal
from services.reporting.figures import FigureKind
from services.reporting.limits import Verdict
from services.reporting.scales import Axis, axis_of

UNITS: Mapping[FigureKind, Unit] = {
    FigureKind.MEAN: Unit.MEAN,
    FigureKind.SHARE: Unit.SHARE,
    FigureKind.NPS: Unit.NPS,
    FigureKind.DIFFERENCE: Unit.DIFFERENCE,
    FigureKind.WEIGHT: Unit.WEIGHT,
}
VERDICTS: Mapping[Verdict, str] = {
    Verdict.MET: N_("√ 达到"),
    Verdict.MISSED: N_("× 未达到"),
    Verdict.UNDECIDED: N_("≈ 尚不能判定"),
}
REFUSALS: Mapping[Refusal, str] = {
    Refusal.NO_ANSWER: N_("没有回答"),
    Refusal.TOO_FEW: N_("样本不足"),
    Refusal.NO_SPREAD: N_("回答太少，说不出误差"),
    Refusal.SUPPRESSED: N_("人数太少，不显示"),
}


def unit_of(figure: Figure) -> Unit:
    return UNITS[figure.kind]


def shown(figure: Figure) -> bool:
    """An estimate is printed with its interval or not at all."""
    return figure.enough and None not in (figure.estimate, figure.low, figure.high)


def value(figure: Figure, unit: Unit | None = None) -> Cell:
    if not shown(figure) or figure.estimate is None:
        return None
    return Number(figure.estimate, unit or unit_of(figure))


def span(figure: Figure, unit: Unit | None = None) -> Cell:
    """The interval, or the reason why there is none."""
    found = interval(figure, unit)
    return found if found is not None else reason(figure)


def interval(figure: Figure, unit: Unit | None = None) -> Span | None:
    if not shown(figure) or figure.low is None or figure.high is None:
        return None
    return Span(figure.low, figure.high, unit or unit_of(figure))


def strip(figure: Figure, axis: Axis) -> Strip | None:
    if not shown(figure) or figure.estimate is None or figure.low is None or figure.high is None:
        return None
    return Strip(figure.estimate, figure.low, figure.high, axis, figure.target)


def reason(figure: Figure) -> str:
    return _(REFUSALS[figure.refused or Refusal.TOO_FEW])


def count(figure: Figure) -> Cell:
    """n; on a page it opens the answers."""
    return None if figure.n is None else Number(figure.n, opens=opens(figure.drill))


def opens(drill: Drill, **more: str) -> str:
    """The list of the answers, without the period: the page adds its own."""
    return "cases?" + urlencode({"figure": drill.selection, **drill.filters.query(), **more})


def service(source: str, service_id: str) -> Link:
    """The service by its number; on a page it leads to its story."""
    return Link(service_id, f"/scheduler/why/{quote(source, safe='')}/{quote(service_id, safe='')}")


def effective(figure: Figure) -> Cell:
    return None if figure.effective_n is None or not shown(figure) else Number(figure.effective_n)


def counts(figure: Figure) -> str:
    """n and effective n in words."""
    if figure.n is None:
        return _("人数太少，不显示")
    if figure.effective_n is None:
        return _("n = {count}", count=written(figure.n, Unit.COUNT))
    effective_n = written(figure.effective_n, Unit.COUNT)
    return _("n = {count}，有效 n = {effective}", count=written(figure.n, Unit.COUNT), effective=effective_n)


def target(figure: Figure) -> str | None:
    if figure.target is None:
        return None
    return _("目标 {target}", target=written(figure.target, unit_of(figure)))


def verdict(figure: Figure) -> str:
    """Against the target; without one, that there is none."""
    if figure.target is None:
        return _("未设")
    return _(VERDICTS[figure.verdict]) if figure.verdict and shown(figure) else reason(figure)


def headline(title: str, figure: Figure) -> Estimate:
    found = value(figure)
    return Estimate(
        title=title,
        value=found if isinstance(found, Number) else None,
        strip=strip(figure, axis_of([figure])),
        span=interval(figure),
        counts=counts(figure),
        target=target(figure),
        verdict=verdict(figure) if figure.target is not None and shown(figure) else None,
        few=None if shown(figure) else reason(figure),
        opens=opens(figure.drill) if figure.n else None,
    )


def figure_columns(first: str, *, strips: bool = True, verdicts: bool = False) -> tuple[Column, ...]:
    """Columns of a table whose rows are `figure_row`s."""
    return (
        Column(first, wide=1.7),
        *((Column("", strip=True, wide=2.1),) if strips else ()),
        Column(_("估计"), right=True, wide=0.9),
        Column(_("95% 区间"), wide=1.7),
        Column("n", right=True, wide=0.7),
        Column(_("有效 n"), right=True, wide=0.8),
        *((Column(_("对目标"), wide=1.6),) if verdicts else ()),
    )


def figure_row(name: str, figure: Figure, axis: Axis | None, *, verdicts: bool = False) -> tuple[Cell, ...]:
    strips = (strip(figure, axis),) if axis is not None else ()
    judged: tuple[Cell, ...] = (verdict(figure),) if verdicts else ()
    return (name, *strips, value(figure), span(figure), count(figure), effective(figure), *judged)


def common_axis(figures: Iterable[Figure]) -> Axis:
    """One axis for figures of one kind; of those without an interval none."""
    seen = [figure for figure in figures if shown(figure)]
    return axis_of(seen) if seen else (0.0, 1.0)


def ratio(found: Ratio, *, count: str | None = None, whole: str | None = None) -> tuple[Cell, ...]:
    """Share, count and whole; the addresses of what the last two count."""
    if found.count is None or found.of is None:
        return (_("人数太少，不显示"), None, None)
    return (
        None if found.value is None else Number(found.value, Unit.SHARE), Number(found.count, opens=count),
        Number(found.of, opens=whole),
    )  # fmt: skip


def plain_number(number: float | None, unit: Unit = Unit.COUNT) -> Cell:
    return None if number is None else Number(number, unit)
