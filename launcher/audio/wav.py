"""Telephone sound: 8 kHz, one channel, 16 bits. Samples are floats between -1 and 1."""

import math
import sys
import wave
from array import array
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

RATE = 8000
_FULL = 32767


class BadSound(Exception):
    """A file that is no telephone sound; the sentence says why."""


def write(file: Path, samples: Sequence[float]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    numbers = array("h", (round(max(-1.0, min(1.0, sample)) * _FULL) for sample in samples))
    if sys.byteorder == "big":
        numbers.byteswap()
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(numbers.tobytes())


def read(file: Path) -> list[float]:
    """Raises `BadSound`."""
    rate, samples = read_any(file)
    if rate != RATE:
        raise BadSound(f"has {rate} samples a second instead of {RATE}")
    return samples


def read_any(file: Path) -> tuple[int, list[float]]:
    """Rate and samples of one channel of 16 bits. Raises `BadSound`."""
    try:
        with wave.open(str(file), "rb") as sound:
            if sound.getnchannels() != 1:
                raise BadSound(f"has {sound.getnchannels()} channels instead of 1")
            if sound.getsampwidth() != 2:
                raise BadSound(f"has {8 * sound.getsampwidth()} bits a sample instead of 16")
            rate, frames = sound.getframerate(), sound.readframes(sound.getnframes())
    except (wave.Error, EOFError, OSError) as error:
        raise BadSound(f"is no WAV file ({error})") from None
    numbers = array("h", frames)
    if sys.byteorder == "big":
        numbers.byteswap()
    return rate, [number / _FULL for number in numbers]


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
