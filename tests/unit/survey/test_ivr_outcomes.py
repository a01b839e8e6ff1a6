"""Causes, tunes and settings of calls by keypad."""

import pytest

from chassis.settings import SettingsError
from contracts.vocabulary import Disposition, NotAttempted
from services.survey import forms
from services.survey.interview import Given
from services.survey.ivr import settings, spoken
from services.survey.ivr.events import Finish
from services.survey.ivr.outcome import ended, unreached
from tests.unit.survey.calls_by_keypad import AT, an_interview


@pytest.mark.parametrize(
    ("cause", "disposition"),
    [
        (1, Disposition.WRONG_NUMBER), (17, Disposition.BUSY), (19, Disposition.NO_ANSWER),
        (20, Disposition.SWITCHED_OFF), (21, Disposition.NO_ANSWER), (27, Disposition.SWITCHED_OFF),
        (38, Disposition.NO_ANSWER),
    ],
)  # fmt: skip
def test_a_cause_of_the_exchange_is_a_disposition_and_is_named(cause: int, disposition: Disposition) -> None:
    assert unreached(cause).disposition is disposition
    assert str(cause) in (unreached(cause).detail or "")


def test_an_answer_that_was_not_stored_gives_the_permit_back_unless_others_were() -> None:
    lost = Finish(connected=True, cause=16, stored=False, after=None)
    assert ended(lost, an_interview()).not_attempted is NotAttempted.LATE
    heard = forms.taken(an_interview(), "p1", "overall", Given(3), AT)
    assert ended(lost, heard).disposition is Disposition.BREAK_OFF


def test_every_sentence_has_a_file_of_its_own_in_both_languages() -> None:
    found = spoken.sentences()
    assert {one.language for one in found.values()} == {"zh-CN", "en"}
    assert len({(one.words, one.language) for one in found.values()}) == len(found)


def test_without_an_address_there_is_no_telephony(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AFTERCALL_SURVEY_ARI_URL", raising=False)
    assert not settings.wanted()


def test_settings_come_from_the_environment_and_name_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERCALL_SURVEY_ARI_URL", "http://127.0.0.1:8088")
    with pytest.raises(SettingsError, match="PASSWORD"):
        settings.check()
    monkeypatch.setenv("AFTERCALL_SURVEY_ARI_PASSWORD", "unused")
    with pytest.raises(SettingsError, match="SOUNDS"):
        settings.check()
    monkeypatch.setenv("AFTERCALL_SURVEY_ARI_SOUNDS", "/srv/sounds")
    monkeypatch.setenv("AFTERCALL_SURVEY_ARI_AGENT_HOURS", "08:30-20:00")
    monkeypatch.setenv("AFTERCALL_SURVEY_ARI_AGENTS", '{"senior": ["PJSIP/1"], "*": ["PJSIP/2", "PJSIP/3"]}')
    found = settings.read()
    assert [at.hour for at in found.agent_hours] == [8, 20]
    assert (found.telephones("senior"), found.telephones("general")) == (("PJSIP/1",), ("PJSIP/2", "PJSIP/3"))
