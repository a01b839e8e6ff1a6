"""The catalogue of tunes, and which one a call ends with."""

import hashlib
import tomllib
from collections.abc import Sequence
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
    """`locales`: languages of the customers who may hear it; empty: all. `file`: below the folder of sounds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    band: Band
    tone: Tone
    locales: tuple[str, ...] = ()
    file: str
    licence: str


class NoTune(Exception):
    """The catalogue has none of this band for this language."""


@cache
def catalogue() -> tuple[Tune, ...]:
    """In the order of the file."""
    text = (resources.files("services.survey.ivr") / "tunes.toml").read_text(encoding="utf-8")
    return tuple(Tune.model_validate(one) for one in tomllib.loads(text)["tune"])


def chosen(
    tunes: Sequence[Tune], band: Band, *, language: str, tone: Tone, customer: str, pilot_share: float = 0.0
) -> Tune:
    """The tune of the house's tone; for the customers of a pilot any of the band, by chance but always the same.

    `customer`: whatever names one for good. `pilot_share`: which part of the customers takes part. Raises `NoTune`.
    """
    fit = [tune for tune in tunes if tune.band is band and (not tune.locales or language in tune.locales)]
    if not fit:
        raise NoTune(f"no {band} tune for {language}: add one to the catalogue of tunes")
    if _share_of("pilot", customer) < pilot_share:
        return fit[int(_share_of(f"tune-{band}", customer) * len(fit))]
    return next((tune for tune in fit if tune.tone is tone), fit[0])


def _share_of(purpose: str, customer: str) -> float:
    """Between 0 and 1, the same for the same two names, even over all customers."""
    digest = hashlib.sha256(f"{purpose}/{customer}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
