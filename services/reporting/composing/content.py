"""A report from what it reads: a pure function, so that equal content gives equal digests."""

from services.reporting.composing.channels import channels
from services.reporting.composing.checks import anomalies, flag_effects
from services.reporting.composing.conclusions import conclusions, dimensions, nps
from services.reporting.composing.efficiency import efficiency, weekly
from services.reporting.composing.music import music
from services.reporting.composing.people import people
from services.reporting.composing.problems import problems
from services.reporting.composing.profiles import profiles
from services.reporting.composing.trends import trends
from services.reporting.limits import Limits
from services.reporting.making import Figures
from services.reporting.model import Content, PeriodKind
from services.reporting.span import Span, Work
from services.reporting.summary import summarise


def figures_of(span: Span, limits: Limits) -> Figures:
    return Figures(span.sample(), limits, span.period.first)


def content_of(span: Span, work: Work, limits: Limits) -> Content:
    make = figures_of(span, limits)
    rows = dimensions(make)
    scenarios = make.sample.inside["scenario"].drop_nulls().unique().sort().to_list()
    of_month = span.period.kind is PeriodKind.MONTH
    return Content(
        summary=summarise(span, make),
        conclusions=conclusions(make, rows),
        dimensions=rows,
        nps=nps(make, scenarios),
        problems=problems(make, work),
        measures=tuple(work.measures),
        anomalies=anomalies(span),
        flagged=flag_effects(make),
        channels=channels(make),
        trends=trends(make, span.period.key, work.earlier),
        efficiency=efficiency(make, work) if of_month else None,
        weekly=None if of_month else weekly(make, work),
        people=people(make, work),
        music=music(make, span, work),
        profiles=profiles(make),
    )
