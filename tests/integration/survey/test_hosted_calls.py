"""Rating calls through a hosted provider: the same machine behind one door, with two renderers."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis.access.roles import Role
from chassis.testing.harness import WEB_URL, ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.answers import AnswerSheet
from contracts.events.survey import AttemptClosed, PromiseMade, ResponseRecorded
from contracts.vocabulary import Dimension, Disposition, NotAttempted
from services.survey.app import SERVICE
from services.survey.catalogue import newest
from services.survey.ivr import keeping
from services.survey.ivr.beginning import channel_of
from services.survey.ivr.hosted import dialling, doors, steps
from services.survey.ivr.menu import HOUSE_LINES
from services.survey.ivr.settings import PREFIX as EXCHANGE
from services.survey.ivr.sounds import prompt_file
from services.survey.renderings.ivr import ivr_plan
from services.survey.store import hosted_steps
from tests.integration.survey.builders import MONTH, NOW, a_permit
from tests.integration.survey.hosted_provider import SECRET, HostedProvider
from tests.integration.survey.test_tunes import a_sweep

LANGUAGE = "zh-CN"
TUNES = "/survey/api/v1/tunes"
PROVIDERS = ("twilio", "jambonz")
CHEERFUL, SOOTHING = "tunes/morning_bells", "tunes/slow_chords"


def _files() -> dict[str, str]:
    plan = ivr_plan(newest("after_sale"), LANGUAGE)
    words = {**plan.lines, **{prompt.question_id: prompt.say for prompt in plan.prompts}}
    words |= {line.value: said[LANGUAGE] for line, said in HOUSE_LINES.items()}
    return {name: prompt_file(said, LANGUAGE) for name, said in words.items()}


FILES = _files()


@pytest.fixture(scope="module")
async def shared(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    async with running(SERVICE, infra, now=NOW) as service:
        yield service


@pytest.fixture(params=PROVIDERS)
def provider_name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    given = {
        "PROVIDER": name, "ACCOUNT": "AC1", "TOKEN": SECRET, "SECRET": SECRET, "CALLER_ID": "+861065550100",
        "SOUNDS_URL": "https://sounds.example", "AGENTS": json.dumps({"*": ["+861065550101"]}),
        "AGENT_HOURS": "00:00-23:59", "AGENT_HOLIDAYS": "true", "API": "https://provider.example",
    }  # fmt: skip
    for key, value in given.items():
        monkeypatch.setenv(f"AFTERCALL_SURVEY_HOSTED_{key}", value)
    monkeypatch.delenv(f"{EXCHANGE}URL", raising=False)
    return name


@pytest.fixture
async def provider(shared: ServiceUnderTest, provider_name: str) -> AsyncIterator[HostedProvider]:
    async with await shared.client() as client:
        yield HostedProvider(provider_name, shared, client)


class Rest:
    """The provider's REST interface: what was ordered of it."""

    def __init__(self, status: int = 201) -> None:
        self.orders: list[httpx.Request] = []
        self.status = status

    async def place(self, survey: ServiceUnderTest) -> bool:
        def take(request: httpx.Request) -> httpx.Response:
            self.orders.append(request)
            return httpx.Response(self.status, json={"sid": "CA-1"})

        async with httpx.AsyncClient(transport=httpx.MockTransport(take)) as client:
            return await dialling.placed(doors.line_of(survey.runtime), client)


async def _ordered(provider: HostedProvider, case: str) -> str:
    """A permit whose call is ordered and answered next; its channel."""
    name = f"{provider.name}-{case}"
    permit = await a_permit(
        provider.survey, callback=name, ref=f"customer-{name}", channel="ivr", phone=_number(name), email=None
    )
    await provider.survey.receive(permit)
    assert await Rest().place(provider.survey)
    return channel_of((name, 1))


def _number(name: str) -> str:
    return f"+861390{sum(ord(sign) * 31**n for n, sign in enumerate(name)) % 10_000_000:07d}"


async def _told(provider: HostedProvider, kind: Any, case: str) -> list[Any]:
    return [one for one in await provider.survey.sent(kind) if one.callback_id == f"{provider.name}-{case}"]


async def _score(provider: HostedProvider, case: str) -> int | None:
    [told] = await _told(provider, ResponseRecorded, case)
    keys = await provider.survey.runtime.vault.keyring(facts=[MONTH])
    sheet = AnswerSheet.model_validate(keys.open(told.customer_ref, "answers", told.answers))
    return sheet.score(Dimension.OVERALL)


