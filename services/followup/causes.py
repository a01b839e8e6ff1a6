"""The lists that a closing chooses from."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

HERE = Path(__file__).parent


class Causes(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    root_cause: dict[str, str]
    action: dict[str, str]


@cache
def causes() -> Causes:
    return Causes.model_validate(tomllib.loads((HERE / "causes.toml").read_text(encoding="utf-8")))
