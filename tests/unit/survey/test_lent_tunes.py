"""Addresses at which a hosted provider fetches an uploaded tune."""

import pytest

from services.survey.ivr.hosted import lent
from services.survey.ivr.hosted.settings import Hosted

NOW = 1_800_000_000.0


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Hosted:
    given = {
        "PROVIDER": "twilio", "ACCOUNT": "AC1", "TOKEN": "a-secret", "CALLER_ID": "+861065550100",
        "SOUNDS_URL": "https://sounds.example",
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"AFTERCALL_SURVEY_HOSTED_{name}", value)
    return Hosted()


def parts(house: Hosted) -> tuple[str, int, str]:
    _, tune, until, name = lent.path_of(house, "house_bells", now=NOW).split("/")
    return tune, int(until), name.removesuffix(".wav")


def test_an_address_holds_for_an_hour(house: Hosted) -> None:
    tune, until, signature = parts(house)
    assert lent.is_lent(house, tune, until, signature, now=NOW + lent.VALID_SECONDS - 1)
    assert not lent.is_lent(house, tune, until, signature, now=NOW + lent.VALID_SECONDS)


def test_an_address_is_of_one_tune_one_time_and_one_secret(house: Hosted) -> None:
    tune, until, signature = parts(house)
    assert not lent.is_lent(house, "other_bells", until, signature, now=NOW)
    assert not lent.is_lent(house, tune, until + 1, signature, now=NOW)
    assert not lent.is_lent(house, tune, until, "", now=NOW)
    assert not lent.is_lent(house, tune, until, "ü" * 64, now=NOW)
    other = house.model_copy(update={"token": "another-secret"})
    assert not lent.is_lent(other, tune, until, signature, now=NOW)
