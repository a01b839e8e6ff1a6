"""A check that has never failed proves nothing: the proxy does the harm it promises, planted defects turn rows red."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.faults.proxy import HOST, Proxy
from tests.faults.rows import IN_EACH_RUN, ROWS, named
from tests.faults.table import BEGIN, END, written_into
from tests.faults.trial import Outcome


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(100):
        writer.write(data)
        await writer.drain()


@pytest.fixture
async def proxy():  # type: ignore[no-untyped-def]
    server = await asyncio.start_server(_echo, HOST, 0)
    made = Proxy(server.sockets[0].getsockname()[1])
    await made.start()
    yield made
    await made.stop()
    server.close()


async def _ask(proxy: Proxy, words: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    try:
        writer.write(words)
        return await asyncio.wait_for(reader.read(100), 0.5)
    finally:
        writer.close()


async def test_a_proxy_lets_everything_through(proxy: Proxy) -> None:
    assert await _ask(proxy, b"hello") == b"hello"


async def test_a_refusing_proxy_resets_and_heals(proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(ConnectionError):
        await _ask(proxy, b"hello")
    proxy.heal()
    assert await _ask(proxy, b"hello") == b"hello"


async def test_a_swallowing_proxy_accepts_and_answers_nothing(proxy: Proxy) -> None:
    proxy.swallow()
    with pytest.raises(TimeoutError):
        await _ask(proxy, b"hello")


async def test_scissors_cut_in_turn_before_and_after_the_words_arrive(proxy: Proxy) -> None:
    scissors = proxy.sever(b"COMMIT;", times=2)
    for _ in range(2):
        with pytest.raises((ConnectionError, TimeoutError, AssertionError)):
            assert await _ask(proxy, b"COMMIT;")
    assert scissors.cuts == 2
    assert await _ask(proxy, b"COMMIT;") == b"COMMIT;"


def _an_outcome(**fields: Any) -> Outcome:
    whole = {"row": "r", "what": "w", "services": 9, "lost": 0, "twice": 0, "recovery": 3.2, "said": "everything once"}
    return Outcome(**{**whole, **fields})


def test_a_row_that_was_run_takes_its_own_place_in_the_table(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    for outcome in (_an_outcome(what="second"), _an_outcome(), _an_outcome(recovery=None, lost=-1, twice=-1)):
        written_into(file, [outcome], order=["w", "second"], machine="a machine", run="today")
    text = file.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    assert lines[1:] == [
        "| w | 9 | ? | ? | never | everything once | today |",
        "| second | 9 | 0 | 0 | 3.2 | everything once | today |",
    ]


def test_a_row_passes_only_with_nothing_lost_nothing_twice_and_in_time() -> None:
    assert _an_outcome().passed
    assert not _an_outcome(lost=1).is_sound
    assert not _an_outcome(twice=1).is_sound
    assert not _an_outcome(recovery=None).is_sound
    assert _an_outcome(recovery=15.1).is_sound and not _an_outcome(recovery=15.1).passed


def test_rows_have_names_of_their_own_and_an_unknown_one_is_refused() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names) and set(IN_EACH_RUN) <= set(names)
    with pytest.raises(ValueError, match="there is no row kill-nobody"):
        named("kill-nobody")
