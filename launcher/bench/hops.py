"""Every hop of the journey, stage by stage on the records that the stage before has told."""

import asyncio

from chassis.bus import open_producer
from chassis.runtime import open_runtime
from contracts.topics import CRM
from launcher.bench.load import answers, record
from launcher.bench.servers import NOW, Bed
from launcher.bench.stage import BenchError, Hop, Stages
from launcher.bench.usage import mark, since
from services.survey import batch

BATCH = 1000
STAGES: tuple[tuple[str, str], ...] = (
    ("attempt-closed", "scheduler"), ("response-recorded", "scheduler"), ("response-recorded", "tagging"),
    ("service-accepted", "tagging"), ("response-recorded", "followup"), ("low-score-flagged", "followup"),
    ("suggestion-routed", "followup"), ("praise-routed", "followup"), ("attempt-closed", "followup"),
    ("callback-closed", "survey"), ("callback-closed", "followup"), ("case-changed", "scheduler"),
    ("response-tagged", "scheduler"), ("service-accepted", "reporting"), ("attempt-closed", "reporting"),
    ("callback-closed", "reporting"), ("response-recorded", "reporting"), ("response-tagged", "reporting"),
    ("case-changed", "reporting"),
)  # fmt: skip


async def publish(bed: Bed, numbers: range) -> None:
    """Documents as a CRM sends them."""
    producer = await open_producer(bed.settings, CRM, client="bench-crm")
    try:
        for first in range(numbers.start, numbers.stop, 2000):
            some = range(first, min(first + 2000, numbers.stop))
            await asyncio.gather(*[await producer.send("service-completed", record(n, NOW)) for n in some])
    finally:
        await producer.stop()


async def prepared(stages: Stages, numbers: range) -> list[Hop | None]:
    """New customers up to their answers, which nobody has read yet."""
    await publish(stages.bed, numbers)
    hops = [await stages.hop("scheduler", "service-completed"), await stages.work("scheduler", "release")]
    hops += [await stages.hop("survey", "service-accepted"), await stages.hop("survey", "callback-due")]
    hops.append(await answered(stages.bed, numbers))
    await stages.work("survey")  # what the batch door told is relayed
    return hops


async def measured(stages: Stages, numbers: range) -> list[Hop]:
    """One round over new customers: each hop once, with what the hops before it made of them."""
    hops = await prepared(stages, numbers)
    for topic, service in STAGES:
        if stages.bed.service(service).subscription(topic) is not None:
            hops.append(await stages.hop(service, topic))
    return [hop for hop in hops if hop is not None]


async def answered(bed: Bed, numbers: range) -> Hop:
    """The batch door's core, 1,000 interviews a call; without the relay."""
    runtime = await open_runtime(bed.service("survey"), bed.settings)
    try:
        begin, recorded = await mark(bed), 0
        for first in range(numbers.start, numbers.stop, BATCH):
            some = range(first, min(first + BATCH, numbers.stop))
            outcomes = await batch.record(runtime, [answers(f"S-{n}", NOW) for n in some])
            recorded += sum(outcome.verdict == "recorded" for outcome in outcomes)
            if refused := next((outcome.refused for outcome in outcomes if outcome.refused), None):
                raise BenchError(f"an answer of the bench was refused: {refused}")
        return Hop("answers → survey", recorded, recorded * 2, since(begin, await mark(bed)))
    finally:
        await runtime.close()
