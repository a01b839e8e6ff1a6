"""Defects to plant on purpose: each must turn exactly its own line of the score red."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from launcher.demo.calendar import ZONE
from launcher.demo.evidence import Evidence

VARIABLE = "AFTERCALL_DEMO_DEFECT"


@dataclass(frozen=True)
class Defect:
    """`line` is the only one that may turn red."""

    line: str
    plant: Callable[[Evidence], Evidence]


def _answer(evidence: Evidence) -> Evidence:
    """One recommendation was changed on its way."""
    first, *others = evidence.told.responses
    wrong = replace(first, nps=0 if first.nps != 0 else 10)
    return _told(evidence, responses=(wrong, *others))


def _department(evidence: Evidence) -> Evidence:
    """One case went to a department that it does not concern."""
    first, *others = evidence.told.cases
    elsewhere = "logistics" if first.department != "logistics" else "billing"
    return _told(evidence, cases=(replace(first, department=elsewhere), *others))


def _contact(evidence: Evidence) -> Evidence:
    """One customer was called in the night."""
    first, *others = sorted(evidence.memory.contacts, key=lambda contact: contact.at)
    at_night = replace(first, at=first.at.astimezone(ZONE).replace(hour=2))
    return replace(evidence, memory=replace(evidence.memory, contacts=[at_night, *others]))


def _promise(evidence: Evidence) -> Evidence:
    """A broken promise is told as kept."""
    return _told(evidence, promises=dict.fromkeys(evidence.told.promises, "kept"))


def _letter(evidence: Evidence) -> Evidence:
    """A dead letter was swallowed."""
    dead = dict(evidence.told.dead_letters)
    return _told(evidence, dead_letters={**dead, "scheduler": dead["scheduler"] - 1})


def _mean(evidence: Evidence) -> Evidence:
    """The plain mean is printed as if it were the weighted one."""
    figure = evidence.told.summary["figures"]["overall"]
    shift = figure["raw"] - figure["estimate"]
    moved = {name: figure[name] + shift for name in ("estimate", "low", "high")}
    figures: Mapping[str, Any] = {**evidence.told.summary["figures"], "overall": {**figure, **moved}}
    return _told(evidence, summary={**evidence.told.summary, "figures": figures})


def _closing(evidence: Evidence) -> Evidence:
    """The case of the story was closed, and nobody called the customer before."""
    story = evidence.month.planted.story.key
    cases = [
        replace(case, acts=tuple(act for act in case.acts if act != "contact")) if case.service == story else case
        for case in evidence.told.cases
    ]
    return _told(evidence, cases=cases)


def _proof(evidence: Evidence) -> Evidence:
    """One case, not that of the story, was closed by a click."""
    story = evidence.month.planted.story.key
    chosen = next(case for case in evidence.told.cases if case.state == "closed" and case.service != story)
    cases = [replace(case, evidence=()) if case is chosen else case for case in evidence.told.cases]
    return _told(evidence, cases=cases)


def _author(evidence: Evidence) -> Evidence:
    """One author of a suggestion was never told what became of it."""
    said = {work.opinion.remarks for work in evidence.month.planted.wish}
    ideas = [replace(one, told=one.told - 1) if said & set(one.texts) else one for one in evidence.told.ideas]
    return _told(evidence, ideas=ideas)


def _appointment(evidence: Evidence) -> Evidence:
    """The agreed time was not kept."""
    key = evidence.month.planted.appointment.key
    earlier = {key: evidence.memory.agreed[key] - timedelta(hours=5)}
    return replace(evidence, memory=replace(evidence.memory, agreed={**evidence.memory.agreed, **earlier}))


DEFECTS: Mapping[str, Defect] = {
    "answer": Defect("答卷原样到达，一份不多", _answer),
    "department": Defect("各部门收到各自的案件", _department),
    "contact": Defect("只在当地 08–22 点联系", _contact),
    "promise": Defect("兑现与违背的承诺", _promise),
    "letter": Defect("死信恰好是埋下的", _letter),
    "mean": Defect("整体满意度（加权）", _mean),
    "closing": Defect("1 分 → 案件 → 处理 → 告知 → 结案", _closing),
    "proof": Defect("结案都有证据，历史都完整", _proof),
    "author": Defect("建议合并、答复、回告提出人", _author),
    "appointment": Defect("约定时间准时回电", _appointment),
}


def names() -> Sequence[str]:
    return tuple(DEFECTS)


def _told(evidence: Evidence, **changes: Any) -> Evidence:
    return replace(evidence, told=replace(evidence.told, **changes))
