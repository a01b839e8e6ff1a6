"""Simulated agents: they take what the queue offers, dial, ask, type in, and wrap up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.access.roles import Role
from launcher.demo.answers import Said, said
from launcher.demo.customer import OnThePhone, Ring, Work
from launcher.demo.memory import Answered, Memory, Promised
from launcher.demo.staff import Refused, Session
from launcher.demo.telephone import Telephone, tomorrow
from launcher.demo.words import AFTERWARDS

API = "/survey/api/v1"
_CONFLICT = 409
_ROWS = 10
_ANSWERED_IN = 6_000
_BREAKS_OFF_AFTER = 2
_PROMISED_WORKDAYS = 2
_SHORT = timedelta(minutes=5)


@dataclass(frozen=True)
class InTalk:
    """A call that goes on until `until`; then this is what was agreed."""

    callback_id: str
    until: datetime
    wrap_up: Mapping[str, Any]


@dataclass
class Agent:
    """One person with one telephone. Looks at the queue when told that something may be new, or when its time comes."""

    session: Session
    telephone: Telephone
    memory: Memory
    promises_to: frozenset[tuple[str, str]]
    """The works whose customer is promised an answer."""
    looks_at: datetime | None = None
    talk: InTalk | None = None
    calls: int = 0
    appointment: datetime | None = None
    """When a customer expects this agent's call; looks at the queue then."""

    @property
    def is_senior(self) -> bool:
        return self.session.account.role is Role.SENIOR_AGENT

    def next_due(self) -> datetime | None:
        if self.talk is not None:
            return self.talk.until
        return min((at for at in (self.looks_at, self.appointment) if at is not None), default=None)

    def keeps_appointment(self, now: datetime) -> bool:
        """True once, when the time has come."""
        if self.appointment is None or now < self.appointment:
            return False
        self.appointment = None
        return True

    async def end_call(self, now: datetime) -> int:
        """Wraps up when the talk is over."""
        if self.talk is None or now < self.talk.until:
            return 0
        talk, self.talk = self.talk, None
        await self._wrap_up(talk.callback_id, talk.wrap_up)
        return 1

    async def look(self) -> list[dict[str, Any]]:
        """What the queue offers to this agent now, the most urgent first."""
        offered = await self.session.get(f"{API}/queue", limit=_ROWS)
        self.looks_at = _instant(offered["next_start"]) if not offered["waiting"] else None
        return [row for row in offered["rows"] if row["claimable"]]

    async def call(self, callback_id: str, now: datetime) -> int:
        """How many calls came of it: none when the callback is gone."""
        called = await self._call(callback_id, now)
        self.calls += called
        return int(called)

    async def _call(self, callback_id: str, now: datetime) -> bool:
        """False when somebody was quicker or the callback is gone."""
        path = f"{API}/callbacks/{callback_id}"
        try:
            sheet = await self.session.post(f"{path}/claim")
            dialled = await self.session.post(f"{path}/dial")
        except Refused as refused:
            if refused.status == _CONFLICT:
                return False
            raise
        completed_at = datetime.fromisoformat(sheet["service"]["completed_at"])
        work, ring = self.telephone.ring(dialled["phone"], completed_at, now)
        if ring is Ring.ANSWER:
            await self._talk(path, sheet, work, now)
            return True
        self.memory.last_word[work.key] = ring.value
        await self._wrap_up(callback_id, {"disposition": ring.value})
        return True

    async def _talk(self, path: str, sheet: dict[str, Any], work: Work, now: datetime) -> None:
        await self.session.post(f"{path}/connected")
        purpose = sheet["parts"][0]["purpose"]
        mood = self.telephone.says(work, purpose)
        self.memory.last_word[work.key] = mood.value
        wrap_up = await self._listen(path, sheet, work, mood, now)
        length = work.habits.talks if mood is OnThePhone.TALK else _SHORT
        self.talk = InTalk(sheet["callback_id"], now + length, wrap_up)

    async def _listen(
        self, path: str, sheet: dict[str, Any], work: Work, mood: OnThePhone, now: datetime
    ) -> dict[str, Any]:
        match mood:
            case OnThePhone.REFUSE | OnThePhone.REFUSE_TAKE_LINK:
                return {"disposition": "refusal", "online_consented": mood is OnThePhone.REFUSE_TAKE_LINK}
            case OnThePhone.STOP:
                self.memory.stops[work.customer.customer_id] = now
                return {"disposition": "opted_out"}
            case OnThePhone.LATER:
                self.appointment = self.memory.agreed[work.key] = agreed = tomorrow(now, work.customer.zone)
                return {"disposition": "appointment", "agreed_at": agreed.isoformat(), "agreed_agent": "own"}
        await self.session.post(f"{path}/identity")
        await self.session.post(f"{path}/consent")
        return {"disposition": await self._interview(path, sheet, work, mood, now)}

    async def _interview(self, path: str, sheet: dict[str, Any], work: Work, mood: OnThePhone, now: datetime) -> str:
        state: dict[str, Any] = {"next": {}}
        for part in sheet["parts"]:
            purpose = part["purpose"]
            round_no = self.memory.round_of(work.key) if purpose == "progress" else 0
            state, told = await self._ask(path, part["part_id"], part["questions"], work, purpose, round_no, mood)
            complete = mood is OnThePhone.TALK
            self.memory.answered.append(Answered(work.key, purpose, now, told, complete, "phone"))
            if purpose == "survey" and complete and work.key in self.promises_to:
                await self._promise(path, work)
        return str(state["disposition_now"])

    async def _ask(
        self, path: str, part_id: str, questions: list[dict[str, Any]], work: Work, purpose: str, round_no: int,
        mood: OnThePhone,
    ) -> tuple[dict[str, Any], dict[str, Said]]:  # fmt: skip
        """Everything that is asked now at once, then what the answers bring up."""
        wanted = [question["id"] for question in questions if question["id"] != "reason"]
        if mood is OnThePhone.HANG_UP:
            wanted = wanted[:_BREAKS_OFF_AFTER]
        told: dict[str, Said] = {}
        state = await self._type_in(path, part_id, wanted, told, work, purpose, round_no)
        while mood is not OnThePhone.HANG_UP and (upcoming := state["next"]) and upcoming["part_id"] == part_id:
            state = await self._type_in(path, part_id, [upcoming["question_id"]], told, work, purpose, round_no)
        return state, told

    async def _type_in(
        self, path: str, part_id: str, questions: list[str], told: dict[str, Said], work: Work, purpose: str,
        round_no: int,
    ) -> dict[str, Any]:  # fmt: skip
        answers = []
        for question in questions:
            told[question] = one = said(work.opinion, purpose, question, round_no)
            answers.append({"part_id": part_id, "question_id": question, "elapsed_ms": _ANSWERED_IN, **one})
        state: dict[str, Any] = await self.session.put(f"{path}/answers", {"answers": answers})
        return state

    async def _promise(self, path: str, work: Work) -> None:
        complaint = work.opinion.complaint
        assert complaint is not None, "promises are planted where something is wrong"  # noqa: S101
        body = {"what": AFTERWARDS["promise"], "department": complaint.department, "workdays": _PROMISED_WORKDAYS}
        made = await self.session.post(f"{path}/promises", body)
        due = _instant(made["due_at"])
        assert due is not None, "a promise has a date"  # noqa: S101
        self.memory.promised.append(Promised(work.key, made["promise_id"], complaint.department, due))

    async def _wrap_up(self, callback_id: str, body: Mapping[str, Any]) -> None:
        await self.session.post(f"{API}/callbacks/{callback_id}/wrapup", dict(body))


def _instant(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)
