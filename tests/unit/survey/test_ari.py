"""What is asked of Asterisk, and what its answers mean. Shapes as in its REST reference of 16 and 22."""

from collections.abc import Callable

import httpx
import pytest

from services.survey.ivr.ari import Asterisk
from services.survey.ivr.exchange import ExchangeError, NoSuchChannel


class Answering:
    """An exchange that gives one answer and keeps what was asked."""

    def __init__(self, status: int = 204, content: object = None) -> None:
        self.asked: list[str] = []
        self._status, self._content = status, content

    def exchange(self) -> Asterisk:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer), base_url="http://exchange/pbx")
        return Asterisk(client, "app-1")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}?{request.url.query.decode()}")
        return httpx.Response(self._status, json=self._content)


async def test_a_call_is_placed_with_a_channel_name_of_our_own() -> None:
    there = Answering(200, {})
    await there.exchange().originate("c1", "PJSIP/+861@trunk", caller="", seconds=30)
    assert there.asked == ["POST /pbx/ari/channels/c1?endpoint=PJSIP%2F%2B861%40trunk&app=app-1&timeout=30"]


async def test_a_channel_that_rings_already_is_left_as_it_is() -> None:
    await Answering(409, {}).exchange().originate("c1", "PJSIP/1@trunk", caller="", seconds=30)


async def test_a_sound_is_played_by_its_path_under_a_name_of_our_own() -> None:
    there = Answering(201, {})
    await there.exchange().play("c1", "c1-x-1", "/srv/sounds/tunes/slow_chords")
    assert there.asked == ["POST /pbx/ari/channels/c1/play/c1-x-1?media=sound%3A%2Fsrv%2Fsounds%2Ftunes%2Fslow_chords"]


async def test_two_channels_are_bridged() -> None:
    there = Answering(200, {})
    await there.exchange().bridge("b", ["c1", "c2"])
    assert [asked.partition("?")[0] for asked in there.asked] == [
        "POST /pbx/ari/bridges/b", "POST /pbx/ari/bridges/b/addChannel",
    ]  # fmt: skip
    assert there.asked[1].endswith("channel=c1%2Cc2")


_ON_A_CHANNEL: list[Callable[[Asterisk], object]] = [
    lambda one: one.hang_up("c1"), lambda one: one.play("c1", "p", "/s"), lambda one: one.answer("c1"),
    lambda one: one.ringing("c1"), lambda one: one.quiet("c1"), lambda one: one.listen_in("c1", "r"),
    lambda one: one.record("c1", "r", seconds=60),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(_ON_A_CHANNEL)))
async def test_a_channel_that_is_gone_is_told_apart_from_a_fault(number: int) -> None:
    with pytest.raises(NoSuchChannel):
        await _ON_A_CHANNEL[number](Answering(404, {}).exchange())  # type: ignore[misc]
    with pytest.raises(ExchangeError) as fault:
        await _ON_A_CHANNEL[number](Answering(500, {}).exchange())  # type: ignore[misc]
    assert not isinstance(fault.value, NoSuchChannel)
    assert "500" in str(fault.value)


async def test_stopping_what_is_over_is_no_fault() -> None:
    await Answering(404, {}).exchange().stop("p")
    await Answering(404, {}).exchange().unbridge("b")


async def test_a_recording_listens_in_both_ways_and_is_recorded_as_a_law_under_a_name_of_our_own() -> None:
    there = Answering(201, {})
    await there.exchange().listen_in("c1", "r-listens")
    await there.exchange().record("r-listens", "r", seconds=60)
    assert there.asked == [
        "POST /pbx/ari/channels/c1/snoop/r-listens?spy=both&whisper=none&app=app-1",
        "POST /pbx/ari/channels/r-listens/record?name=r&format=alaw&maxDurationSeconds=60&ifExists=fail",
    ]


async def test_a_recording_that_is_not_there_is_no_fault_but_one_that_cannot_be_had_is() -> None:
    assert await Answering(404, {}).exchange().recorded("r") is None
    assert not await Answering(404, {}).exchange().is_recording("r")
    await Answering(404, {}).exchange().end_recording("r")
    await Answering(404, {}).exchange().delete_recording("r")
    there = Answering(200, "sound")
    assert await there.exchange().recorded("r") == b'"sound"'
    assert there.asked == ["GET /pbx/ari/recordings/stored/r/file?"]
    with pytest.raises(ExchangeError):
        await Answering(500, {}).exchange().recorded("r")


async def test_channels_that_are_up_are_told_with_their_state() -> None:
    there = Answering(200, [{"id": "c1", "state": "Up"}, {"id": "c2", "state": "Ringing"}])
    assert await there.exchange().channels() == {"c1": "Up", "c2": "Ringing"}


async def test_an_exchange_that_is_away_is_named() -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    client = httpx.AsyncClient(transport=httpx.MockTransport(away), base_url="http://exchange")
    with pytest.raises(ExchangeError, match="cannot be reached"):
        await Asterisk(client, "app-1").hang_up("c1")
