"""How well the rules find what people hold to be there: precision and recall for each tag. Pure."""

from collections.abc import Iterable, Set
from dataclasses import dataclass

from services.tagging.finding import Finding
from services.tagging.matching import Group

TAGS = ("attitude", "response_speed", "competence", "process", "praise", "suggestion", "new_demand")
_TAGGED = frozenset((Group.PROBLEM, Group.PRAISE, Group.SUGGESTION, Group.NEW_DEMAND))


@dataclass(frozen=True)
class Tally:
    """Of one tag: found and held, found only, held only."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """Share of what was found that is held; None where nothing was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Share of what is held that was found; None where nothing is held."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


def tallies(judged: Iterable[tuple[Set[str], Set[str]]]) -> dict[str, Tally]:
    """By tag, from (found, held) of each text; tags that occur nowhere are left out."""
    counted: dict[str, Tally] = {}
    for found, held in judged:
        for code in found | held:
            one = Tally(int(code in found and code in held), int(code not in held), int(code not in found))
            counted[code] = counted.get(code, Tally()) + one
    return {code: counted[code] for code in sorted(counted, key=_rank)}


def codes_of(findings: Iterable[Finding]) -> set[str]:
    """The tags that findings speak for: problem types, praise, suggestion, new demand."""
    return {finding.code for finding in findings if finding.group in _TAGGED}


def _rank(code: str) -> tuple[int, str]:
    return (TAGS.index(code) if code in TAGS else len(TAGS), code)
