"""Dead letters at the terminal: what was set aside and why, the sealed original, and another try."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from chassis import deadletters
from chassis.runtime import Runtime, open_runtime
from chassis.setaside import replay
from contracts.topics import SERVICES
from launcher.addresses import settings_of
from launcher.catalog import load_services
from launcher.faults import StartError
from launcher.terminal import say

SHOWN = 1000


async def list_letters(names: Sequence[str], *, data: Path | None) -> None:
    """One line a letter: service, number, when, where from, field and rule; never a value."""
    for name in names or SERVICES:
        async with _runtime(name, data) as runtime, runtime.reading() as connection:
            for letter in await deadletters.letters(connection, state="dead", limit=SHOWN):
                say(f"{name}\t{letter.letter_id}\t{letter.at:%Y-%m-%dT%H:%M:%SZ}\t{_place(letter)}\t{_why(letter)}")


async def show_letter(name: str, number: int, *, data: Path | None, open_original: bool) -> None:
    """One letter as JSON. The original has personal data in it and is shown on demand only."""
    async with _runtime(name, data) as runtime:
        letter = await _letter(runtime, number)
        shown: dict[str, object] = {
            "service": name,
            "letter": letter.letter_id,
            "event_id": str(letter.event_id),
            "place": _place(letter),
            "field": letter.field,
            "reason": letter.reason,
            "state": letter.state,
            "at": letter.at.isoformat(),
        }
        if open_original:
            shown["original"] = await _original(runtime, letter)
        say(json.dumps(shown, ensure_ascii=False, indent=2))


async def replay_letters(name: str, numbers: Sequence[int], *, data: Path | None) -> bool:
    """Tries the letters again (without numbers: all dead ones). True when every one of them took effect."""
    async with _runtime(name, data) as runtime:
        async with runtime.reading() as connection:
            dead = await deadletters.letters(connection, state="dead", limit=SHOWN)
        chosen = list(numbers) or [letter.letter_id for letter in dead]
        done = await replay(runtime, chosen)
    for one in done:
        say(f"{name}\t{one.letter_id}\t{'replayed' if one.taken else f'still dead: {one.still}'}")
    if missing := sorted(set(chosen) - {one.letter_id for one in done}):
        raise StartError(f"There is no dead letter {', '.join(map(str, missing))} in {name}.")
    return all(one.taken for one in done)


@asynccontextmanager
async def _runtime(name: str, data: Path | None) -> AsyncIterator[Runtime]:
    (service,) = load_services([name])
    runtime = await open_runtime(service, settings_of(data))
    try:
        yield runtime
    finally:
        await runtime.close()


async def _letter(runtime: Runtime, number: int) -> deadletters.Letter:
    async with runtime.reading() as connection:
        found = await deadletters.letters(connection, ids=[number])
    if not found:
        raise StartError(f"There is no dead letter {number} in {runtime.name}.")
    return found[0]


async def _original(runtime: Runtime, letter: deadletters.Letter) -> dict[str, object] | str:
    keys = await runtime.vault.keyring(letter=[letter.week])
    record = deadletters.restored(
        keys, topic=letter.topic, partition=letter.partition, offset=letter.offset, sealed=letter.sealed_record
    )
    if record is None:
        return "destroyed"
    return {
        "key": _text(record.key),
        "headers": {header: _text(value) for header, value in record.headers},
        "value": _text(record.value),
    }


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("utf-8", errors="backslashreplace")


def _place(letter: deadletters.Letter) -> str:
    return f"{letter.topic}[{letter.partition}]@{letter.offset}"


def _why(letter: deadletters.Letter) -> str:
    return f"{letter.field or 'document'}: {letter.reason}"
