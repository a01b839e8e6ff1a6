"""A suggestion of the library: what several customers said, its status, and what may be done with it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class IdeaStatus(StrEnum):
    NEW = "new"
    UNDER_REVIEW = "under_review"
    PLANNED = "planned"
    DONE = "done"
    DECLINED = "declined"


class IdeaOwner(StrEnum):
    PRODUCT = "product"
    OPS = "ops"


class IdeaRefused(Exception):
    """This status does not allow that; nothing was changed."""

    def __init__(self, idea_id: str, status: IdeaStatus, wanted: str) -> None:
        super().__init__(f"suggestion {idea_id} is {status}: {wanted} is not possible")
        self.idea_id = idea_id
        self.status = status


_S = IdeaStatus
NEXT: dict[IdeaStatus, frozenset[IdeaStatus]] = {
    _S.NEW: frozenset({_S.UNDER_REVIEW, _S.DECLINED}),
    _S.UNDER_REVIEW: frozenset({_S.PLANNED, _S.DONE, _S.DECLINED}),
    _S.PLANNED: frozenset({_S.UNDER_REVIEW, _S.DONE, _S.DECLINED}),
    _S.DONE: frozenset(),
    _S.DECLINED: frozenset({_S.UNDER_REVIEW}),
}
SETTLED = frozenset({_S.DONE, _S.DECLINED})
"""Its authors are told."""
MERGEABLE = frozenset({_S.NEW, _S.UNDER_REVIEW, _S.PLANNED})


@dataclass(frozen=True)
class Idea:
    """`title` and `outcome` are the house's own words; what customers said stays sealed in their answers."""

    idea_id: str
    department: str
    kind: str
    owner: IdeaOwner
    opened_at: datetime
    changed_at: datetime
    title: str | None = None
    status: IdeaStatus = IdeaStatus.NEW
    outcome: str | None = None
    revision: int = 1
    merged_into: str | None = None


def owner_of(department: str) -> IdeaOwner:
    """Whose list it goes to first."""
    return IdeaOwner.PRODUCT if department == "product" else IdeaOwner.OPS


def decided(idea: Idea, status: IdeaStatus, outcome: str | None, now: datetime) -> Idea:
    """Raises `IdeaRefused`. What authors are told stays until another outcome replaces it."""
    if idea.merged_into is not None or status not in NEXT[idea.status]:
        raise IdeaRefused(idea.idea_id, idea.status, status)
    return _changed(idea, now, status=status, outcome=outcome or idea.outcome)


def described(idea: Idea, *, title: str | None, owner: IdeaOwner, now: datetime) -> Idea:
    return _changed(idea, now, title=title, owner=owner)


def joined(idea: Idea, into: Idea, now: datetime) -> Idea:
    """The idea is one with `into` from now on. Raises `IdeaRefused` for a settled one or another department's."""
    same = idea.idea_id == into.idea_id or idea.department != into.department
    if same or idea.merged_into or into.merged_into or not {idea.status, into.status} <= MERGEABLE:
        raise IdeaRefused(idea.idea_id, idea.status, "merge")
    return _changed(idea, now, merged_into=into.idea_id)


def _changed(idea: Idea, now: datetime, **changes: object) -> Idea:
    return replace(idea, changed_at=now, revision=idea.revision + 1, **changes)  # type: ignore[arg-type]
