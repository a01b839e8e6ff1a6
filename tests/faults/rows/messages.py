"""What can come in: too often, out of order, unreadable."""

import asyncio
import time
from dataclasses import replace

from chassis import deadletters
from chassis.consumer import FUSE
from chassis.runtime import Runtime, open_runtime
from chassis.setaside import replay
from launcher.catalog import load_services
from tests.faults.trial import Row, Trial

MANY = 100
HALT_SECONDS = 30.0


async def duplicates(trial: Trial) -> float:
    await trial.tell(trial.means(20, repeats=MANY), seconds=5)
    return time.monotonic()


async def reordering(trial: Trial) -> float:
    """Two hundred services, each told up to four times, in no order at all."""
    intents = trial.means(200, repeats=3)
    trial.bench.log.random.shuffle(intents)
    await trial.tell(intents, seconds=6)
    return time.monotonic()


async def bad_messages(trial: Trial) -> float:
    """More in a row than the fuse bears: the service stops, says so, and goes on after a restart."""
    (scheduler,) = trial.cluster.of("scheduler")
    await trial.bench.crm.publish(trial.bench.crm.bad(FUSE + 100))
    async with asyncio.timeout(HALT_SECONDS):
        while not any("dead letters in a row" in said for said in await scheduler.reasons(trial.cluster.web)):
            await asyncio.sleep(0.2)
    trial.note("halted and said so")
    await scheduler.stop()
    scheduler.start()
    return time.monotonic()


async def replayed_letters(trial: Trial) -> float:
    """Of two letters one is mended and takes effect once, however often; the other is still bad and stays."""
    (service,) = load_services(["scheduler"])
    runtime = await open_runtime(service, trial.cluster.settings)
    try:
        known = {letter.letter_id for letter in await _letters(runtime)}
        await trial.bench.crm.publish([b"this is not JSON", b"neither is this"])
        async with asyncio.timeout(HALT_SECONDS):
            while len(fresh := [one for one in await _letters(runtime) if one.letter_id not in known]) < 2:
                await asyncio.sleep(0.2)
        (intent,) = trial.means(1)
        await _mend(runtime, fresh[0], intent.body())
        trial.bench.crm.told[intent.service_id] = intent
        both = [letter.letter_id for letter in fresh]
        taken = [[one.letter_id for one in await replay(runtime, both) if one.taken] for _ in range(2)]
    finally:
        await runtime.close()
    assert taken == [[fresh[0].letter_id], []], f"of {both} were taken: first {taken[0]}, then {taken[1]}"
    return time.monotonic()


async def _letters(runtime: Runtime) -> list[deadletters.Letter]:
    async with runtime.reading() as connection:
        return list(await deadletters.letters(connection, limit=100_000))


async def _mend(runtime: Runtime, letter: deadletters.Letter, body: bytes) -> None:
    """As if the program had learned to read it: the same letter with a document that can be read."""
    keys = await runtime.vault.keyring(letter=[letter.week])
    record = deadletters.restored(
        keys, topic=letter.topic, partition=letter.partition, offset=letter.offset, sealed=letter.sealed_record
    )
    assert record is not None
    sealed = keys.seal_letter(letter.week, deadletters.FIELD, deadletters.packed(replace(record, value=body)))
    async with runtime.reading() as connection:
        await connection.execute(
            "UPDATE dead_letter SET sealed_record = $2 WHERE letter_id = $1", letter.letter_id, sealed
        )


ROWS = (
    Row("duplicates", f"each document {MANY} times", duplicates, services=50),
    Row("reordering", "documents in no order, each four times", reordering, services=50),
    Row("bad-messages", f"{FUSE + 100} bad messages in a row (the fuse)", bad_messages, services=0),
    Row("replayed-letters", "dead letters replayed: mended, still bad, twice", replayed_letters, services=50),
)
