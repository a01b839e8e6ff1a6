"""Placeholders for every sound that a rating call needs: own tunes, and sentences by espeak-ng or as plain tones."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.survey.audio import compose, wav
from services.survey.ivr.spoken import Sentence, sentences
from services.survey.ivr.tunes import catalogue

TUNE_DBFS = -22.0
SPEECH_DBFS = -22.0
_VOICES = {"zh-CN": "cmn", "en": "en-us"}
_SPEAK_SECONDS = 60


@dataclass(frozen=True)
class Rendered:
    """Numbers of files. `tones`: sentences for which nothing could speak; `kept`: files that were there before."""

    tunes: int
    spoken: int
    tones: int
    kept: int


def render(folder: Path, *, said: Mapping[str, Sentence] | None = None) -> Rendered:
    """Files that are there stay as they are: a house's own recordings are never overwritten."""
    tunes = spoken = tones = kept = 0
    for tune in catalogue():
        file = folder / f"{tune.file}.wav"
        if file.exists():
            kept += 1
        elif tune.id in compose.names():
            wav.write(file, wav.at_loudness(compose.synthesised(tune.id), TUNE_DBFS))
            tunes += 1
    speaker = shutil.which("espeak-ng")
    for number, (name, sentence) in enumerate((sentences() if said is None else said).items()):
        file = folder / f"{name}.wav"
        if file.exists():
            kept += 1
        elif speaker is None:
            wav.write(file, compose.beep(tone_of(number)))
            tones += 1
        else:
            wav.write(file, _spoken(speaker, sentence))
            spoken += 1
    return Rendered(tunes, spoken, tones, kept)


def tone_of(number: int) -> float:
    """Hz; neighbours in a list of sentences sound different."""
    return 500.0 + 90.0 * (number % 27)


def _spoken(speaker: str, sentence: Sentence) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        subprocess.run(  # noqa: S603 - our own sentence, no shell
            [speaker, "-v", _VOICES[sentence.language], "-s", "160", "-w", str(file), sentence.words],
            check=True, capture_output=True, timeout=_SPEAK_SECONDS,
        )  # fmt: skip
        rate, samples = wav.read_any(file)
    return wav.at_loudness(wav.resampled(rate, samples), SPEECH_DBFS)
