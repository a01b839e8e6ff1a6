"""Asks the product, through its own doors, what it knows at the end of the month."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from aiokafka import AIOKafkaConsumer

from chassis.deadletters import letters
from chassis.kafka_login import client_arguments, principal_of
from chassis.settings import Settings
from launcher.demo.calendar import PERIOD
from launcher.demo.evidence import CaseSeen, IdeaSeen, Response, Routed, Story, Told
from launcher.demo.memory import Key
from launcher.demo.scene import Scene
from launcher.demo.staff import Refused, Session
from launcher.demo.words import DEPARTMENTS

_AT_ONCE = 8
_MOST = 500
_STATES = ("open", "working", "solved", "told", "closed", "reopened")
_ROUTED = {"suggestion-routed": "suggestion", "praise-routed": "praise"}
_PROMISES = "promise-changed"


async def ask(scene: Scene) -> Told:
    """Summary and responses as the analyst, cases as each department, stories as the supervisor, events off Kafka."""
    analyst, supervisor = scene.sessions["analyst"], scene.sessions["supervisor"]
    summary = await analyst.get("/reporting/api/v1/summary", period=PERIOD)
    listed = await _responses(analyst, "participants")
    services = {row["response_id"]: (row["source"], row["service_id"]) for row in listed}
    events = await _events(scene.stack.settings, (*_ROUTED, _PROMISES))
    return Told(
        summary=summary,
        stories=await _stories(supervisor, scene.memory.works),
        responses=[
            Response((row["source"], row["service_id"]), row["overall"], row["nps"], row["solved"]) for row in listed
        ],
        cases=[case for name in DEPARTMENTS for case in await _cases(scene.sessions[name], name, services)],
        routed=_routed(events, services),
        promises={event["promise_id"]: event["state"] for event in _in_order(events[_PROMISES])},
        ideas=await _ideas(scene.sessions["product"]),
        dead_letters=await _dead(scene),
        refused_over_http=tuple(scene.people.crm.refused),
    )


async def _responses(analyst: Session, figure: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page = 1
    while True:
        part = await analyst.get("/reporting/api/v1/responses", period=PERIOD, figure=figure, page=page)
        found += part["responses"]
        if len(found) >= part["total"] or not part["responses"]:
            return found
        page += 1


async def _stories(supervisor: Session, works: Iterable[Key]) -> dict[Key, Story]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(key: Key) -> tuple[Key, Story | None]:
        async with gate:
            return key, await _story(supervisor, key)

    found = await asyncio.gather(*(one(key) for key in works))
    return {key: story for key, story in found if story is not None}


async def _story(supervisor: Session, key: Key) -> Story | None:
    source, service_id = key
    try:
        told = await supervisor.get(f"/scheduler/api/v1/services/{source}/{service_id}")
    except Refused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:
            return None
        raise
    return Story(
        verdict=told["verdict"], reason=told["reason"], stratum=told["stratum"], explanation=told["explanation"],
        duplicates=told["duplicates"], corrections=told["corrections"],
    )  # fmt: skip


async def _cases(person: Session, department: str, services: Mapping[str, Key]) -> list[CaseSeen]:
    listed = await person.get("/followup/api/v1/cases", state=list(_STATES), limit=_MOST)
    found = []
    for case in listed["cases"]:
        whole = await person.get(f"/followup/api/v1/cases/{case['case_id']}")
        found.append(
            CaseSeen(
                case_id=case["case_id"],
                service=services.get(case["response_id"]),
                department=department,
                state=case["state"],
                closed_as=case["closed_as"],
                evidence=tuple(case["evidence"]),
                chain_whole=whole["chain_whole"],
                acts=tuple(entry["action"] for entry in whole["history"]),
            )
        )
    return found


async def _ideas(person: Session) -> list[IdeaSeen]:
    """The library of the person's department."""
    listed = await person.get("/followup/api/v1/ideas")
    return [
        IdeaSeen(tuple(idea["texts"]), idea["status"], idea["customers"], idea["votes"], idea["authors_told"])
        for idea in listed["ideas"]
    ]


def _routed(events: Mapping[str, list[dict[str, Any]]], services: Mapping[str, Key]) -> list[Routed]:
    """The last state of each item that came of a first answer."""
    items = {}
    for topic, kind in _ROUTED.items():
        for event in sorted(events[topic], key=lambda event: event["item_revision"]):
            items[event["item_id"]] = (kind, event)
    return [
        Routed(kind, event["department"], services.get(event["response_id"]))
        for kind, event in items.values()
        if event["state"] != "withdrawn" and not event.get("about")
    ]


def _in_order(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(events, key=lambda event: event["revision"])


async def _events(settings: Settings, topics: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Everything on these topics, as a department's own consumer would read it."""
    return {topic: await _all_of(settings, topic) for topic in topics}


async def _all_of(settings: Settings, topic: str) -> list[dict[str, Any]]:
    consumer = AIOKafkaConsumer(
        topic,
        **client_arguments(settings, principal_of("departments")),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[dict[str, Any]] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            batches = await consumer.getmany(timeout_ms=500)
            found += [json.loads(record.value) for records in batches.values() for record in records]
        return found
    finally:
        await consumer.stop()


async def _dead(scene: Scene) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for name, runtime in scene.stack.hosted.runtimes.items():
        async with runtime.reading() as connection:
            counts[name] = len(await letters(connection, state="dead", limit=_MOST))
    return dict(counts)
