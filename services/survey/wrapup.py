"""Wrap-up: which dispositions the facts of a call allow, and which time may be agreed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from chassis.web.i18n import N_
from contracts.vocabulary import Disposition
from services.survey.interview import Interview, Step
from services.survey.permits import LinkWay

OPENS, CLOSES = time(8), time(22)  # lawful hours of a call, local time of the customer

REACHED = (
    Disposition.COMPLETE, Disposition.PARTIAL, Disposition.BREAK_OFF, Disposition.REFUSAL, Disposition.APPOINTMENT,
    Disposition.OPTED_OUT,
)  # fmt: skip
NOT_REACHED = (
    Disposition.NO_ANSWER, Disposition.BUSY, Disposition.VOICEMAIL, Disposition.SWITCHED_OFF, Disposition.WRONG_NUMBER,
)  # fmt: skip
BY_ANSWERS = (Disposition.COMPLETE, Disposition.PARTIAL, Disposition.BREAK_OFF)
GOES_ON = (Disposition.APPOINTMENT,)
"""The interview stays open: another contact continues it."""

# Reasons are shown to the agent; the pages translate them.
ONLY_REACHED = N_("本次没有接通，不可选")
ONLY_NOT_REACHED = N_("本次已接通，不可选")
IDENTITY_KNOWN = N_("已核对身份，号码没有错")
MISSING = N_("还有必答题没有填写")
ALL_ANSWERED = N_("必答题都已回答，应记为完成")
TOO_FEW = N_("拒答和未回答的题太多，应记为部分完成")
ENOUGH = N_("必答题都已有结果，应记为部分完成")
NO_DISPOSITION = N_("这不是一通电话的结果")

NOT_SURE = N_("请再确认一次：客户不愿再接受任何回访")
TIME_MISSING = N_("请填写约定的时间")
TIME_PAST = N_("约定的时间要在现在之后")
NO_SUCH_WAY = N_("这条路发不到客户，请另选一种或不发链接")
TIME_UNLAWFUL = N_("约定的时间要在当地 8 点到 22 点之间")


@dataclass(frozen=True)
class Closing:
    """What the agent says of the call."""

    disposition: Disposition
    agreed_at: datetime | None = None
    own_agent: bool = False
    online_consented: bool = False
    online_channel: LinkWay | None = None

    @property
    def final(self) -> bool:
        """Nothing more will be heard of this customer on this callback."""
        online = self.online_consented and self.disposition is Disposition.REFUSAL
        return not (self.disposition in GOES_ON or online)


class Impossible(Exception):
    """A wrap-up that the facts forbid: which field, the reason as a msgid, and the questions that are still open."""

    def __init__(self, field: str, reason: str, *, missing: tuple[Step, ...] = ()) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.missing = missing


def impossible(disposition: Disposition, interview: Interview) -> str | None:
    """Why this disposition cannot be chosen; None when it can."""
    connected = interview.connected_at is not None
    if disposition in NOT_REACHED:
        if not connected:
            return None
        if disposition is Disposition.WRONG_NUMBER:
            return None if interview.identity_at is None else IDENTITY_KNOWN
        return ONLY_NOT_REACHED
    if disposition not in REACHED:
        return NO_DISPOSITION
    if not connected:
        return ONLY_REACHED
    return _against_answers(disposition, interview.disposition_now(), missing=bool(interview.missing()))


def _against_answers(disposition: Disposition, fact: Disposition, *, missing: bool) -> str | None:
    if disposition is fact or disposition is Disposition.OPTED_OUT:
        return None
    if fact is Disposition.COMPLETE:
        return ALL_ANSWERED
    if disposition is Disposition.COMPLETE:
        return MISSING if missing else TOO_FEW
    if disposition is Disposition.PARTIAL:
        return MISSING
    return ENOUGH if disposition is Disposition.BREAK_OFF else None


def possible(interview: Interview) -> tuple[Disposition, ...]:
    return tuple(one for one in (*REACHED, *NOT_REACHED) if impossible(one, interview) is None)


def suggested(interview: Interview) -> Disposition | None:
    """What the facts say by themselves; None when only the agent knows why nobody was reached."""
    return interview.disposition_now() if interview.connected_at is not None else None


def check(closing: Closing, interview: Interview, *, now: datetime, zone: str) -> None:
    """Raises `Impossible` naming the field."""
    reason = impossible(closing.disposition, interview)
    if reason is not None:
        raise Impossible("disposition", reason, missing=interview.missing() if reason == MISSING else ())
    if closing.disposition is Disposition.APPOINTMENT:
        _check_time(closing.agreed_at, now, ZoneInfo(zone))


def check_link(closing: Closing, ways: Collection[LinkWay]) -> None:
    """The link after a refusal goes a way that leads to the customer. Raises `Impossible`."""
    wanted = closing.online_channel if closing.online_consented else None
    if closing.disposition is Disposition.REFUSAL and wanted is not None and wanted not in ways:
        raise Impossible("online_channel", NO_SUCH_WAY)


def _check_time(agreed_at: datetime | None, now: datetime, zone: ZoneInfo) -> None:
    if agreed_at is None:
        raise Impossible("agreed_at", TIME_MISSING)
    if agreed_at <= now:
        raise Impossible("agreed_at", TIME_PAST)
    if not OPENS <= agreed_at.astimezone(zone).time() <= CLOSES:
        raise Impossible("agreed_at", TIME_UNLAWFUL)
