"""Whether a folder has every sound of the calls by keypad, each as it must be."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.survey.audio import measures, wav
from services.survey.audio.wav import BadSound
from services.survey.ivr.spoken import sentences
from services.survey.ivr.tunes import catalogue


@dataclass(frozen=True)
class Fault:
    """`file`: below the folder, without its ending."""

    file: str
    rule: str


def faults(folder: Path) -> Iterator[Fault]:
    """Of every tune of the catalogue and every sentence; a file that is missing is a fault too."""
    tunes: dict[str, list[float]] = {}
    for tune in catalogue():
        try:
            tunes[tune.file] = wav.read(folder / f"{tune.file}.wav")
        except BadSound as error:
            yield Fault(tune.file, str(error))
    for file, samples in tunes.items():
        yield from (Fault(file, breach.rule) for breach in measures.breaches(samples))
    for file, breach in measures.resemblances(tunes):
        yield Fault(file, breach.rule)
    for file in sentences():
        try:
            wav.read(folder / f"{file}.wav")
        except BadSound as error:
            yield Fault(file, str(error))
