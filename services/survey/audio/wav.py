"""Telephone sound: 8 kHz, one channel, 16 bits. Samples are floats between -1 and 1."""

import math
import sys
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path

RATE = 8000
_FULL = 32767


class BadSound(Exception):
    """A file that is no telephone sound; the sentence says why. `form`: what it is instead, None where it is no WAV."""

    def __init__(self, rule: str, form: "Form | None" = None) -> None:
        super().__init__(rule)
        self.form = form


@dataclass(frozen=True)
class Form:
    """What a WAV file says of itself. `bits`: of one sample of one channel."""

    rate: int
    channels: int
    bits: int
    frames: int

    @property
    def seconds(self) -> float:
        return self.frames / self.rate


TELEPHONE = Form(rate=RATE, channels=1, bits=16, frames=0)


def write(file: Path, samples: Sequence[float]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content(samples))


def content(samples: Sequence[float]) -> bytes:
    """A whole WAV file of telephone sound."""
    numbers = array("h", (round(max(-1.0, min(1.0, sample)) * _FULL) for sample in samples))
    if sys.byteorder == "big":
        numbers.byteswap()
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(numbers.tobytes())
    return file.getvalue()


def form_of(sound: Path | bytes) -> Form:
    """Reads no samples. Raises `BadSound` for what is no WAV file."""
    return _opened(sound, frames=False)[0]


def read(sound: Path | bytes) -> list[float]:
    """Raises `BadSound`."""
    rate, samples = read_any(sound)
    if rate != RATE:
        raise BadSound(f"has {rate} samples a second instead of {RATE}", form_of(sound))
    return samples


def read_any(sound: Path | bytes) -> tuple[int, list[float]]:
    """Rate and samples of one channel of 16 bits. Raises `BadSound`."""
    form, frames = _opened(sound, frames=True)
    if form.channels != 1:
        raise BadSound(f"has {form.channels} channels instead of 1", form)
    if form.bits != 16:
        raise BadSound(f"has {form.bits} bits a sample instead of 16", form)
    numbers = array("h", frames[: len(frames) // 2 * 2])
    if sys.byteorder == "big":
        numbers.byteswap()
    return form.rate, [number / _FULL for number in numbers]


def _opened(sound: Path | bytes, *, frames: bool) -> tuple[Form, bytes]:
    try:
        with wave.open(BytesIO(sound) if isinstance(sound, bytes) else str(sound), "rb") as file:
            form = Form(file.getframerate(), file.getnchannels(), 8 * file.getsampwidth(), file.getnframes())
            return form, file.readframes(form.frames) if frames else b""
    except (wave.Error, EOFError, OSError) as error:
        said = f" ({error})" if str(error) else ""  # a file that ends too soon says nothing
        raise BadSound(f"is no WAV file{said}") from None


def resampled(rate: int, samples: Sequence[float]) -> list[float]:
    """At 8 kHz: the mean of what lies in each step, which also takes away what 8 kHz cannot hold."""
    step = rate / RATE
    ends = [round(number * step) for number in range(int(len(samples) / step) + 1)]
    return [sum(samples[begin:end]) / (end - begin) for begin, end in pairwise(ends) if end > begin]


def loudness(samples: Sequence[float]) -> float:
    """RMS in dBFS; -120 for silence."""
    square = sum(sample * sample for sample in samples) / max(1, len(samples))
    return 10 * math.log10(square) if square > 1e-12 else -120.0


def peak(samples: Sequence[float]) -> float:
    """In dBFS."""
    most = max((abs(sample) for sample in samples), default=0.0)
    return 20 * math.log10(most) if most > 1e-6 else -120.0


def at_loudness(samples: Sequence[float], wanted: float) -> list[float]:
    """RMS of `wanted` dBFS, no sample above -1.5 dBFS, ends faded over 10 ms."""
    factor = 10 ** ((wanted - loudness(samples)) / 20)
    most = max((abs(sample) for sample in samples), default=0.0) * factor
    factor *= min(1.0, 10 ** (-1.5 / 20) / most) if most else 1.0
    fade = RATE // 100
    last = len(samples) - 1
    return [sample * factor * min(1.0, n / fade, (last - n) / fade) for n, sample in enumerate(samples)]
