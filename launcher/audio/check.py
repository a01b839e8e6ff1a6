"""What a sound must be to be played on a telephone and to be told from the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from launcher.audio import wav
from launcher.audio.likeness import likenesses
from launcher.audio.wav import RATE, BadSound
from services.survey.ivr.spoken import sentences
from services.survey.ivr.tunes import catalogue

SHORTEST, LONGEST = 2.0, 30.0  # seconds of a tune
QUIETEST, LOUDEST = -26.0, -18.0  # dBFS, RMS
HIGHEST = -1.0  # dBFS, peak
SILENT_START = 0.3  # seconds
SILENCE = -50.0  # dBFS
ALIKE = 0.5  # likeness from which a listener, or a test, could take one tune for another
_STEP = RATE // 100


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
        yield from (Fault(file, rule) for rule in of_tune(samples))
    for one, other, like in likenesses(tunes):
        if like >= ALIKE:
            yield Fault(one, f"sounds like {other} (likeness {like:.2f}, must be below {ALIKE})")
    for file in sentences():
        try:
            wav.read(folder / f"{file}.wav")
        except BadSound as error:
            yield Fault(file, str(error))


def of_tune(samples: list[float]) -> Iterator[str]:
    """The rules that it breaks."""
    seconds, loud, top = len(samples) / RATE, wav.loudness(samples), wav.peak(samples)
    if not SHORTEST <= seconds <= LONGEST:
        yield f"lasts {seconds:.1f} s instead of {SHORTEST:.0f} to {LONGEST:.0f} s"
    if not QUIETEST <= loud <= LOUDEST:
        yield f"has a loudness of {loud:.1f} dBFS (RMS) instead of {QUIETEST:.0f} to {LOUDEST:.0f}"
    if top >= HIGHEST:
        yield f"reaches {top:.1f} dBFS; it must stay below {HIGHEST:.0f}"
    if silent_start(samples) >= SILENT_START:
        yield f"begins with {silent_start(samples):.2f} s of silence; it must be less than {SILENT_START} s"


def silent_start(samples: list[float]) -> float:
    """Seconds, in steps of 10 ms."""
    for number in range(0, len(samples), _STEP):
        if wav.loudness(samples[number : number + _STEP]) > SILENCE:
            return number / RATE
    return len(samples) / RATE
