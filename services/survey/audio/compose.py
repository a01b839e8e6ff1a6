"""The shipped tunes, as notes: composed for this project, synthesised here, no samples of anybody."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.survey.audio.wav import RATE

Wave = Callable[[float, float, float], float]
"""Amplitude at a time (s) of a note of this frequency (Hz) and length (s)."""


@dataclass(frozen=True)
class Note:
    begins: float
    length: float
    pitch: int
    """MIDI number; 69 is 440 Hz."""


def _bell(t: float, frequency: float, length: float) -> float:
    return math.sin(_turn(frequency, t)) * math.exp(-5 * t) + 0.4 * math.sin(_turn(2 * frequency, t)) * math.exp(-8 * t)


def _plucked(t: float, frequency: float, length: float) -> float:
    tones = sum(math.sin(_turn(k * frequency, t)) / k for k in (1, 3, 5) if k * frequency < 3400)
    return tones * math.exp(-7 * t)


def _pad(t: float, frequency: float, length: float) -> float:
    return math.sin(_turn(frequency, t) + 0.3 * math.sin(_turn(4, t))) * _swell(t, length, 0.25)


def _organ(t: float, frequency: float, length: float) -> float:
    return (math.sin(_turn(frequency, t)) + 0.5 * math.sin(_turn(1.5 * frequency, t))) * _swell(t, length, 0.12)


def _chirp(t: float, frequency: float, length: float) -> float:
    bent = frequency * (1 + 0.08 * math.sin(_turn(11, t)))
    return math.sin(_turn(bent, t)) * _swell(t, length, 0.03)


def _wind(t: float, frequency: float, length: float) -> float:
    return math.sin(_turn(frequency, t)) * (0.6 + 0.4 * math.sin(_turn(2.5, t))) * _swell(t, length, 0.4)


def _turn(frequency: float, t: float) -> float:
    return 2 * math.pi * frequency * t


def _swell(t: float, length: float, seconds: float) -> float:
    return max(0.0, min(1.0, t / seconds, (length - t) / seconds))


def _row(beat: float, pitches: Sequence[int], length: float) -> list[Note]:
    return [Note(number * beat, length, pitch) for number, pitch in enumerate(pitches)]


def _chords(beat: float, chords: Sequence[Sequence[int]]) -> list[Note]:
    return [Note(number * beat, beat, pitch) for number, chord in enumerate(chords) for pitch in chord]


_PIECES: Mapping[str, tuple[Wave, Sequence[Note]]] = {
    "morning_bells": (_bell, _row(0.2, [72, 76, 79, 84, 79, 76, 79, 84, 77, 81, 84, 89, 84, 88, 91, 96], 0.8)),
    "skipping_stones": (
        _plucked,
        _row(0.16, [62, 69, 66, 74, 62, 71, 66, 74, 67, 74, 71, 78, 66, 73, 69, 81, 74, 86, 74], 0.5),
    ),
    "small_brook": (_chirp, _row(0.24, [93, 88, 95, 90, 86, 93, 88, 97, 92, 88, 95, 90, 99, 93], 0.2)),
    "slow_chords": (_pad, _chords(1.1, [(60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62)])),
    "evening_street": (_organ, _chords(0.9, [(50, 58), (48, 56), (46, 53), (43, 51), (45, 52)])),
    "long_waves": (_wind, _chords(1.4, [(70,), (75,), (68,)])),
}


def names() -> tuple[str, ...]:
    return tuple(_PIECES)


def synthesised(name: str) -> list[float]:
    """The samples of a piece; the same every time."""
    wave, notes = _PIECES[name]
    end = max(note.begins + note.length for note in notes)
    samples = [0.0] * (int(end * RATE) + 1)
    for note in notes:
        frequency = 440 * 2 ** ((note.pitch - 69) / 12)
        begin = int(note.begins * RATE)
        for number in range(int(note.length * RATE)):
            samples[begin + number] += wave(number / RATE, frequency, note.length)
    return samples


def beep(frequency: float, seconds: float = 0.4) -> list[float]:
    """A plain tone: stands for a sentence where nothing can speak."""
    return [0.3 * math.sin(_turn(frequency, n / RATE)) for n in range(int(seconds * RATE))]
