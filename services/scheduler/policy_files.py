"""The policy files, read and checked; a contradictory one is refused with file, line and reason."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.scheduler.contradictions import contradictions
from services.scheduler.house import House
from services.scheduler.policy import PolicySet, ScenarioPolicy
from services.scheduler.policy_versions import policy_set

PACKAGED = Path(__file__).parent / "scenarios"
HOUSE = "house"
M = TypeVar("M", bound=BaseModel)
_TABLE = re.compile(r"\s*\[{1,2}([^\[\]]+)\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"\s*([\w.\"'-]+)\s*=")
_AT_LINE = re.compile(r"at line (\d+)")


class PolicyError(Exception):
    """A policy file that cannot hold: names the file, the line, the key and the reason."""

    def __init__(self, file: Path, place: str, reason: str, line: int | None = None) -> None:
        where = f"{file}:{line}" if line else str(file)
        super().__init__(f"{where}: {place}: {reason}" if place else f"{where}: {reason}")
        self.file, self.place, self.reason, self.line = file, place, reason, line


def load_policies(override: Path | None = None) -> PolicySet:
    """Every file of the packaged folder, a file of `override` in place of the packaged one of its name.

    Raises `PolicyError` for the first file that contradicts itself or the others.
    """
    if override is not None and not override.is_dir():
        raise PolicyError(override, "", "is not a folder of policy files")
    files = {file.stem: file for folder in (PACKAGED, override) if folder for file in sorted(folder.glob("*.toml"))}
    house = read_file(files.pop(HOUSE), House)
    policies = []
    for stem, file in sorted(files.items()):
        policy = read_file(file, ScenarioPolicy)
        if stem != policy.scenario:
            raise refused(file, ("scenario",), f"the file of {policy.scenario} is called {policy.scenario}.toml")
        for contradiction in contradictions(policy, house):
            raise refused(file, contradiction.place, contradiction.reason)
        policies.append(policy)
    return policy_set(house, policies)


def read_file(file: Path, model: type[M]) -> M:
    """One file as its model. Raises `PolicyError`."""
    try:
        return model.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(file, "", str(error)) from None
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        raise PolicyError(file, "", str(error), int(found[1]) if found else None) from None
    except ValidationError as error:
        first = error.errors()[0]
        raise refused(file, first["loc"], first["msg"].removeprefix("Value error, ")) from None


def refused(file: Path, place: Sequence[Any], reason: str) -> PolicyError:
    text = file.read_text(encoding="utf-8")
    return PolicyError(file, ".".join(str(step) for step in place), reason, line_of(text, place))


def line_of(text: str, place: Sequence[Any]) -> int:
    """The line (from 1) of a key's path in a TOML text: of the key, else of the nearest table around it, else 1."""
    names = [str(step) for step in place if not isinstance(step, int)]
    numbered = next((at for at, step in enumerate(place) if isinstance(step, int)), None)
    table: list[str] = []
    left = place[numbered] + 1 if numbered is not None else 0
    best, depth = 1, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            table = path = _path(header[1])
            left -= numbered is not None and table == names[:numbered]
        elif key := _KEY.match(line):
            path = [*table, *_path(key[1])]
        else:
            continue
        # of an array of tables only the one with the number counts
        if left <= 0 and path == names[: len(path)] and len(path) > depth:
            best, depth = number, len(path)
    return best


def _path(dotted: str) -> list[str]:
    return [step.strip().strip("\"'") for step in dotted.split(".")]
