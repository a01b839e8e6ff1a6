"""Keys and values of policies as words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from chassis.web.filters import number, share, when
from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from services.scheduler.pages.policy_history import Version
from services.scheduler.pages.words import CHANNELS, DISPOSITIONS, SCENARIOS, named
from services.scheduler.rules import SINCE_EVER
from services.scheduler.sampling import OTHER

HOUSE_RULES = N_("共同规则")
LABELS = {
    "scenario": N_("场景"), "questionnaire": N_("问卷"), "skill": N_("技能"), "maximum_minutes": N_("最长时长"),
    "channels": N_("渠道顺序"), "random_email_share": N_("随机先发邮件的比例"), "window.clock": N_("窗口从何时算起"),
    "window.not_before_hours": N_("最早"), "window.deadline_hours": N_("截止"), "window.grace_hours": N_("宽限"),
    "sampling.ratio": N_("抽样下限"), "sampling.certainty": N_("全部入样"), "sampling.certainty_levels": N_("必抽等级"),
    "sampling.service_types": N_("分层的服务类型"), "sampling.expected": N_("首期预计数量"), "retries": N_("重试"),
    "pilot.share": N_("试点比例"), "pilot.teams": N_("试点团队"), "channel_pilots": N_("渠道试点"),
    "trigger.no_act_within_days": N_("注册后无行动触发"), "trigger.inactive_days": N_("多久无行动触发"),
    "trigger.every_days": N_("定期触发"), "soft_bans": N_("软性避开"), "preferences": N_("偏好时段"),
    "blackouts": N_("禁拨日"), "hard.opens": N_("合法时段开始"), "hard.closes": N_("合法时段结束"),
    "intake.look_back_days": N_("回溯期限"), "intake.handled_within_days": N_("处理与完成最多相差"),
    "intake.clock_skew_minutes": N_("容许的时钟误差"), "budget.callbacks": N_("接触额度"),
    "budget.days": N_("额度的天数"),
    "period.closes_after_days": N_("周期结束后多久关闭"), "agreed.within_days": N_("约定最晚"),
    "agreed.patience_minutes": N_("约定时间后仍可开始"), "certainty.levels": N_("必抽等级"),
    "skills.complaint": N_("投诉的技能"), "skills.vip": N_("VIP 的技能"),
    "questionnaires.progress": N_("进展回访的问卷"),
    "questionnaires.verification": N_("核实回访的问卷"), "sampling.floor": N_("任何场景的抽样下限"),
    "answered.calls": N_("几次接听成为个人时段"),
}  # fmt: skip
CLOCKS = {
    "handled": N_("处理完成"), "completed": N_("服务完成"), "registered": N_("注册"), "last_act": N_("最近一次行动"),
}  # fmt: skip
_WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
_SHARES = ("ratio", "floor", "share", "random_email_share")


def name(scenario: str) -> str:
    return _(HOUSE_RULES) if scenario == "house" else named(SCENARIOS, scenario)


def since(version: Version) -> Markup | str:
    """Since when it decides; the first one always has."""
    at = version.edition.valid_from
    return _("一直以来") if at <= SINCE_EVER else when(at)


def label(path: tuple[str, ...]) -> str:
    """The word for a value's key, below `scenario` or `house`; a key without a word is its own."""
    key = ".".join(path[1:])
    if key in LABELS:
        return _(LABELS[key])
    table, entry = ".".join(path[1:-1]), path[-1]
    if table in LABELS:
        words = {"retries": DISPOSITIONS, "channel_pilots": CHANNELS}.get(table, {OTHER: N_("其他")})
        word = named(words, entry)
        return f"{_(LABELS[table])}{_('：')}{word}"
    return key


def value(path: tuple[str, ...], raw: Any) -> str:
    """As a sentence's part, with its unit."""
    if raw is None or raw == []:
        return _("没有")
    if isinstance(raw, bool):
        return _("是") if raw else _("否")
    if isinstance(raw, list):
        return _("、").join(_item(path[-1], one) for one in raw)
    if isinstance(raw, Mapping):
        return _retry(raw) if "attempts" in raw else _pilot(raw)
    return _measure(path[-1], raw)


def _measure(key: str, raw: Any) -> str:
    if key in _SHARES:
        return share(Decimal(str(raw)))
    if key == "clock":
        return named(CLOCKS, raw)
    if key in ("opens", "closes"):
        return str(raw)[:5]
    if key.endswith("hours"):
        return _("{n} 小时", n=_plain(raw))
    if key.endswith("minutes"):
        return _("{n} 分钟", n=_plain(raw))
    return _("{n} 天", n=_plain(raw)) if key.endswith("days") else _plain(raw)


def _item(key: str, raw: Any) -> str:
    if isinstance(raw, Mapping) and "begins" in raw:
        day = "" if raw.get("weekday") is None else _(_WEEKDAYS[raw["weekday"]]) + " "
        return f"{day}{raw['begins'][:5]}–{raw['ends'][:5]}"
    if isinstance(raw, Mapping):
        return _("{first} 至 {last}（{reason}）", first=raw["first"], last=raw["last"], reason=raw["reason"])
    return named(CHANNELS, raw) if key == "channels" else str(raw)


def _retry(raw: Mapping[str, Any]) -> str:
    if raw["attempts"] == 1:
        return _("不再试")
    return _("共 {n} 次，间隔 {minutes} 分钟", n=raw["attempts"], minutes=raw["delay_minutes"])


def _pilot(raw: Mapping[str, Any]) -> str:
    teams = _("、").join(raw["teams"]) or _("全部团队")
    return f"{share(Decimal(str(raw['share'])))} · {teams}"


def _plain(raw: Any) -> str:
    if isinstance(raw, int | float):
        return number(raw, 0 if float(raw).is_integer() else 1)
    return str(raw)
