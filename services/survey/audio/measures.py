"""What a tune must be to be played on a telephone and to be told from the others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.survey.audio import wav
from services.survey.audio.wav import RATE, BadSound

SHORTEST, LONGEST = 2.0, 30.0  # seconds
QUIETEST, LOUDEST = -26.0, -18.0  # dBFS, RMS
HIGHEST = -1.0  # dBFS, peak
SILENT_START = 0.3  # seconds
SILENCE = -50.0  # dBFS
ALIKE = 0.5  # likeness from which a listener, or a test, could take one tune for another
_STEP = RATE // 100


class Clause(StrEnum):
    FORM = "form"
    LENGTH = "length"
    LOUDNESS = "loudness"
    PEAK = "peak"
    SILENT_START = "silent_start"
    LIKENESS = "likeness"


@dataclass(frozen=True)
class Breach:
    """`rule`: a sentence with what was measured. `value`: the same as a number; None for a wrong form.

    `other`: the tune that it sounds like. `form`: what the file says of itself, where that is wrong.
    """

    clause: Clause
    rule: str
    value: float | None = None
    other: str | None = None
    form: wav.Form | None = None


@dataclass(frozen=True)
class Measures:
    """`seconds`, loudness (RMS) and peak in dBFS, and the seconds of silence that it begins with."""

    seconds: float
    loudness: float
    peak: float
    silent_start: float


def measured(samples: Sequence[float]) -> Measures:
    return Measures(len(samples) / RATE, wav.loudness(samples), wav.peak(samples), silent_start(samples))


def samples_of(sound: bytes) -> list[float] | Breach:
    """Of a file that somebody sent: one that is much too long is not read."""
    try:
        form = wav.form_of(sound)
        if form.seconds > LONGEST and (form.rate, form.channels, form.bits) == (RATE, 1, 16):
            return _too_long_or_short(form.seconds)
        return wav.read(sound)
    except BadSound as error:
        return Breach(Clause.FORM, str(error), form=error.form)


def breaches(samples: Sequence[float]) -> Iterator[Breach]:
    """Of the measures that a tune has by itself."""
    found = measured(samples)
    if not SHORTEST <= found.seconds <= LONGEST:
        yield _too_long_or_short(found.seconds)
    if not QUIETEST <= found.loudness <= LOUDEST:
        rule = f"has a loudness of {found.loudness:.1f} dBFS (RMS) instead of {QUIETEST:.0f} to {LOUDEST:.0f}"
        yield Breach(Clause.LOUDNESS, rule, found.loudness)
    if found.peak >= HIGHEST:
        rule = f"reaches {found.peak:.1f} dBFS; it must stay below {HIGHEST:.0f}"
        yield Breach(Clause.PEAK, rule, found.peak)
    if found.silent_start >= SILENT_START:
        rule = f"begins with {found.silent_start:.2f} s of silence; it must be less than {SILENT_START} s"
        yield Breach(Clause.SILENT_START, rule, found.silent_start)


def resemblances(tunes: Mapping[str, Sequence[float]], new: str | None = None) -> Iterator[tuple[str, Breach]]:
    """Of every two tunes that could be taken for one another: the first one's breach. `new`: only its own."""
    from services.survey.audio.likeness import likenesses  # its columns are loaded where tunes are compared

    alone = [tunes] if new is None else [{new: tunes[new], name: sound} for name, sound in tunes.items() if name != new]
    for sounds in alone:
        for one, other, like in likenesses(sounds):
            if like >= ALIKE:
                rule = f"sounds like {other} (likeness {like:.2f}, must be below {ALIKE})"
                yield one, Breach(Clause.LIKENESS, rule, like, other=other)


def silent_start(samples: Sequence[float]) -> float:
    """Seconds, in steps of 10 ms."""
    for number in range(0, len(samples), _STEP):
        if wav.loudness(samples[number : number + _STEP]) > SILENCE:
            return number / RATE
    return len(samples) / RATE


def _too_long_or_short(seconds: float) -> Breach:
    rule = f"lasts {seconds:.1f} s instead of {SHORTEST:.0f} to {LONGEST:.0f} s"
    return Breach(Clause.LENGTH, rule, seconds)
