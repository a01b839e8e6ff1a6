"""How this process telephones. Without an address of an exchange it has none of its own."""

from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from chassis.settings import SettingsError
from contracts.vocabulary import Scenario
from services.survey.ivr.tunes import Tone
from services.survey.renderings.ivr import Times

PREFIX = "AFTERCALL_SURVEY_ARI_"
ANY_SKILL = "*"
EVERY = "*"


def _hours(given: object) -> object:
    return tuple(given.split("-")) if isinstance(given, str) else given


def _words(given: object) -> object:
    return tuple(word.strip() for word in given.split(",")) if isinstance(given, str) else given


class House(BaseSettings):
    """What every way to telephone has: from the environment, its prefix before each name in capitals.

    `calls`: at the same time. `agents`: telephones of people by skill (`*`: any), tried in their order.
    `agent_hours`: on working days, in the operator's zone; with `agent_holidays` on every day.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True)

    caller_id: str = ""
    calls: int = Field(default=30, ge=0, le=500)
    ring_seconds: int = Field(default=30, ge=5, le=120)
    agents: dict[str, tuple[str, ...]] = {}
    agent_hours: Annotated[tuple[time, time], NoDecode, BeforeValidator(_hours)] = (time(9), time(18))
    agent_holidays: bool = False
    tone: Tone = Tone.CLASSICAL
    silence_seconds: float = Field(default=Times.silence, gt=0, le=30)
    pause_seconds: float = Field(default=Times.pause, gt=0, le=10)
    correction_seconds: float = Field(default=Times.correction, gt=0, le=10)
    transfer_seconds: float = Field(default=Times.transfer, gt=0, le=120)

    @property
    def times(self) -> Times:
        return Times(
            silence=self.silence_seconds,
            pause=self.pause_seconds,
            correction=self.correction_seconds,
            transfer=self.transfer_seconds,
        )

    @property
    def tunes_folder(self) -> Path | None:
        """Where uploaded tunes are brought to; None where they are not played from a folder."""
        return None

    @property
    def plays_uploads(self) -> bool:
        """Whether an uploaded tune can be played at all."""
        return self.tunes_folder is not None

    def telephones(self, skill: str) -> tuple[str, ...]:
        return self.agents.get(skill) or self.agents.get(ANY_SKILL, ())


Way = TypeVar("Way", bound=House)


class Telephony(House):
    """Of an own exchange. Without an address there is none.

    `app`: the name under which one worker speaks to one exchange; two must never share it.
    `endpoint`: how a number is dialled there. `sounds`: the folder of prompts and tunes as the exchange sees it.
    `extensions`: telephones of agents by their login; for whoever is not named no call is placed.
    `record`: scenarios whose calls are recorded (`*`: all), after the customer was told so.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    url: str = ""
    user: str = "aftercall"
    password: str = Field(default="", repr=False)
    app: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = "aftercall"
    endpoint: str = "PJSIP/{number}@trunk"
    sounds: Path | None = None
    extensions: dict[str, str] = {}
    record: Annotated[tuple[Scenario | Literal["*"], ...], NoDecode, BeforeValidator(_words)] = ()

    @property
    def tunes_folder(self) -> Path | None:
        return self.sounds

    def records(self, scenario: Scenario) -> bool:
        return EVERY in self.record or scenario in self.record

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.url and not self.password:
            raise ValueError("PASSWORD is missing: the exchange asks for one")
        if self.url and self.sounds is None:
            raise ValueError("SOUNDS is missing: the folder of prompts and tunes as the exchange sees it")
        if "{number}" not in self.endpoint:
            raise ValueError("ENDPOINT has no {number}")
        return self


def read() -> Telephony:
    """Raises `SettingsError` naming what is wrong."""
    return from_environment(Telephony)


def from_environment(kind: type[Way]) -> Way:
    """One way to telephone. Raises `SettingsError` naming what is wrong."""
    try:
        return kind()
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc'])).upper() or 'it'}: {one['msg']}" for one in error.errors())
        raise SettingsError(f"{kind.model_config['env_prefix']}… is not right: {wrong}.") from None


@dataclass(frozen=True)
class Extension:
    """An agent's telephone at an exchange. `exchange`: the application name of the worker that rings it."""

    exchange: str
    telephone: str


def extension_of(login: str) -> Extension | None:
    """None for whoever was given none, and without an exchange: they dial with a telephone of their own."""
    given = read()
    telephone = given.extensions.get(login, "") if given.url else ""
    return Extension(given.app, telephone) if telephone else None


def wanted() -> bool:
    return bool(read().url)


def check() -> None:
    """Raises `SettingsError`."""
    read()
