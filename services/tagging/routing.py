"""Whose duty a finding is: the department that the words name, else the handler's, else the default one. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from contracts.context import ServiceContext
from services.tagging.finding import Finding
from services.tagging.lexicon import Lexicon
from services.tagging.matching import Group

Whose = tuple[str, bool]
"""A department, and whether it is the default one because neither words nor team named any."""


class Duty(NamedTuple):
    """What the findings `near` ask of one department: they have one code."""

    whose: Whose
    code: str
    near: list[Finding]


class Routes:
    """The routes of one response; `named`: where its words name departments."""

    def __init__(self, lexicon: Lexicon, context: ServiceContext | None, named: Sequence[Finding]) -> None:
        self.team = context.handler.team if context else None
        self._named = named
        self._else = _of_team(lexicon, self.team)

    def duties(self, findings: Sequence[Finding]) -> list[Duty]:
        """One for each department and code."""
        found: dict[tuple[str, str], Duty] = {}
        for finding in findings:
            code = finding.code
            whose = self.department(finding)
            duty = found.get((whose[0], code))
            if duty is None:
                found[whose[0], code] = Duty(whose, code, [finding])
            else:
                duty.near.append(finding)
        return list(found.values())

    def department(self, finding: Finding | None) -> Whose:
        """The department named nearest in the same sentence; else the team's; else the default, as a fallback (True).

        A problem may be told over several sentences: a department named elsewhere in its answer comes before the team.
        Without a finding: the first department that any words name.
        """
        if not self._named:
            return self._else
        if finding is None:
            return self._named[0].code, False
        answer = [f for f in self._named if f.question_id == finding.question_id]
        here = [f for f in answer if f.sentence == finding.sentence]
        if not here and finding.group is Group.PROBLEM:
            here = answer
        if not here:
            return self._else
        nearest = here[0] if len(here) == 1 else min(here, key=lambda named: abs(named.start - finding.start))
        return nearest.code, False


@lru_cache(maxsize=1024)
def _of_team(lexicon: Lexicon, team: str | None) -> Whose:
    """The department of a CRM team; the default one, as a fallback, when no part of its name is known."""
    department = lexicon.routing.of_team(team)
    return (department, False) if department else (lexicon.routing.default_department, True)
