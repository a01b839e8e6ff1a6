"""One row for each counted response of a report, for the workbook: ids, scales and codes, no text and no person."""

from collections.abc import Iterator, Mapping
from typing import Any
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
    chosen = answers.sort("ended_at", "response_id").select(columns)
    return Rows(_("回答"), [_(_COLUMNS[name]) for name in columns], _rows(chosen, zone))


def _rows(chosen: pl.DataFrame, zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    channels = {code: _(word) for code, word in words.CHANNELS.items()}
    solved = {code: _(word) for code, word in words.SOLVED.items()}
    strata = {name: words.stratum_word(name) for name in chosen["stratum"].unique()}

    def written(name: str, value: Any) -> object:
        match name:
            case "ended_at":
                return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
            case "stratum":
                return strata[value]
            case "channel":
                return channels.get(value, value)
            case "solved":
                return solved.get(value)
            case "problems":
                return _("、").join(words.word(words.PROBLEMS, code) for code in value) or None
            case "flags":
                return _("、").join(words.word(words.FLAGS, code) for code in value) or None
            case _:
                return value

    for row in chosen.iter_rows():
        yield tuple(written(name, value) for name, value in zip(chosen.columns, row, strict=True))
