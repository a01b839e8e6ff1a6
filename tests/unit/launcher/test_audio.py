"""Sounds of the telephone: what is shipped keeps the house's measures, what breaks them is named."""

import math
import shutil
import wave
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from launcher.audio import check
from launcher.audio.render import render
from launcher.main import app
from services.survey.audio import compose, measures, wav
from services.survey.audio.likeness import likenesses
from services.survey.ivr import spoken
from services.survey.ivr.spoken import Sentence
from services.survey.ivr.tunes import catalogue

needs_a_voice = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
SAID = {"prompts/zh-CN/a": Sentence("请为本次服务评分", "zh-CN"), "prompts/en/a": Sentence("Please rate us", "en")}
ONE, OTHER = "morning_bells", "slow_chords"


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every tune and no sentence."""
    folder = tmp_path_factory.mktemp("sounds")
    render(folder, said={})
    return folder


@pytest.fixture
def sounds(rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a fault, for a catalogue of two tunes."""
    monkeypatch.setattr(check, "sentences", dict)
    monkeypatch.setattr(check, "catalogue", lambda: [tune for tune in catalogue() if tune.id in (ONE, OTHER)])
    shutil.copytree(rendered, tmp_path, dirs_exist_ok=True)
    return tmp_path


def a_tone(seconds: float = 3.0, *, dbfs: float = -22.0, frequency: float = 433.0) -> list[float]:
    samples = [math.sin(2 * math.pi * frequency * n / wav.RATE) for n in range(round(seconds * wav.RATE))]
    return wav.at_loudness(samples, dbfs)


def spiked(samples: list[float], height: float) -> list[float]:
    return [height if n == 5000 else sample for n, sample in enumerate(samples)]


def a_file(path: Path, *, rate: int = 8000, channels: int = 1, width: int = 2) -> None:
    """Three seconds of a good tune, in another form."""
    samples = a_tone()
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        for sample in samples:
            out.writeframesraw(
                (round(sample * 32767) << 8 * (width - 2)).to_bytes(width, "little", signed=True) * channels
            )


def test_what_is_rendered_passes_the_check(rendered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "sentences", dict)
    assert {tune.id for tune in catalogue()} == set(compose.names())
    assert list(check.faults(rendered)) == []


@pytest.mark.parametrize(
    ("samples", "rule"),
    [
        (a_tone(1.95), "lasts 1.9 s instead of 2 to 30 s"),
        (a_tone(30.1), "lasts 30.1 s instead of 2 to 30 s"),
        (a_tone(dbfs=-26.3), "has a loudness of -26.3 dBFS (RMS) instead of -26 to -18"),
        (a_tone(dbfs=-17.7), "has a loudness of -17.7 dBFS (RMS) instead of -26 to -18"),
        (spiked(a_tone(), 0.92), "reaches -0.7 dBFS; it must stay below -1"),
        ([0.0] * 2480 + a_tone(), "begins with 0.31 s of silence; it must be less than 0.3 s"),
    ],
    ids=["too short", "too long", "too quiet", "too loud", "too high", "silent start"],
)
def test_a_tune_that_breaks_one_rule_is_told_this_one(sounds: Path, samples: list[float], rule: str) -> None:
    wav.write(sounds / f"tunes/{ONE}.wav", samples)
    assert list(check.faults(sounds)) == [check.Fault(f"tunes/{ONE}", rule)]


@pytest.mark.parametrize(
    "samples",
    [
        a_tone(2.01), a_tone(29.9), a_tone(dbfs=-25.9), a_tone(dbfs=-18.1), spiked(a_tone(), 0.88),
        [0.0] * 2300 + a_tone(),
    ],
    ids=["short", "long", "quiet", "loud", "high", "silent start"],
)  # fmt: skip
def test_a_tune_just_inside_every_rule_passes(samples: list[float]) -> None:
    assert list(measures.breaches(samples)) == []


@pytest.mark.parametrize(
    ("form", "rule"),
    [
        ({"rate": 16000}, "has 16000 samples a second instead of 8000"),
        ({"channels": 2}, "has 2 channels instead of 1"),
        ({"width": 3}, "has 24 bits a sample instead of 16"),
    ],
    ids=["rate", "stereo", "24 bits"],
)
def test_a_tune_in_another_form_is_told_which(sounds: Path, form: dict[str, int], rule: str) -> None:
    a_file(sounds / f"tunes/{ONE}.wav", **form)
    assert list(check.faults(sounds)) == [check.Fault(f"tunes/{ONE}", rule)]


