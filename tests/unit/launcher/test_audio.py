"""Sounds of the telephone: what is shipped keeps the house's measures, what breaks them is named."""

import math
from pathlib import Path

import pytest

from launcher.audio import check, compose, wav
from launcher.audio.likeness import likenesses
from launcher.audio.render import TUNE_DBFS, render
from services.survey.ivr.spoken import Sentence
from services.survey.ivr.tunes import catalogue


def test_every_tune_of_the_catalogue_is_made_here_and_keeps_the_measures() -> None:
    assert {tune.id for tune in catalogue()} == set(compose.names())
    for name in compose.names():
        assert list(check.of_tune(wav.at_loudness(compose.synthesised(name), TUNE_DBFS))) == []


@pytest.mark.parametrize(
    ("samples", "word"),
    [
        ([0.1] * wav.RATE, "lasts"),
        ([0.001 * math.sin(n) for n in range(3 * wav.RATE)], "loudness"),
        ([0.999 if n % 100 == 0 else 0.1 * math.sin(n) for n in range(3 * wav.RATE)], "reaches"),
        ([0.0] * wav.RATE + [0.15 * math.sin(n) for n in range(3 * wav.RATE)], "silence"),
    ],
)
def test_a_tune_that_breaks_a_rule_is_told_which(samples: list[float], word: str) -> None:
    assert word in " ".join(check.of_tune(samples))


def test_a_sound_is_like_itself_wherever_it_begins_and_unlike_another() -> None:
    one = [math.sin(n * n / 3000) for n in range(2000)]
    later = [0.0] * 700 + one
    other = [math.sin(n / 3) for n in range(2000)]
    found = {(a, b): like for a, b, like in likenesses({"one": one, "later": later, "other": other})}
    assert found["one", "later"] > 0.99
    assert found["one", "other"] < 0.5


def test_a_recording_of_the_house_is_never_overwritten(tmp_path: Path) -> None:
    own = tmp_path / "tunes/morning_bells.wav"
    wav.write(own, compose.beep(440))
    before = own.read_bytes()
    done = render(tmp_path, said={})
    assert (done.tunes, done.kept) == (5, 1)
    assert own.read_bytes() == before
    assert render(tmp_path, said={}).tunes == 0


def test_without_a_voice_a_sentence_is_a_tone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(compose, "names", lambda: ())
    done = render(tmp_path, said={"prompts/en/a": Sentence("Hello", "en")})
    assert (done.spoken, done.tones) == (0, 1)
    assert len(wav.read(tmp_path / "prompts/en/a.wav")) == round(0.4 * wav.RATE)


def test_a_file_of_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "no.wav"
    with pytest.raises(wav.BadSound, match="no WAV"):
        wav.read(file)
    file.write_bytes(b"RIFF")
    with pytest.raises(wav.BadSound, match="no WAV"):
        wav.read(file)
