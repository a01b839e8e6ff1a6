"""One row for each counted response of a report, for the workbook: ids, scales and codes, no text and no person."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import polars as pl

from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from services.reporting import words
from services.reporting.documents.excel import Rows

_COLUMNS: Mapping[str, str] = {
    "service_id": N_("服务"),
    "response_id": N_("回答"),
    "stratum": N_("分层"),
    "channel": N_("渠道"),
    "ended_at": N_("日期"),
    "overall": N_("总体满意度"),
    "response_speed": N_("响应速度"),
    "competence": N_("专业能力"),
    "attitude": N_("服务态度"),
    "clarity": N_("沟通清晰度"),
    "callback": N_("回访本身"),
    "nps": N_("NPS"),
    "solved": N_("一次性解决"),
    "problems": N_("问题类型"),
    "flags": N_("标记"),
    "weight": N_("权重"),
}


def response_rows(answers: pl.DataFrame, zone: ZoneInfo) -> Rows:
    """`answers`: those `inside` of a `sample.Sample`. Read live; the sheet tells the answers as they are now."""
    columns = [name for name in _COLUMNS if name in answers.columns]
    chosen = answers.sort("ended_at", "response_id")
    told = chosen.select(_told(name, chosen, zone).alias(name) for name in columns)
    return Rows(_("回答"), [_(_COLUMNS[name], n=1) for name in columns], told)


def _told(name: str, answers: pl.DataFrame, zone: ZoneInfo) -> pl.Expr:
    match name:
        case "ended_at":
            return pl.col(name).dt.convert_time_zone(zone.key).dt.strftime("%Y-%m-%d %H:%M")
        case "stratum":
            return pl.col(name).replace({one: words.stratum_word(one) for one in answers[name].unique()})
        case "channel":
            return pl.col(name).replace(_spoken(words.CHANNELS))
        case "solved":
            return pl.col(name).replace(_spoken(words.SOLVED))
        case "problems":
            return _joined(name, words.PROBLEMS)
        case "flags":
            return _joined(name, words.FLAGS)
        case _:
            return pl.col(name)


def _joined(name: str, named: Mapping[str, str]) -> pl.Expr:
    """The words of all codes in one cell; none leaves it empty."""
    spoken = pl.col(name).list.eval(pl.element().replace(_spoken(named)))
    return pl.when(pl.col(name).list.len() > 0).then(spoken.list.join(_("、")))


def _spoken(named: Mapping[str, str]) -> dict[str, str]:
    return {code: _(word) for code, word in named.items()}