def test_two_tunes_that_sound_alike_are_told(sounds: Path) -> None:
    other = wav.read(sounds / f"tunes/{OTHER}.wav")
    wav.write(sounds / f"tunes/{ONE}.wav", wav.at_loudness(other[800:], -20))
    [fault] = check.faults(sounds)
    assert fault.file == f"tunes/{ONE}"
    assert fault.rule.startswith(f"sounds like tunes/{OTHER} (likeness 1.00")


def test_a_missing_file_and_one_of_another_kind_are_told(sounds: Path) -> None:
    (sounds / f"tunes/{ONE}.wav").write_bytes(b"RIFF")
    (sounds / f"tunes/{OTHER}.wav").unlink()
    assert {fault.file for fault in check.faults(sounds)} == {f"tunes/{ONE}", f"tunes/{OTHER}"}
    assert all("is no WAV file" in fault.rule for fault in check.faults(sounds))


def test_a_missing_sentence_is_told(sounds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "sentences", lambda: SAID)
    assert [fault.file for fault in check.faults(sounds)] == list(SAID)


def test_the_command_names_each_fault_and_ends_with_1(sounds: Path) -> None:
    good = CliRunner().invoke(app, ["audio", "check", str(sounds)])
    assert (good.exit_code, "as it must be" in good.output) == (0, True)
    wav.write(sounds / f"tunes/{ONE}.wav", a_tone(1.5))
    bad = CliRunner().invoke(app, ["audio", "check", str(sounds)])
    assert (bad.exit_code, f"tunes/{ONE}.wav lasts 1.5 s" in bad.output) == (1, True)


def test_a_file_that_is_much_too_long_is_refused_unread() -> None:
    found = measures.samples_of(wav.content([0.1] * 40 * wav.RATE))
    assert isinstance(found, measures.Breach)
    assert (found.clause, found.value) == (measures.Clause.LENGTH, 40.0)


def test_a_sound_is_like_itself_wherever_it_begins_and_unlike_another() -> None:
    one = [math.sin(n * n / 3000) for n in range(2000)]
    later = [0.0] * 700 + one
    other = [math.sin(n / 3) for n in range(2000)]
    found = {(a, b): like for a, b, like in likenesses({"one": one, "later": later, "other": other})}
    assert found["one", "later"] > 0.99
    assert found["one", "other"] < 0.5


def test_the_likeness_is_the_highest_correlation_over_all_lags() -> None:
    one, other = [1.0, 0.5, -2.0, 1.5, 0.0, 3.0, 1.0], [0.5, -1.0, 2.0, 0.0, 1.0, 1.0, -1.5, 2.5, 1.0]
    [(_, _, like)] = likenesses({"one": one, "other": other})
    a, b = ([x + y for x, y in pairwise(s)][::2] for s in (one, other))
    lags = range(-len(b), len(a))
    most = max(abs(sum(x * b[n - lag] for n, x in enumerate(a) if 0 <= n - lag < len(b))) for lag in lags)
    assert like == pytest.approx(most / math.sqrt(sum(x * x for x in a) * sum(x * x for x in b)))


def test_a_recording_of_the_house_is_never_overwritten(tmp_path: Path) -> None:
    own = tmp_path / f"tunes/{ONE}.wav"
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


@needs_a_voice
def test_a_voice_says_chinese_and_english_as_telephone_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "names", lambda: ())
    done = render(tmp_path, said=SAID)
    assert (done.spoken, done.tones) == (2, 0)
    chinese, english = (wav.read(tmp_path / f"{name}.wav") for name in SAID)
    for heard in (chinese, english):
        assert 0.5 < len(heard) / wav.RATE < 10
        assert wav.loudness(heard) > -30
        assert wav.peak(heard) < -1
        assert measures.silent_start(heard) < measures.SILENT_START
    [(_, _, like)] = likenesses({"zh": chinese, "en": english})
    assert like < measures.ALIKE


@needs_a_voice
def test_longer_words_are_spoken_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "names", lambda: ())
    words = spoken.FALLBACK_WORDS
    render(tmp_path, said={"short": Sentence(words[:9], "zh-CN"), "long": Sentence(words * 2, "zh-CN")})
    short, long = (len(wav.read(tmp_path / f"{name}.wav")) for name in ("short", "long"))
    assert long > 2 * short


def test_silence_is_like_nothing() -> None:
    [(_, _, like)] = likenesses({"silence": [0.0] * 100, "tone": [1.0, -1.0, 0.5] * 30})
    assert like == 0.0
