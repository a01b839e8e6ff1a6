"""The catalogue of tunes."""

import tomllib
from enum import StrEnum
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict

from services.survey.renderings.ivr import Band


class Tone(StrEnum):
    CLASSICAL = "classical"
    POP = "pop"
    NATURE = "nature"


class Tune(BaseModel):
    """`locales`: languages of the customers who may hear it; empty: all. `file`: below the folder of sounds.

    `uploaded`: by the house; it lies in the database and is brought to the folder before it is played.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    band: Band
    tone: Tone
    locales: tuple[str, ...] = ()
    file: str
    licence: str
    uploaded: bool = False

    def may_be_heard_in(self, language: str) -> bool:
        return not self.locales or language in self.locales


class NoTune(Exception):
    """The catalogue has none of this band for this language."""


@cache
def catalogue() -> tuple[Tune, ...]:
    """What is shipped, in the order of the file."""
    text = (resources.files("services.survey.ivr") / "tunes.toml").read_text(encoding="utf-8")
    return tuple(Tune.model_validate(one) for one in tomllib.loads(text)["tune"])