async def _row(provider: HostedProvider, case: str) -> dict[str, Any]:
    [row] = await provider.survey.query("SELECT * FROM rating_call WHERE callback_id = $1", f"{provider.name}-{case}")
    return dict(row)


async def test_a_satisfied_customer_hears_the_cheerful_tune_and_thanks(provider: HostedProvider) -> None:
    channel = await _ordered(provider, "five")
    heard = await provider.call(channel, ["1"])
    assert heard == [FILES["opening"], FILES["tune"], FILES["overall"], CHEERFUL, FILES["closing"]]
    assert await _score(provider, "five") == 5
    [end] = await _told(provider, AttemptClosed, "five")
    row = await _row(provider, "five")
    assert (end.tune, row["tune_end"], row["after_tune"]) == ("morning_bells", "heard", "thanked")
    left = await provider.survey.query("SELECT 1 FROM hosted_step WHERE channel_id = $1", channel)
    assert left == []


async def test_an_uploaded_tune_is_fetched_at_a_signed_address_that_others_cannot_guess(
    provider: HostedProvider,
) -> None:
    keeper = await provider.survey.client(Role.SUPERVISOR, login=f"keeper-{provider.name}")
    name, sound = f"bells_{provider.name}", a_sweep(400 if provider.name == "twilio" else 1400)
    form = {"tune_id": name, "band": "cheerful", "tone": "classical", "licence": "contract 7"}
    made = await keeper.post(f"{TUNES}/uploads", data=form, files={"file": ("tune.wav", sound, "audio/wav")})
    assert made.status_code == 201, made.text
    where = {"band": "cheerful", "tone": "classical"}
    assert (await keeper.put(f"{TUNES}/assignments", json=where | {"tune_id": name})).status_code == 204
    try:
        heard = await provider.call(await _ordered(provider, "uploaded"), ["1"])
    finally:
        assert (await keeper.delete(f"{TUNES}/assignments", params=where)).status_code == 204
    [address] = [sound for sound in heard if sound.startswith(WEB_URL)]
    [end] = await _told(provider, AttemptClosed, "uploaded")
    assert end.tune == name
    async with await provider.survey.client() as anybody:
        fetched = await anybody.get(f"{address}.wav")
        assert (fetched.status_code, fetched.content) == (200, sound)
        assert fetched.headers["content-type"] == "audio/wav"
        for wrong in (
            address.replace(name, "morning_bells"),
            f"{address[:-1]}x",
            f"{WEB_URL}/survey/calls/tunes/{name}/9999999999/{'0' * 64}",
        ):
            assert (await anybody.get(f"{wrong}.wav")).status_code == 404


async def test_a_slip_is_corrected_and_a_wrong_key_asked_again(provider: HostedProvider) -> None:
    heard = await provider.call(await _ordered(provider, "slip"), ["9", "5", "1"])
    assert await _score(provider, "slip") == 5
    assert heard.count(FILES["again"]) == 1
    assert CHEERFUL in heard
    assert SOOTHING not in heard


async def test_an_average_score_brings_the_other_questions_and_ten_in_one_piece(provider: HostedProvider) -> None:
    # after each answer the correction time passes in silence
    keys = ["2", "", "2", "", "1", "", "1", "", "10", ""]
    heard = await provider.call(await _ordered(provider, "four"), keys)
    [told] = await _told(provider, ResponseRecorded, "four")
    opened = await provider.survey.runtime.vault.keyring(facts=[MONTH])
    sheet = AnswerSheet.model_validate(opened.open(told.customer_ref, "answers", told.answers))
    assert sheet.score(Dimension.OVERALL) == 4
    assert [one.likelihood for one in sheet.answers if one.question_id == "nps"] == [10]
    assert heard[-1] == FILES["closing"]
    assert not any(sound.startswith("tunes/") for sound in heard)


async def test_silence_is_asked_twice_more_and_ends_neutrally(provider: HostedProvider) -> None:
    heard = await provider.call(await _ordered(provider, "silent"), [])
    assert heard.count(FILES["overall"]) == 3
    assert heard[-1] == FILES["neutral"]
    assert await _told(provider, ResponseRecorded, "silent") == []


async def test_a_low_score_is_soothed_and_handed_to_a_person(provider: HostedProvider) -> None:
    heard = await provider.call(await _ordered(provider, "one"), ["5"], takes=True)
    assert heard[-2:] == [SOOTHING, FILES["transfer"]]
    row = await _row(provider, "one")
    assert (row["after_tune"], row["agent_answered_at"] is not None) == ("transferred", True)
    [end] = await _told(provider, AttemptClosed, "one")
    assert end.transferred


