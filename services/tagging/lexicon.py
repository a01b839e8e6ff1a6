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


class CustomerSign(_Data):
    """Words by which a customer shows what kind of customer this is."""

    code: str
    name: str
    terms: tuple[str, ...]


class Cues(_Data):
    terms: tuple[str, ...]


class Vocabulary(_Data):
    """One language of the lexicon. How a term is written: docs/tagging.md, section "How a term is written"."""

    language: str
    number: int
    negations: tuple[str, ...]
    negation_window: int
    """A negation reaches a term that begins at most so many characters behind it, in the same clause."""
    far_negations: tuple[str, ...] = ()
    """These reach everything behind them in their clause."""
    not_negations: tuple[str, ...] = ()
    gap: int
    """The most characters that `…` in a term may stand for; never a clause's end."""
    ignore: tuple[str, ...] = ()
    intensity: tuple[str, ...] = ()
    """Words that make a problem at a low score one step more severe."""
    problem: tuple[ProblemType, ...]
    department: tuple[DepartmentTerms, ...]
    customer: tuple[CustomerSign, ...] = ()
    suggestion: Cues
    praise: Cues
    new_demand: Cues


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

    def __hash__(self) -> int:
        """Quick: it is looked up for every text."""
        return hash(self.version)

    @classmethod
    def read(cls, folder: Path, *, instead: Path | None = None) -> Self:
        """`instead` takes the place of the file of its own language. Raises `LexiconError` for a file that is none."""
        changed = _vocabulary(instead.read_bytes(), instead.name) if instead else None
        files = {language: folder / "lexicon" / f"{language}.toml" for language in LANGUAGES}
        if instead and changed:
            files[changed.language] = instead
        contents = [file.read_bytes() for file in [*files.values(), folder / "routing.toml"]]
        named = zip(contents[:-1], files.values(), strict=True)
        vocabularies = tuple(_vocabulary(content, file.name) for content, file in named)
        digest = hashlib.sha256(b"\0".join(contents)).hexdigest()
        number = max(vocabulary.number for vocabulary in vocabularies)
        return cls(
            version=f"{number}-{digest[:10]}",
            vocabularies=vocabularies,
            routing=Routing.model_validate(tomllib.loads(contents[-1].decode())),
        )


class LexiconError(ValueError):
    """A file of the lexicon that cannot be used; says which, where and what to do."""


def _vocabulary(content: bytes, name: str) -> Vocabulary:
    try:
        vocabulary = Vocabulary.model_validate(tomllib.loads(content.decode()))
    except ValueError as error:
        raise LexiconError(f"{name}: {error}") from error
    if vocabulary.language not in LANGUAGES:
        raise LexiconError(f"{name}: language {vocabulary.language} is none of {', '.join(LANGUAGES)}")
    return vocabulary


@cache
def shipped() -> Lexicon:
    """The lexicon that lies beside this module."""
    return Lexicon.read(HERE)
