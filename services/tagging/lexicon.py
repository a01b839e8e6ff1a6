"""The lexicon and the routing table: reviewed data files, read once, named by a version."""

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

HERE = Path(__file__).parent
LANGUAGES = ("zh", "en")


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProblemType(_Data):
    code: str
    name: str
    terms: tuple[str, ...]
    negated_terms: tuple[str, ...] = ()
    """Count only behind a negation: praise turned into blame."""


class DepartmentTerms(_Data):
    code: str
    name: str
    terms: tuple[str, ...]


class Cues(_Data):
    terms: tuple[str, ...]


class Vocabulary(_Data):
    """One language of the lexicon."""

    language: str
    number: int
    negations: tuple[str, ...]
    negation_window: int
    not_negations: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    problem: tuple[ProblemType, ...]
    department: tuple[DepartmentTerms, ...]
    suggestion: Cues
    praise: Cues
    new_demand: Cues

    def __hash__(self) -> int:
        """Quick: it is looked up for every text."""
        return hash((self.language, self.number))


class Department(_Data):
    name: str
    teams: tuple[str, ...]
    due: str
    urgent_due: str


class Routing(_Data):
    default_department: str
    important_levels: tuple[str, ...]
    departments: dict[str, Department]

    def of_team(self, team: str | None) -> str | None:
        """Department that a CRM team belongs to; None when no part of its name is known."""
        if not team:
            return None
        return next((code for code, d in self.departments.items() if any(part in team for part in d.teams)), None)


class Lexicon(_Data):
    version: str
    """`<number>-<first digits of the digest of all files>`: changes with every changed character."""
    vocabularies: tuple[Vocabulary, ...]
    routing: Routing

    @classmethod
    def read(cls, folder: Path) -> Self:
        files = [folder / "lexicon" / f"{language}.toml" for language in LANGUAGES] + [folder / "routing.toml"]
        contents = [file.read_bytes() for file in files]
        vocabularies = tuple(Vocabulary.model_validate(tomllib.loads(c.decode())) for c in contents[:-1])
        digest = hashlib.sha256(b"\0".join(contents)).hexdigest()
        number = max(vocabulary.number for vocabulary in vocabularies)
        return cls(
            version=f"{number}-{digest[:10]}",
            vocabularies=vocabularies,
            routing=Routing.model_validate(tomllib.loads(contents[-1].decode())),
        )


@cache
def shipped() -> Lexicon:
    """The lexicon that lies beside this module."""
    return Lexicon.read(HERE)
