"""Letters to departments: what they say, and who gets them. They name cases by number; no customer's words, no name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from contracts.ids import named_id


class LetterKind(StrEnum):
    REMINDER = "reminder"
    ESCALATION = "escalation"
    DIGEST = "digest"
    SUGGESTIONS = "suggestions"


class LetterState(StrEnum):
    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True)
class Letter:
    """`detail` is what the text is made of: codes, numbers and times. `tries` counts those begun."""

    mail_id: str
    kind: LetterKind
    scope: str
    detail: dict[str, Any]
    addresses: tuple[str, ...]
    due_at: datetime
    made_at: datetime
    state: LetterState = LetterState.READY
    tries: int = 0
    sending_since: datetime | None = None
    outcome: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class CaseLine:
    """One case as a letter names it."""

    case_id: str
    department: str
    state: str
    due_at: datetime
    owner: str | None
    escalation: int

    def plain(self) -> dict[str, Any]:
        return vars(self) | {"due_at": self.due_at.isoformat()}


@dataclass(frozen=True)
class Digest:
    """The day of one department: each list by due time, cut at `MOST_LINES`; the counts are whole."""

    overdue: list[CaseLine] = field(default_factory=list)
    today: list[CaseLine] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        lists = {"overdue": self.overdue, "today": self.today}
        return {name: [line.plain() for line in lines] for name, lines in lists.items()} | {"counts": self.counts}


MOST_LINES = 50
_WORDS = {
    "zh-CN": {
        "reminder": "即将到期的案件（{n}）",
        "escalation": "逾期案件升级（{n}）",
        "digest": "今日案件：逾期 {overdue}，今天到期 {today}",
        "suggestions": "建议清单（{n}）",
        "overdue": "逾期",
        "today": "今天到期",
        "case": "{case_id} · {department} · 到期 {due} · 负责人 {owner}{level}",
        "level": " · 第 {n} 级",
        "nobody": "未分派",
        "counts": "未结案 {open}，今天须兑现的承诺 {promises}，昨天以来新建 {new}",
        "list": "本期建议在附件中，共 {n} 条。",
        "end": "内容请登录后查看：{url}\n这封邮件由系统发出，请不要直接回复。",
    },
    "en": {
        "reminder": "Cases soon due ({n})",
        "escalation": "Overdue cases escalated ({n})",
        "digest": "Cases today: {overdue} overdue, {today} due",
        "suggestions": "Suggestions ({n})",
        "overdue": "Overdue",
        "today": "Due today",
        "case": "{case_id} · {department} · due {due} · owner {owner}{level}",
        "level": " · level {n}",
        "nobody": "nobody",
        "counts": "{open} open, {promises} promises due today, {new} new since yesterday",
        "list": "The suggestions of this period are attached: {n}.",
        "end": "Sign in to see more: {url}\nThis message was sent automatically, please do not reply.",
    },
}


def letter_id(kind: LetterKind, scope: str, occasion: str) -> str:
    """The same occasion never makes a second letter."""
    return named_id("mail", kind, scope, occasion)


def lines_of(found: Iterable[Any]) -> list[CaseLine]:
    """Of cases."""
    return [
        CaseLine(one.case_id, one.department, one.state, one.due_at, one.owner_name, one.escalation) for one in found
    ]


@dataclass(frozen=True)
class Frame:
    """What every letter needs besides its content. `language` is the house's; times are shown in `zone`."""

    sender: str
    web_url: str
    language: str
    zone: ZoneInfo


def composed(letter: Letter, frame: Frame, departments: Mapping[str, str], now: datetime) -> EmailMessage:
    """The letter without attachments. A repeated sending carries the same Message-ID."""
    words = _WORDS["en" if frame.language.startswith("en") else "zh-CN"]
    message = EmailMessage()
    message["From"] = frame.sender
    message["To"] = ", ".join(letter.addresses)
    message["Subject"] = _subject(letter, words)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{letter.mail_id}@{frame.sender.rpartition('@')[2].rstrip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    url = frame.web_url.rstrip("/") + _PLACES.get(letter.kind, "/followup/board")
    paragraphs = [*_body(letter, words, departments, frame.zone), words["end"].format(url=url)]
    message.set_content("\n\n".join(paragraphs) + "\n")
    return message


_PLACES = {LetterKind.ESCALATION: "/followup/overdue", LetterKind.SUGGESTIONS: "/followup/suggestions"}


def _subject(letter: Letter, words: Mapping[str, str]) -> str:
    detail = letter.detail
    if letter.kind is LetterKind.DIGEST:
        counts = detail["counts"]
        return words["digest"].format(overdue=counts["overdue"], today=counts["today"])
    count = detail["count"] if letter.kind is LetterKind.SUGGESTIONS else len(detail["cases"])
    return words[letter.kind].format(n=count)


def _body(letter: Letter, words: Mapping[str, str], departments: Mapping[str, str], zone: ZoneInfo) -> list[str]:
    detail = letter.detail
    if letter.kind is LetterKind.SUGGESTIONS:
        return [words["list"].format(n=detail["count"])]

    def listed(lines: Iterable[dict[str, Any]]) -> str:
        return "\n".join(_line(line, words, departments, zone) for line in lines)

    if letter.kind is not LetterKind.DIGEST:
        return [listed(detail["cases"])]
    parts = [words["counts"].format(**{name: detail["counts"][name] for name in ("open", "promises", "new")})]
    return parts + [f"{words[name]}\n{listed(detail[name])}" for name in ("overdue", "today") if detail[name]]


def _line(line: Mapping[str, Any], words: Mapping[str, str], departments: Mapping[str, str], zone: ZoneInfo) -> str:
    due = datetime.fromisoformat(line["due_at"]).astimezone(zone)
    level = words["level"].format(n=line["escalation"]) if line["escalation"] else ""
    return words["case"].format(
        case_id=line["case_id"],
        department=departments.get(line["department"], line["department"]),
        due=f"{due:%m-%d %H:%M}",
        owner=line["owner"] or words["nobody"],
        level=level,
    )
