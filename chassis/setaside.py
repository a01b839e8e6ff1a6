"""Bringing back what was set aside: replay of dead letters by a person, of parked records by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chassis import deadletters
from chassis.consumer import Consumer
from chassis.records import Inbound, judge
from chassis.runtime import Loop, Runtime
from chassis.vault import Keyring

UNPARK_BATCH = 500


@dataclass(frozen=True)
class Replayed:
    """What became of one letter; `still` says what is wrong with it now."""

    letter_id: int
    taken: bool
    still: str | None = None


async def replay(runtime: Runtime, ids: Sequence[int]) -> list[Replayed]:
    """Handle dead letters again with today's code. Each takes effect at most once, also when replayed twice."""
    async with runtime.reading() as connection:
        letters = await deadletters.letters(connection, ids=ids)
    keys = await runtime.vault.keyring(letter={letter.week for letter in letters})
    return [await _replay(runtime, keys, letter) for letter in letters]


async def _replay(runtime: Runtime, keys: Keyring, letter: deadletters.Letter) -> Replayed:
    if letter.state != "dead":
        return Replayed(letter.letter_id, taken=False, still="was replayed before")
    record = deadletters.restored(
        keys, topic=letter.topic, partition=letter.partition, offset=letter.offset, sealed=letter.sealed_record
    )
    if record is None:
        return Replayed(letter.letter_id, taken=False, still="its key has been destroyed, or its topic is unknown")
    inbound = judge(record)
    if inbound.fault is not None:
        return Replayed(letter.letter_id, taken=False, still=_said(inbound))
    await Consumer(runtime).replay([inbound], "dead")
    async with runtime.reading() as connection:
        now = (await deadletters.letters(connection, ids=[letter.letter_id]))[0]
    return Replayed(
        letter.letter_id, taken=now.state == "replayed", still=None if now.state == "replayed" else now.reason
    )


def _said(inbound: Inbound) -> str:
    fault = inbound.fault
    return "" if fault is None else f"{fault.field or 'document'}: {fault.rule}"


async def unpark(runtime: Runtime) -> int:
    """Handle parked records whose reason has gone, in order per topic and customer. Returns how many."""
    async with runtime.reading() as connection:
        rows = await deadletters.waiting(connection, UNPARK_BATCH)
    if not rows:
        return 0
    keys = await runtime.vault.keyring(letter={row["week"] for row in rows})
    stuck: set[tuple[str, str]] = set()
    ready: list[Inbound] = []
    for row in rows:
        record = deadletters.restored(
            keys, topic=row["topic"], partition=row["partition"], offset=row["offset"], sealed=row["sealed_record"]
        )
        inbound = judge(record) if record else None
        place = (row["topic"], row["key"])
        if inbound is None or place in stuck or (inbound.fault and inbound.fault.parks):
            stuck.add(place)
        else:
            ready.append(inbound)
    if ready:
        await Consumer(runtime).replay(ready, "parked")
    return len(ready)


UNPARK_LOOP = Loop("unpark", unpark, timedelta(seconds=2))