async def test_a_person_who_does_not_come_is_promised(provider: HostedProvider) -> None:
    heard = await provider.call(await _ordered(provider, "absent"), ["4"])
    assert heard[-1] == FILES["soothing"]
    assert len(await _told(provider, PromiseMade, "absent")) == 1


async def test_a_provider_that_cannot_transfer_promises_without_announcing_one(
    provider: HostedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERCALL_SURVEY_HOSTED_CAN_TRANSFER", "false")
    heard = await provider.call(await _ordered(provider, "no-transfer"), ["5"])
    assert heard[-2:] == [SOOTHING, FILES["soothing"]]
    assert FILES["transfer"] not in heard
    assert len(await _told(provider, PromiseMade, "no-transfer")) == 1


async def test_the_same_step_asked_for_again_has_the_same_answer_and_rates_once(provider: HostedProvider) -> None:
    channel = await _ordered(provider, "again")
    first = f"{WEB_URL}/survey/calls/{channel}/0"
    asked = await asyncio.gather(*(provider.ask(first, call="CA-1") for _ in range(3)))
    assert len({one.content for one in asked}) == 1
    correcting = await provider.ask(f"{WEB_URL}/survey/calls/{channel}/1", call="CA-1", **provider.pressed("1"))
    assert provider.doing(correcting).sounds == []
    rated = f"{WEB_URL}/survey/calls/{channel}/2"
    asked = await asyncio.gather(*(provider.ask(rated, call="CA-1", **provider.pressed("")) for _ in range(4)))
    assert {tuple(provider.doing(one).sounds) for one in asked} == {(CHEERFUL,)}
    again = await provider.ask(rated, call="CA-1", **provider.pressed(""))
    assert provider.doing(again).sounds == [CHEERFUL]
    assert len(await _told(provider, ResponseRecorded, "again")) == 1
    await provider.over(channel)
    await provider.over(channel)
    assert len(await _told(provider, AttemptClosed, "again")) == 1
    assert (await _row(provider, "again"))["tune_end"] == "hung_up"


async def test_a_process_that_dies_at_a_step_is_followed_by_another(
    provider: HostedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rating was committed, its answer never given: asked again, the tune follows, and nothing is asked twice."""
    channel = await _ordered(provider, "died")
    await provider.ask(f"{WEB_URL}/survey/calls/{channel}/0", call="CA-1")
    await provider.ask(f"{WEB_URL}/survey/calls/{channel}/1", call="CA-1", **provider.pressed("1"))
    monkeypatch.setattr(steps, "WAIT_SECONDS", 0.5)
    rated = f"{WEB_URL}/survey/calls/{channel}/2"
    with monkeypatch.context() as dying:
        dying.setattr(keeping, "begin_tune", _die)
        with pytest.raises(Died):
            await provider.ask(rated, call="CA-1", **provider.pressed(""))
    answer = provider.doing(await provider.ask(rated, call="CA-1", **provider.pressed("")))
    assert (answer.verb, answer.sounds) == ("next", [CHEERFUL])
    assert len(await _told(provider, ResponseRecorded, "died")) == 1


class Died(BaseException):
    """The end of a process, as far as it can be had without one."""


async def _die(*_: object) -> bool:
    raise Died


async def test_hanging_up_at_the_key_is_a_rating_and_before_it_none(provider: HostedProvider) -> None:
    channel = await _ordered(provider, "at-key")
    await provider.ask(f"{WEB_URL}/survey/calls/{channel}/0", call="CA-1")
    await provider.ask(f"{WEB_URL}/survey/calls/{channel}/1", call="CA-1", **provider.pressed("5"))
    await provider.over(channel)
    assert await _score(provider, "at-key") == 1
    assert (await _row(provider, "at-key"))["tune"] is None
    channel = await _ordered(provider, "at-once")
    await provider.ask(f"{WEB_URL}/survey/calls/{channel}/0", call="CA-1")
    await provider.over(channel)
    [end] = await _told(provider, AttemptClosed, "at-once")
    assert end.disposition is Disposition.BREAK_OFF


@pytest.mark.parametrize(
    ("status", "sip", "disposition"),
    [("busy", 486, Disposition.BUSY), ("no-answer", 487, Disposition.NO_ANSWER),
     ("failed", 404, Disposition.WRONG_NUMBER)],
)  # fmt: skip
async def test_a_call_that_nobody_takes_ends_by_what_the_provider_tells(
    provider: HostedProvider, status: str, sip: int, disposition: Disposition
) -> None:
    channel = await _ordered(provider, status)
    await provider.over(channel, status, sip=sip)
    [end] = await _told(provider, AttemptClosed, status)
    assert (end.disposition, end.connected_at) == (disposition, None)


async def test_a_permit_is_ordered_once_and_a_provider_that_refuses_ends_it(provider: HostedProvider) -> None:
    name = f"{provider.name}-once"
    permit = await a_permit(
        provider.survey, callback=name, ref=f"customer-{name}", channel="ivr", phone=_number(name), email=None
    )
    await provider.survey.receive(permit)
    rest = Rest(status=500)
    placed = await asyncio.gather(rest.place(provider.survey), rest.place(provider.survey))
    assert sorted(placed) == [False, True]
    assert len(rest.orders) == 1
    assert await Rest().place(provider.survey)
    [end] = await _told(provider, AttemptClosed, "once")
    assert end.disposition is Disposition.NO_ANSWER


async def test_whoever_calls_is_asked_by_the_number_and_others_are_ended_kindly(provider: HostedProvider) -> None:
    name = f"{provider.name}-calls"
    number = _number(name)
    permit = await a_permit(
        provider.survey, callback=name, ref=f"customer-{name}", channel="ivr", phone=number, email=None
    )
    await provider.survey.receive(permit)
    door = f"{WEB_URL}/survey/calls/incoming"
    doing = provider.doing(await provider.ask(door, call=f"CA-{name}", number=number))
    assert doing.sounds == [FILES["opening"], FILES["tune"], FILES["overall"]]
    repeated = provider.doing(await provider.ask(door, call=f"CA-{name}", number=number))
    assert repeated == doing
    doing = provider.doing(await provider.ask(doing.following, call=f"CA-{name}", **provider.pressed("1")))
    doing = provider.doing(await provider.ask(doing.following, call=f"CA-{name}", **provider.pressed("")))
    assert doing.sounds == [CHEERFUL]
    await provider.ask(f"{door}/status", call=f"CA-{name}", **provider.standing("completed"))
    assert len(await _told(provider, AttemptClosed, "calls")) == 1
    stranger = provider.doing(await provider.ask(door, call="CA-stranger", number="+8613900000001"))
    assert (stranger.verb, stranger.sounds) == ("hangup", [FILES["neutral"]])


async def test_without_the_secret_nothing_is_told_and_nothing_changes(provider: HostedProvider) -> None:
    channel = await _ordered(provider, "forged")
    for path in (f"{channel}/0", f"{channel}/status", "incoming", "incoming/status"):
        answer = await provider.ask(f"{WEB_URL}/survey/calls/{path}", call="CA-1", secret="a guess")
        assert (answer.status_code, answer.content) == (403, b"")
    assert (await _row(provider, "forged"))["answered_at"] is None


async def test_without_a_provider_the_door_is_shut(shared: ServiceUnderTest, provider: HostedProvider,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("AFTERCALL_SURVEY_HOSTED_PROVIDER", "")
    assert (await provider.ask(f"{WEB_URL}/survey/calls/incoming", call="CA-1")).status_code == 403


async def test_an_answer_that_cannot_be_stored_ends_neutrally_and_the_contact_is_made_again(
    provider: HostedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise ConnectionResetError

    channel = await _ordered(provider, "fails")
    with monkeypatch.context() as broken:
        broken.setattr(keeping, "record", fails)
        heard = await provider.call(channel, ["1"])
    assert heard[-1] == FILES["neutral"]
    [end] = await _told(provider, AttemptClosed, "fails")
    assert (end.disposition, end.not_attempted) == (Disposition.NOT_ATTEMPTED, NotAttempted.LATE)


async def test_what_a_step_left_is_sealed(provider: HostedProvider) -> None:
    channel = await _ordered(provider, "sealed")
    await provider.ask(f"{WEB_URL}/survey/calls/{channel}/0", call="CA-1")
    await provider.ask(f"{WEB_URL}/survey/calls/{channel}/1", call="CA-1", **provider.pressed("5"))
    async with provider.survey.runtime.reading() as connection:
        known = await hosted_steps.newest(connection, channel)
    assert known is not None
    assert known.sealed is not None
    assert "pending" not in known.sealed
    await provider.over(channel)


LONG = timedelta(hours=1)


async def test_a_call_of_which_nobody_tells_the_end_is_ended_by_time(provider: HostedProvider) -> None:
    channel = await _ordered(provider, "lost")
    await provider.ask(f"{WEB_URL}/survey/calls/{channel}/0", call="CA-1")
    before = await provider.survey.runtime.now()
    await provider.survey.step_to(before + LONG)
    await provider.survey.tick()
    assert len(await _told(provider, AttemptClosed, "lost")) == 1
    await provider.survey.step_to(before + LONG)
