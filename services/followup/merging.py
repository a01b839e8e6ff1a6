"""Repeated problems of one customer: one case leads, the others are worked, told and closed with it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.followup.case import SYSTEM, Actor, Case, Entry, Step, step
from services.followup.casework import started
from services.followup.states import Action, allows

_SHARED = (
    "owner", "owner_name", "root_cause", "root_cause_note", "action", "action_note", "progress_text", "solved_at",
    "told_at", "closed_at", "closed_as", "evidence",
)  # fmt: skip
_ECHOED = frozenset({Action.ASSIGN, Action.START, Action.SOLVE, Action.CONTACT, Action.CLOSE, Action.REOPEN})


class NotMergeable(ValueError):
    """`rule` says why these two cases cannot be one piece of work."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def merged(case: Case, leader: Case, by: Actor, now: datetime) -> list[Step]:
    """Both cases after the merge; the one led is brought to work when its leader is. Raises `NotMergeable`."""
    _check(case, leader)
    steps = []
    if case.state is not leader.state:
        for one in (case, leader):
            if allows(one.state, Action.START):
                steps.append(started(one, by, now))
        latest = {taken.case.case_id: taken.case for taken in steps}
        case, leader = latest.get(case.case_id, case), latest.get(leader.case_id, leader)
    detail = {"leader": leader.case_id}
    steps.append(
        step(case, Action.MERGE, by, now, why="same_customer", detail=detail, leader=leader.case_id,
             owner=leader.owner, owner_name=leader.owner_name)
    )  # fmt: skip
    due_at = min(leader.due_at, case.due_at)
    took = {"took": case.case_id, "due_at": due_at.isoformat()}
    steps.append(step(leader, Action.MERGE, by, now, why="same_customer", detail=took, due_at=due_at))
    return steps


def split(case: Case, by: Actor, why: str, now: datetime) -> Step:
    """On its own again, as it is."""
    return step(case, Action.SPLIT, by, now, why=why, detail={"leader": case.leader}, leader=None)


def echoes(steps: Iterable[Step], led: Iterable[Case], now: datetime) -> list[Step]:
    """What steps of leaders mean for the cases they lead: the same act, or an end of the lead."""
    current = {case.case_id: case for case in led}
    found = []
    for one in steps:
        for case in [case for case in current.values() if case.leader == one.case.case_id]:
            echo = _echo(one, case, now)
            if echo is not None:
                found.append(echo)
                current[case.case_id] = echo.case
    return found


def speaks_to_led(step: Step) -> bool:
    return step.entry.action in _ECHOED or step.entry.action in (Action.CORRECT, Action.MOVE)


def _echo(one: Step, case: Case, now: datetime) -> Step | None:
    action = one.entry.action
    lost = action is Action.CORRECT or (action is Action.MOVE and one.case.department != case.department)
    if lost:
        return split(case, SYSTEM, "leader_left", now) if allows(case.state, Action.SPLIT) else None
    if action not in _ECHOED or not allows(case.state, action):
        return None
    detail = one.entry.detail | {"leader": one.case.case_id}
    entry = Entry(case.case_id, now, one.entry.actor, action, case.state, one.case.state, detail, one.entry.note)
    shared = {name: getattr(one.case, name) for name in _SHARED}
    if action is Action.REOPEN:
        shared |= {"due_at": one.case.due_at, "policy_due_at": one.case.policy_due_at, "reopened": case.reopened + 1}
    after = replace(case, state=one.case.state, changed_at=now, revision=case.revision + 1, **shared)
    return Step(after, entry)


def _check(case: Case, leader: Case) -> None:
    if case.case_id == leader.case_id:
        raise NotMergeable("is this very case")
    if case.customer_ref != leader.customer_ref:
        raise NotMergeable("is a case of another customer")
    if case.department != leader.department:
        raise NotMergeable("is a case of another department")
    if leader.leader is not None or case.leader is not None:
        raise NotMergeable("is merged already")
