"""The words of the page of tunes."""

from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from services.survey.audio.measures import ALIKE, Breach, Clause
from services.survey.ivr.choosing import Unit
from services.survey.ivr.tunes import Tone
from services.survey.renderings.ivr import Band
from services.survey.shelf import Why

BANDS = {Band.CHEERFUL: N_("5 分之后：欢快"), Band.SOOTHING: N_("1、2 分之后：舒缓")}
TONES = {Tone.CLASSICAL: N_("古典"), Tone.POP: N_("流行"), Tone.NATURE: N_("自然")}
UNITS = {Unit.CUSTOMER: N_("每位客户"), Unit.TEAM: N_("团队（团队的客户都参加）")}
SPOKEN = {"zh-CN": N_("中文"), "en": N_("英文")}
REFUSED = {
    Why.UNKNOWN: N_("没有这首曲目"),
    Why.NAME_TAKEN: N_("这个名字已经有曲目用了"),
    Why.IN_USE: N_("这首曲目正在使用，先取消分配或结束试点"),
    Why.OTHER_BAND: N_("这首曲目属于另一个分档"),
    Why.OTHER_LANGUAGE: N_("这首曲目不能给这种语言的客户听"),
    Why.TOO_FEW: N_("请选择至少两首不同的曲目"),
    Why.RUNNING: N_("这个分档已经有试点在进行，请先结束它"),
    Why.OVER: N_("这个试点已经结束"),
}


def breach_told(one: Breach) -> str:
    """One rule that a sound breaks, with what was measured."""
    value, form = one.value or 0.0, one.form
    match one.clause:
        case Clause.FORM:
            if form is None:
                return _("这不是 WAV 文件。")
            return _(
                "要求 8000 Hz、1 个声道、16 位；这个文件是 {rate} Hz、{channels} 个声道、{bits} 位。",
                rate=form.rate, channels=form.channels, bits=form.bits,
            )  # fmt: skip
        case Clause.LENGTH:
            return _("时长要在 2 到 30 秒之间，现在是 {value} 秒。", value=f"{value:.1f}")
        case Clause.LOUDNESS:
            return _("响度（RMS）要在 −26 到 −18 dBFS 之间，现在是 {value} dBFS。", value=f"{value:.1f}")
        case Clause.PEAK:
            return _("峰值要低于 −1 dBFS，现在是 {value} dBFS。", value=f"{value:.1f}")
        case Clause.SILENT_START:
            return _("开头的静音要短于 300 毫秒，现在是 {value} 毫秒。", value=f"{value * 1000:.0f}")
        case Clause.LIKENESS:
            said = {"other": one.other or "", "most": ALIKE, "value": f"{value:.2f}"}
            return _("听起来像 {other}：相似度要低于 {most}，现在是 {value}。", **said)
