"""A check that has never failed proves nothing: the proxy does the harm it promises, planted defects turn rows red."""

import asyncio

import pytest

from tests.faults.proxy import HOST, Proxy


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
