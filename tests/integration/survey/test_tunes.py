"""The shelf of tunes: what supervisors do with it is what calls play, and a pilot's draw goes with the call."""

import math
import wave
from collections import Counter
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.events.survey import AttemptClosed
from services.survey.app import SERVICE
from services.survey.audio import wav
from services.survey.ivr import beginning, playing
from services.survey.renderings.ivr import Band
from services.survey.store import rating_calls
from services.survey.store.rating_calls import RatingCall
from tests.integration.survey.builders import MONTH, NOW, a_permit
from tests.integration.survey.test_rating_calls import NotedExchange, a_call, press, quick

API = "/survey/api/v1/tunes"
PAGE = "/survey/tunes"


@pytest.fixture(scope="module")
async def survey(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    async with running(SERVICE, infra, now=NOW) as service:
        yield service


@pytest.fixture(scope="module")
async def keeper(survey: ServiceUnderTest) -> httpx.AsyncClient:
    return await survey.client(Role.SUPERVISOR, login="supervisor-a")


@pytest.fixture(autouse=True)
async def tidy(survey: ServiceUnderTest, keeper: httpx.AsyncClient) -> AsyncIterator[None]:
    """Nothing is assigned and no pilot runs after a test."""
    yield
    for one in (await keeper.get(f"{API}/assignments")).json():
        where = {name: one[name] for name in ("band", "tone", "locale", "scenario") if one[name]}
        assert (await keeper.delete(f"{API}/assignments", params=where)).status_code == 204
    for pilot in (await keeper.get(f"{API}/pilots")).json():
        if pilot["ended_at"] is None:
            assert (await keeper.post(f"{API}/pilots/{pilot['pilot_id']}/end")).status_code == 204


def a_sweep(begin: float, *, seconds: float = 2.5, dbfs: float = -22.0) -> bytes:
    """A sound of its own for each `begin` (Hz)."""
    samples = [
        math.sin(2 * math.pi * (begin * t + 90 * t * t)) for t in (n / wav.RATE for n in range(int(seconds * wav.RATE)))
    ]
    return wav.content(wav.at_loudness(samples, dbfs))


def in_stereo() -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(44100)
        out.writeframes(b"\x01\x02\x03\x04" * 44100 * 15)
    return file.getvalue()


async def upload(client: httpx.AsyncClient, name: str, sound: bytes, **given: str) -> httpx.Response:
    form = {"tune_id": name, "band": "cheerful", "tone": "pop", "licence": "contract 7"} | given
    return await client.post(f"{API}/uploads", data=form, files={"file": ("tune.wav", sound, "audio/wav")})


async def played(survey: ServiceUnderTest, number: str, key: str, **permit: object) -> tuple[list[str], AttemptClosed]:
    """What one call played, and what is told of it."""
    exchange = NotedExchange()
    async with a_call(survey, exchange, callback=f"cb-{number}", ref=f"customer-{number}", **permit) as call:
        press(call, key)
    [end] = [one for one in await survey.sent(AttemptClosed) if one.callback_id == f"cb-{number}"]
    return exchange.tunes, end


async def a_stored_call(survey: ServiceUnderTest, number: str) -> RatingCall:
    """Taken, nothing said yet."""
    await survey.receive(await a_permit(survey, channel="ivr", callback=f"cb-{number}", ref=f"customer-{number}"))
    async with survey.runtime.reading() as connection:
        [waiting] = await rating_calls.waiting(connection, NOW, 10)
    taken = await beginning.take(survey.runtime, waiting, exchange="test")
    assert taken is not None
    async with survey.runtime.reading() as connection:
        call = await rating_calls.call_of(connection, taken.key)
    assert call is not None
    return call


async def test_what_is_shipped_is_listed_and_can_be_heard(keeper: httpx.AsyncClient) -> None:
    listed = (await keeper.get(API)).json()
    assert [(one["band"], one["tone"]) for one in listed] == [
        (band, tone) for band in ("cheerful", "soothing") for tone in ("classical", "pop", "nature")
    ]
    assert all(2 <= one["seconds"] <= 30 and -26 <= one["loudness"] <= -18 for one in listed)
    whole = await keeper.get(f"{PAGE}/morning_bells/sound")
    assert whole.headers["content-type"] == "audio/wav"
    assert wav.read(whole.content)
    part = await keeper.get(f"{PAGE}/morning_bells/sound", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    assert (await keeper.get(f"{API}/nothing/sound")).status_code == 404


async def test_an_upload_that_breaks_a_rule_is_refused_with_what_was_measured(
    survey: ServiceUnderTest, keeper: httpx.AsyncClient
) -> None:
    shipped = (await keeper.get(f"{API}/slow_chords/sound")).content
    for sound, rule, word in [
        (b"RIFF", "is no WAV file", "不是 WAV"),
        (in_stereo(), "has 2 channels instead of 1", "44100 Hz、2 个声道"),
        (a_sweep(400, seconds=1.5), "lasts 1.5 s instead of 2 to 30 s", "现在是 1.5 秒"),
        (a_sweep(400, dbfs=-30), "loudness of -30.0 dBFS", "现在是 -30.0 dBFS"),
        (shipped, "sounds like slow_chords (likeness 1.00", "听起来像 slow_chords"),
    ]:
        refused = await upload(keeper, "broken", sound)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "file")
        assert rule in refused.json()["errors"][0]["rule"]
        form = {"tune_id": "broken", "band": "cheerful", "tone": "pop", "licence": "contract 7"}
        page = await keeper.post(f"{PAGE}/uploads", data=form, files={"file": ("tune.wav", sound, "audio/wav")})
        assert page.status_code == 422
        assert word in page.text
        assert 'value="contract 7"' in page.text, "what was typed stays"
    assert await survey.query("SELECT 1 FROM tune") == []


async def test_an_uploaded_tune_is_assigned_brought_to_the_exchange_and_played(
    survey: ServiceUnderTest, keeper: httpx.AsyncClient, tmp_path: Path
) -> None:
    sound = a_sweep(300)
    assert (await upload(keeper, "our_song", sound)).status_code == 201
    assert (await upload(keeper, "our_song", a_sweep(900))).status_code == 409, "the name is taken"
    assert (await upload(keeper, "other_name", sound)).status_code == 422, "the same sound"
    assert (await keeper.get(f"{API}/our_song/sound")).content == sound
    wrong = {"band": "soothing", "tone": "classical", "tune_id": "our_song"}
    assert (await keeper.put(f"{API}/assignments", json=wrong)).status_code == 422
    right = wrong | {"band": "cheerful", "scenario": "after_sale"}
    assert (await keeper.put(f"{API}/assignments", json=right)).status_code == 204
    assert (await keeper.post(f"{API}/our_song/withdraw")).status_code == 409, "it is assigned"
    settings = quick().model_copy(update={"sounds": tmp_path})
    call = await a_stored_call(survey, "one")
    choice = await playing.choice(survey.runtime, call, Band.CHEERFUL, settings)
    assert (choice.tune.id, choice.pilot_id) == ("our_song", None)
    assert (tmp_path / f"{choice.tune.file}.wav").read_bytes() == sound
    assert (await playing.choice(survey.runtime, call, Band.SOOTHING, settings)).tune.id == "slow_chords"
    elsewhere = settings.model_copy(update={"sounds": tmp_path / f"{choice.tune.file}.wav" / "below"})
    assert (await playing.choice(survey.runtime, call, Band.CHEERFUL, elsewhere)).tune.id == "morning_bells"
    hosted = settings.model_copy(update={"sounds": None})
    assert (await playing.choice(survey.runtime, call, Band.CHEERFUL, hosted)).tune.id == "morning_bells"
    where = {name: right[name] for name in ("band", "tone", "scenario")}
    assert (await keeper.delete(f"{API}/assignments", params=where)).status_code == 204
    assert (await keeper.post(f"{API}/our_song/withdraw")).status_code == 204
    assert (await keeper.post(f"{API}/our_song/withdraw")).status_code == 404
    assert "our_song" not in {one["tune_id"] for one in (await keeper.get(API)).json()}


async def test_a_pilot_draws_within_the_band_and_the_draw_is_stored_and_told(
    survey: ServiceUnderTest, keeper: httpx.AsyncClient
) -> None:
    plan = {"name": "秋季", "band": "cheerful", "arms": ["skipping_stones", "small_brook"], "share": 1.0}
    assert (await keeper.post(f"{API}/pilots", json=plan | {"arms": ["small_brook", "small_brook"]})).status_code == 422
    assert (await keeper.post(f"{API}/pilots", json=plan | {"arms": ["small_brook", "slow_chords"]})).status_code == 422
    pilot = (await keeper.post(f"{API}/pilots", json=plan)).json()["pilot_id"]
    assert (await keeper.post(f"{API}/pilots", json=plan)).status_code == 409, "one at a time for a band"
    drawn: Counter[str] = Counter()
    for number in range(8):
        [tune], end = await played(survey, f"drawn-{number}", "1")
        assert (end.tune, end.tune_pilot) == (tune, pilot)
        drawn[tune] += 1
    assert drawn.keys() <= set(plan["arms"])
    [tune], end = await played(survey, "low", "5")
    assert (tune, end.tune, end.tune_pilot) == ("slow_chords", "slow_chords", None)
    [shown] = (await keeper.get(f"{API}/pilots")).json()
    assert (shown["plays"], shown["begun_by"], shown["ended_at"]) == (dict(drawn), "supervisor-a", None)
    assert "secret" not in shown
    assert (await keeper.post(f"{API}/pilots/{pilot}/end")).status_code == 204
    assert (await keeper.post(f"{API}/pilots/{pilot}/end")).status_code == 404
    [tune], end = await played(survey, "after", "1")
    assert (tune, end.tune_pilot) == ("morning_bells", None)


async def test_a_pilot_of_teams_looks_at_who_handled_the_service(
    survey: ServiceUnderTest, keeper: httpx.AsyncClient
) -> None:
    plan = {"name": "一组", "band": "soothing", "arms": ["evening_street", "long_waves"], "unit": "team", "share": 1.0,
            "teams": ["一组"]}  # fmt: skip
    pilot = (await keeper.post(f"{API}/pilots", json=plan)).json()["pilot_id"]
    keys = await survey.runtime.vault.keyring(facts=[MONTH])
    for team, expected in [("一组", pilot), ("二组", None), (None, None)]:
        ref = f"customer-of-{team}"
        said = {"completed_at": NOW.isoformat(), "handler": {"team": team}}
        context = keys.seal_facts(MONTH, ref, "context", said)
        _tunes, end = await played(survey, f"of-{team}", "4", context=context)
        assert end.tune_pilot == expected


async def test_the_page_shows_who_does_what_and_answers_wrong_words(
    survey: ServiceUnderTest, keeper: httpx.AsyncClient
) -> None:
    sound = {"file": ("tune.wav", a_sweep(1200), "audio/wav")}
    form = {"tune_id": "page_song", "band": "soothing", "tone": "nature", "licence": "", "locale": "zh-CN"}
    assert "请填写许可" in (await keeper.post(f"{PAGE}/uploads", data=form, files=sound)).text
    assert (await keeper.post(f"{PAGE}/uploads", data=form | {"licence": "L1"}, files=sound)).status_code == 303
    assigned = {"assigned": "page_song", "tone": "pop", "scenario": "care"}
    assert "不能给这种语言" in (await keeper.post(f"{PAGE}/assign", data=assigned | {"locale": "en"})).text
    assert (await keeper.post(f"{PAGE}/assign", data=assigned)).status_code == 303
    pilot = {
        "pilot_name": "自然或流行",
        "arms": ["page_song", "long_waves"],
        "unit": "team",
        "percent": "12.5",
        "teams": "一组，二组",
    }
    for wrong, word in [
        ({"percent": "0"}, "请填写大于 0"), ({"pilot_name": ""}, "请填写名称"), ({"arms": ["page_song"]}, "至少两首"),
        ({"arms": ["page_song", "small_brook"]}, "另一个分档"),
    ]:  # fmt: skip
        answer = await keeper.post(f"{PAGE}/pilots", data=pilot | wrong)
        assert (answer.status_code, word in answer.text) == (422, True), word
    assert (await keeper.post(f"{PAGE}/pilots", data=pilot)).status_code == 303
    page = (await keeper.get(PAGE)).text
    for word in (
        "page_song",
        "自然或流行",
        "12.5%",
        "一组、二组",
        "supervisor-a",
        'src="/survey/tunes/page_song/sound"',
    ):
        assert word in page
    assert "正在使用" in (await keeper.post(f"{PAGE}/page_song/withdraw")).text
    [row] = await survey.query("SELECT pilot_id FROM tune_pilot WHERE ended_at IS NULL")
    assert (await keeper.post(f"{PAGE}/pilots/{row['pilot_id']}/end")).status_code == 303
    there = {"band": "soothing", "tone": "pop", "scenario": "care"}
    assert (await keeper.post(f"{PAGE}/unassign", data=there)).status_code == 303
    assert (await keeper.post(f"{PAGE}/page_song/withdraw")).status_code == 303
    audited = await survey.query("SELECT action, subject FROM staff.audit_page(NULL, 50, NULL)")
    assert {("uploaded", "tune:page_song"), ("withdrawn", "tune:page_song")} <= {tuple(row.values()) for row in audited}


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ADMIN, 200), (Role.SUPERVISOR, 200), (Role.AGENT, 403), (Role.SENIOR_AGENT, 403), (Role.DEPARTMENT, 403)],
)
async def test_only_supervisors_and_administrators_keep_the_tunes(
    survey: ServiceUnderTest, role: Role, status: int
) -> None:
    client = await survey.client(role)
    for path in (PAGE, f"{PAGE}/small_brook/sound", API, f"{API}/assignments", f"{API}/pilots"):
        assert (await client.get(path)).status_code == status
    begun = await client.post(f"{API}/pilots", json={"name": "x", "band": "cheerful", "arms": ["a", "b"], "share": 1})
    assert begun.status_code == (422 if status == 200 else 403)
