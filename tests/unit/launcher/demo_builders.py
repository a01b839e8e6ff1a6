"""A month as a product without any defect would tell it: what every line of the score must accept."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from launcher.demo import expected
from launcher.demo.answers import said
from launcher.demo.customer import Work
from launcher.demo.evidence import CaseSeen, Evidence, IdeaSeen, Response, Routed, Story, Told
from launcher.demo.memory import Answered, Contact, Memory, Promised
from launcher.demo.population import Population, population
from launcher.demo.truth import truth

BAD_RECORDS = 8
_QUESTIONS = (
    "overall", "response_speed", "competence", "attitude", "clarity", "solved", "nps", "reason", "remarks",
)  # fmt: skip
_RATE = 0.15


@dataclass
class FlawlessMonth:
    """Everybody who is drawn answers on the first call, but for the planted ones who do otherwise."""

    month: Population = field(default_factory=lambda: population(2026))

    def evidence(self) -> Evidence:
        memory = Memory({work.key: work for work in self.month.works})
        drawn = self._drawn()
        for work in self.month.works:
            if work.key in drawn:
                self._lives(work, memory)
        empty = Told({}, {}, (), (), (), {}, (), {}, ())
        before = Evidence(self.month, memory, empty, BAD_RECORDS, datetime(2026, 12, 1, tzinfo=UTC))
        told = Told(
            summary=self._summary(drawn, memory),
            stories={work.key: self._story(work, drawn, before) for work in self.month.works},
            responses=[_response(one) for one in memory.surveys()],
            cases=_cases(before),
            routed=[Routed(kind, department, key) for kind, department, key in expected.routed(before).elements()],
            promises=self._promises(memory),
            ideas=[_idea(self.month.planted.wish)],
            dead_letters={"scheduler": BAD_RECORDS, "survey": 0},
            refused_over_http=(),
        )
        return Evidence(self.month, memory, told, BAD_RECORDS, before.ended_at)

    def _drawn(self) -> set[tuple[str, str]]:
        """Certainty strata whole; of the others the share that the rate promises, spread evenly."""
        found = set()
        for members in self._strata().values():
            whole = members[0].stratum in ("vip", "complaint")
            found |= {work.key for work in (members if whole else members[:: round(1 / _RATE)])}
        return found

    def _strata(self) -> dict[str, list[Work]]:
        found: dict[str, list[Work]] = defaultdict(list)
        for work in self.month.in_frame:
            found[str(work.stratum)].append(work)
        return found

    def _lives(self, work: Work, memory: Memory) -> None:
        planted = self.month.planted
        noon = work.told_at.astimezone(ZoneInfo(work.customer.zone)).replace(hour=12) + timedelta(days=1)
        if work in (*planted.stopped[1:], *planted.stopped_online[1:], planted.silent) or not _reachable(work):
            return
        address = planted.corrections[0].customer.email if work is planted.moved else work.customer.phone
        channel = "phone" if work.customer.phone else "email"
        contact = Contact(work.customer.customer_id, channel, noon, work.customer.zone, str(address), work.key)
        memory.contacts.append(contact)
        if work in (planted.stopped[0], planted.stopped_online[0]):
            memory.stops[work.customer.customer_id] = noon
            return
        if work is planted.appointment:
            memory.agreed[work.key] = agreed = noon + timedelta(hours=27)
            memory.contacts.append(Contact(contact.customer_id, "phone", agreed, contact.zone, str(address), work.key))
        memory.answered.append(Answered(work.key, "survey", noon, _answers(work, "survey"), True, channel))
        if work in (*planted.kept, *planted.broken):
            memory.promised.append(Promised(work.key, f"promise of {work.service_id}", "repair", noon))
        rounds = {planted.story.key: 1, planted.reopened.key: 2} | {work.key: 1 for work in planted.wish}
        for _ in range(rounds.get(work.key, 0)):
            memory.answered.append(Answered(work.key, "progress", noon, _answers(work, "progress"), True, channel))

    def _story(self, work: Work, drawn: set[tuple[str, str]], before: Evidence) -> Story:
        repeated = sum(one.work.key == work.key and one.repeated for one in self.month.tellings)
        corrected = sum(one.work.key == work.key and one.as_changed for one in self.month.tellings)
        verdict = "selected" if work.key in drawn else "not_drawn"
        story = Story(verdict, work.expected_reason or "drawn", str(work.stratum), None, repeated, corrected)
        explanation = min(expected.explanations(work, story, before))
        return Story(verdict, story.reason, story.stratum, explanation, repeated, corrected)

    def _promises(self, memory: Memory) -> dict[str, str]:
        kept = {work.key for work in self.month.planted.kept}
        return {one.promise_id: "kept" if one.service in kept else "broken" for one in memory.promised}

    def _summary(self, drawn: set[tuple[str, str]], memory: Memory) -> dict[str, Any]:
        strata = []
        for name, members in self._strata().items():
            rate = 1.0 if name in ("vip", "complaint") else _RATE
            selected = sum(work.key in drawn for work in members)
            strata.append(
                {"stratum": name, "accepted": len(members), "selected": selected, "rate": rate, "shortfall": 0}
            )
        figures = {}
        for name, value in truth(self.month.works).figures.items():
            raw = value - 0.35
            figures[name] = {"estimate": value + 0.01, "low": value - 0.05, "high": value + 0.07, "raw": raw, "n": 300}
        pairs = len({one.service for one in memory.second()})
        return {"strata": strata, "figures": figures, "recovery": {"pairs": pairs}}


def _reachable(work: Work) -> bool:
    return work.stratum is not None and bool(work.customer.phone or work.customer.email)


def _answers(work: Work, purpose: str) -> dict[str, Any]:
    return {question: said(work.opinion, purpose, question) for question in _QUESTIONS}


def _response(one: Answered) -> Response:
    answers = [expected.score_of(one.answers, question) for question in ("overall", "nps", "solved")]
    return Response(one.service, *answers)


def _idea(authors: Sequence[Work]) -> IdeaSeen:
    texts = tuple(str(work.opinion.remarks) for work in authors)
    return IdeaSeen(texts, "done", customers=len(authors), votes=1, told=len(authors))


def _cases(before: Evidence) -> list[CaseSeen]:
    reopened = before.month.planted.reopened.key
    plain = ("open", "start", "solve", "contact", "close")
    again = ("open", "start", "solve", "contact", "reopen", "start", "solve", "contact", "close")
    return [
        CaseSeen(
            f"AC-{number}", key, department, "closed", "contacted", ("attempt",), chain_whole=True,
            acts=again if key == reopened else plain,
        )
        for number, (department, key) in enumerate(expected.cases(before).elements())
    ]  # fmt: skip
