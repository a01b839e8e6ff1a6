"""What must follow from what the simulated people did. Knows the rules of the field, not the product's code."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from launcher.demo.answers import GOOD_ENOUGH
from launcher.demo.customer import Work
from launcher.demo.evidence import Evidence, Story
from launcher.demo.memory import Answered, Key

_ALERTING = ("overall", "response_speed", "competence", "attitude", "clarity")
_OF_TEAM = {"投诉": "service_desk", "咨询": "service_desk", "维修": "repair", "安装": "installation"}
_UNREACHED = frozenset({"exhausted", "window_missed", "suppressed_by_budget"})


def score_of(answers: Mapping[str, Any], question: str) -> Any:
    return answers[question].get("value") if question in answers else None


def is_low(answers: Mapping[str, Any]) -> bool:
    """A rating of 1 or 2 of the service itself."""
    return any((score_of(answers, question) or 5) < GOOD_ENOUGH for question in _ALERTING)


def duty(work: Work, answered: Answered) -> str | None:
    """The department that must get a case. Without words it is the department of the team that did the work."""
    if not is_low(answered.answers):
        return None
    if "text" in answered.answers.get("reason", {}) and work.opinion.complaint is not None:
        return work.opinion.complaint.department
    return next(department for sign, department in _OF_TEAM.items() if sign in work.team)


def cases(evidence: Evidence) -> Counter[tuple[str, Key]]:
    """(department, service) of every case that must exist."""
    found: Counter[tuple[str, Key]] = Counter()
    for one in evidence.memory.surveys():
        department = duty(evidence.memory.works[one.service], one)
        if department is not None:
            found[department, one.service] += 1
    return found


def routed(evidence: Evidence) -> Counter[tuple[str, str, Key]]:
    """(kind, department, service) of every suggestion and praise that customers gave."""
    found: Counter[tuple[str, str, Key]] = Counter()
    for one in evidence.memory.surveys():
        opinion = evidence.memory.works[one.service].opinion
        if "text" in one.answers.get("remarks", {}) and opinion.remark_kind and opinion.remark_department:
            found[opinion.remark_kind, opinion.remark_department, one.service] += 1
    return found


def explanations(work: Work, story: Story, evidence: Evidence) -> frozenset[str]:
    """The terminal explanations that agree with what this customer lived through."""
    memory = evidence.memory
    if work.stratum is None:
        return frozenset({"out_of_frame" if work.expected_reason == "older_than_look_back" else "rejected"})
    if story.verdict == "not_drawn":
        return frozenset({"not_drawn"})
    heard = [one for one in memory.surveys() if one.service == work.key]
    if any(one.complete for one in heard):
        return frozenset({"complete"})
    if work.customer.phone is None and work.customer.email is None:
        return frozenset({"no_contact_data"})
    if _is_stopped(work, evidence):
        return frozenset({"opted_out"})
    if heard:
        return frozenset({"partial", "break_off"})
    said = memory.last_word.get(work.key)
    if said in ("refuse", "refuse_take_link"):
        return frozenset({"refused"})
    return _UNREACHED


def _is_stopped(work: Work, evidence: Evidence) -> bool:
    """Did this customer, or anybody with the same number, ask not to be contacted?"""
    stopped = {
        key.customer for key in evidence.memory.works.values() if key.customer.customer_id in evidence.memory.stops
    }
    numbers = {customer.phone for customer in stopped if customer.phone}
    return work.customer.customer_id in evidence.memory.stops or work.customer.phone in numbers
