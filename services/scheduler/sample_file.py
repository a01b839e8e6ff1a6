"""The sample of one period as a file of JSON lines: the policies, what was told of the period, and its ledger."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from contracts.events.scheduler import SamplingPeriodClosed, SamplingPeriodOpened

KIND, FORMAT = "aftercall-sample", 1


class SampleFault(Exception):
    """A file that is no sample of ours: names the file, the line and the reason."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")


class SampleRow(BaseModel):
    """One completion of the ledger. `erased`: its customer's data were destroyed, the row stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    service_id: str
    verdict: Literal["selected", "not_drawn", "rejected", "out_of_frame"]
    reason: str
    scenario: str | None
    service_type: str | None
    level: str | None
    stratum: str
    rate_version: int
    cell: str
    thousandths: int
    draw: float | None
    policy_version: str
    completed_at: AwareDatetime
    accepted_at: AwareDatetime
    erased: bool = False

    @property
    def in_frame(self) -> bool:
        return self.verdict in ("selected", "not_drawn")


@dataclass(frozen=True)
class Sample:
    period: str
    zone: str
    """The operator's, on whose clock a period is a month."""
    policies: tuple[tuple[str, Mapping[str, Any]], ...]
    """(version, content) of each edition that decided."""
    opened: tuple[SamplingPeriodOpened, ...]
    closed: SamplingPeriodClosed
    rows: tuple[SampleRow, ...]


def write_sample(file: Path, sample: Sample) -> None:
    with file.open("w", encoding="utf-8") as out:
        for line in _lines(sample):
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=_plain) + "\n")


def read_sample(file: Path) -> Sample:
    """Raises `SampleFault`, `OSError`."""
    head: dict[str, Any] = {}
    policies, opened, closed, rows = [], [], [], []
    for number, line in _read(file):
        kind = line.pop("kind", None)
        try:
            match kind:
                case "aftercall-sample":
                    head = line
                case "policies":
                    policies.append((str(line["version"]), dict(line["content"])))
                case SamplingPeriodOpened.topic:
                    opened.append(SamplingPeriodOpened.model_validate(line))
                case SamplingPeriodClosed.topic:
                    closed.append(SamplingPeriodClosed.model_validate(line))
                case "completion":
                    rows.append(SampleRow.model_validate(line))
                case _:
                    raise SampleFault(file, number, f"holds an unknown kind {kind!r}")
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(step) for step in first["loc"])
            raise SampleFault(file, number, f"{place}: {first['msg']}") from None
        except (KeyError, TypeError, ValueError) as error:
            raise SampleFault(file, number, f"does not hold what a line of {kind} holds ({error})") from None
    if head.get("format") != FORMAT:
        raise SampleFault(file, 1, f"does not begin as a sample of format {FORMAT}")
    if not opened or len(closed) != 1:
        raise SampleFault(file, 1, "wants one sampling-period-closed and at least one sampling-period-opened")
    return Sample(str(head["period"]), str(head["zone"]), tuple(policies), tuple(opened), closed[0], tuple(rows))


def _lines(sample: Sample) -> Iterator[dict[str, Any]]:
    yield {"kind": KIND, "format": FORMAT, "period": sample.period, "zone": sample.zone}
    for version, content in sample.policies:
        yield {"kind": "policies", "version": version, "content": content}
    told: Iterable[SamplingPeriodOpened | SamplingPeriodClosed] = (*sample.opened, sample.closed)
    for event in told:
        yield {"kind": event.topic, **event.model_dump(mode="json", exclude_none=True)}
    for row in sample.rows:
        yield {"kind": "completion", **row.model_dump()}


def _read(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open(encoding="utf-8") as lines:
        for number, text in enumerate(lines, start=1):
            try:
                line = json.loads(text)
            except ValueError:
                raise SampleFault(file, number, "is not JSON") from None
            if not isinstance(line, dict):
                raise SampleFault(file, number, "is not an object")
            yield number, line


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no part of a sample")
