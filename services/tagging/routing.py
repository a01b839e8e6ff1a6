"""Whose duty a finding is: the department that the words name, else the handler's, else the default one. Pure."""

from collections.abc import Sequence
from functools import lru_cache

from contracts.context import ServiceContext
from services.tagging.finding import Finding
from services.tagging.lexicon import Lexicon
from services.tagging.matching import Group


class Routes:
    """The routes of one response."""

    def __init__(self, lexicon: Lexicon, context: ServiceContext | None, findings: Sequence[Finding]) -> None:
        self.team = context.handler.team if context else None
        self._named = [finding for finding in findings if finding.group is Group.DEPARTMENT]
        self._else = _of_team(lexicon, self.team)

    def department(self, finding: Finding | None) -> tuple[str, bool]:
        """The department named nearest in the same sentence; else the team's; else the default, as a fallback (True).

        A problem may be told over several sentences: a department named elsewhere in its answer comes before the team.
        Without a finding: the first department that any words name.
        """
        if not self._named:
            return self._else
        if finding is None:
            return self._named[0].code, False
        here = [f for f in self._named if f.sentence == finding.sentence and f.question_id == finding.question_id]
        if not here and finding.group is Group.PROBLEM:
            here = [f for f in self._named if f.question_id == finding.question_id]
        if not here:
            return self._else
        return min(here, key=lambda named: abs(named.start - finding.start)).code, False


@lru_cache(maxsize=1024)
def _of_team(lexicon: Lexicon, team: str | None) -> tuple[str, bool]:
    """The department of a CRM team; the default one, as a fallback, when no part of its name is known."""
    department = lexicon.routing.of_team(team)
    return (department, False) if department else (lexicon.routing.default_department, True)
