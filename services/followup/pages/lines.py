"""One line of a case's timeline for each kind of thing that happened."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from chassis.web.filters import when
from chassis.web.i18n import gettext as _
from contracts.vocabulary import Channel, Disposition, PromiseState, Score
from services.followup.chain import Link
from services.followup.contact import Attempt
from services.followup.promise import Promise
from services.followup.requests import Request
from services.followup.sealing import Opened
from services.followup.words import (
    CHANNELS,
    CLOSED_AS,
    DEPARTMENTS,
    DIMENSIONS,
    DISPOSITIONS,
    LEVELS,
    PROBLEM_TYPES,
    PROMISE_STATES,
    SEVERITIES,
    word,
)


@dataclass(frozen=True)
class Line:
    """`kind` is a colour of the timeline; `contact`: the customer was, or will be, spoken to."""

    at: datetime
    kind: str
    icon: str
    label: str
    title: str
    note: str = ""
    verbatim: str | None = None
    chips: tuple[str | Markup, ...] = ()
    planned: bool = False
    contact: bool = False


def of_service(view: Opened) -> list[Line]:
    context = view.context
    if context is None:
        return []
    who = " · ".join(part for part in (context.handler.team, context.handler.name) if part)
    what = " · ".join(part for part in (context.service_type, context.product) if part)
    return [
        Line(
            at=context.completed_at,
            kind="plain",
            icon="check",
            label=_("服务"),
            title=_("服务完成：{what}", what=what) if what else _("服务完成"),
            note=who,
        )
    ]


def of_answer(view: Opened, label: str, pieces: list[str]) -> Line:
    response = view.response
    scores = [
        f"{word(DIMENSIONS, answer.dimension)} {int(answer.score)}"
        for answer in view.sheet.answers
        if answer.dimension is not None and answer.score is not None
    ]
    by = _("座席 {agent}", agent=response.agent) if response.agent else ""
    low = any(a.score is not None and a.score <= Score.DISSATISFIED for a in view.sheet.answers)
    channel = word(CHANNELS, response.channel)
    return Line(
        at=response.connected_at or response.ended_at,
        kind="low" if low else "accent",
        icon="phone" if response.channel in (Channel.PHONE, Channel.IVR) else "mail",
        label=label,
        title=_("{channel}回访已答", channel=channel),
        note="；".join(part for part in (by, "，".join(scores)) if part),
        verbatim="\n".join(pieces) or None,
        contact=True,
    )


def of_attempt(attempt: Attempt) -> Line:
    by = _("座席 {agent}", agent=attempt.agent) if attempt.agent else ""
    about = _("关于本案件或其承诺") if attempt.about else _("同一客户的其他联系")
    return Line(
        at=attempt.at,
        kind="ok" if attempt.reached else "plain",
        icon="mail" if attempt.disposition is Disposition.DELIVERED else "phone",
        label=_("客户联系"),
        title=f"{word(CHANNELS, attempt.channel)} · {word(DISPOSITIONS, attempt.disposition)}",
        note="；".join(part for part in (by, about) if part),
        contact=True,
    )


def of_promise(promise: Promise, what: str | None) -> Line:
    return Line(
        at=promise.made_at,
        kind={PromiseState.KEPT: "ok", PromiseState.BROKEN: "low"}.get(promise.state, "due"),
        icon="clock",
        label=_("承诺"),
        title=_("向客户作出承诺"),
        note=what or "",
        chips=(_promise_chip(promise),),
        contact=True,
    )


def of_request(request: Request) -> Line:
    by = _("优先由 {agent} 拨打", agent=request.reserved_agent) if request.reserved_agent else ""
    return Line(
        at=request.deadline,
        kind="plain",
        icon="clock",
        label=_("二次回访"),
        title=_("计划中：在此之前联系客户"),
        note="；".join(part for part in (by, _("总体不高于 2 分，案件自动重新打开")) if part),
        planned=True,
        contact=True,
    )


def of_link(link: Link) -> Line | None:
    """None for what another line already tells."""
    make = _OF_ACTION.get(link.action)
    return make(link) if make else None


def _opened(link: Link) -> Line:
    types = "、".join(word(PROBLEM_TYPES, code) for code in link.detail["codes"])
    severity = word(SEVERITIES, link.detail["severity"])
    return Line(
        at=link.at,
        kind="low",
        icon="flag",
        label=_("立案"),
        title=_("低分立案，指派{department}", department=word(DEPARTMENTS, link.detail["department"])),
        note=_("问题类型：{types}；严重度 {severity}", types=types, severity=severity),
    )


def _worked(link: Link, title: str, *, icon: str = "user", kind: str = "plain") -> Line:
    return Line(at=link.at, kind=kind, icon=icon, label=_("处理"), title=title, note=link.actor_name)


def _assigned(link: Link) -> Line:
    name = link.detail.get("owner_name", "")
    if link.detail.get("why") == "rota":
        return _worked(link, _("轮流分派给 {name}", name=name))
    return _worked(link, _("负责人改为 {name}", name=name))


def _started(link: Link) -> Line:
    return Line(link.at, "plain", "user", _("处理"), _("{name} 开始处理", name=link.actor_name))


def _noted(link: Link) -> Line:
    return _worked(link, _("写了进展"), icon="doc")


def _solved(link: Link) -> Line:
    return _worked(link, _("登记原因与措施"), icon="bulb")


def _closed(link: Link) -> Line:
    note = word(CLOSED_AS, link.detail.get("closed_as"))
    return Line(link.at, "ok", "check", _("结案"), _("{name} 结案", name=link.actor_name), note)


def _corrected(link: Link) -> Line:
    return Line(link.at, "plain", "check", _("结案"), word(CLOSED_AS, "corrected"))


def _reopened(link: Link) -> Line:
    bad = link.detail.get("reason") == "bad_progress_answer"
    reason = _("二次回访仍不满意") if bad else _("条目重新提出")
    return Line(link.at, "low", "flag", _("重开"), _("案件重新打开"), reason)


def _moved(link: Link) -> Line:
    return _worked(link, _("改为{department}", department=word(DEPARTMENTS, link.detail["department"])), icon="tag")


def _reminded(link: Link) -> Line:
    return Line(link.at, "due", "clock", _("提醒"), _("即将到期，已提醒{to}", to=word(LEVELS, link.detail["to"])))


def _escalated(link: Link) -> Line:
    level, to = link.detail["level"], word(LEVELS, link.detail["to"])
    by = link.actor_name if link.detail.get("why") == "by_hand" else _("到期未结案")
    return Line(link.at, "low", "alert", _("升级"), _("升级到第 {n} 级：{to}", n=level, to=to), by)


def _merged(link: Link) -> Line:
    if "took" in link.detail:
        return _worked(link, _("并入了 {case_id}", case_id=link.detail["took"]), icon="link")
    return _worked(link, _("并入 {case_id}，一起处理", case_id=link.detail["leader"]), icon="link")


def _split(link: Link) -> Line:
    return _worked(link, _("从 {case_id} 拆出，单独处理", case_id=link.detail["leader"]), icon="link")


def _promise_chip(promise: Promise) -> Markup:
    kind = {PromiseState.KEPT: "ok", PromiseState.BROKEN: "over"}.get(promise.state, "due")
    return Markup('<span class="chip {}">{} · {}</span>').format(
        kind, word(PROMISE_STATES, promise.state), when(promise.due_at)
    )


_OF_ACTION = {
    "open": _opened,
    "assign": _assigned,
    "start": _started,
    "note": _noted,
    "solve": _solved,
    "close": _closed,
    "correct": _corrected,
    "reopen": _reopened,
    "move": _moved,
    "remind": _reminded,
    "escalate": _escalated,
    "merge": _merged,
    "split": _split,
}
