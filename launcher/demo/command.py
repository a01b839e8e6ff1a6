"""`aftercall demo`: a month of invented services through the whole product, and its figures beside the truth."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg

from chassis.clock import set_mode
from launcher.demo import crm
from launcher.demo.calendar import CLOSED, LAST_DAY_HEARD
from launcher.demo.defects import DEFECTS, VARIABLE
from launcher.demo.evidence import Evidence
from launcher.demo.inquiry import ask
from launcher.demo.month import Month
from launcher.demo.population import WEST, Population, population
from launcher.demo.reports import month_report
from launcher.demo.scene import Scene, set_up
from launcher.demo.score import all_found, score
from launcher.demo.screen import Screen
from launcher.faults import StartError

SEED = 2026
_FRESH = 3
_PATIENCE = timedelta(days=3)


async def demo(*, headless: bool, port: int, data: Path | None = None, share: float = 1.0) -> int:
    """The exit code: 0 when every planted fact was found. Without `headless` it serves on until a signal comes."""
    defect = os.environ.get(VARIABLE)
    if defect and defect not in DEFECTS:
        raise StartError(f"{VARIABLE} is {defect}; there are {', '.join(DEFECTS)}.")
    screen, month = Screen(), population(SEED, share=share)
    screen.opening(len(month.works))
    with _directory(data) as directory:
        async with set_up(month, directory, port=port) as scene:
            evidence = await _played(scene, month, screen)
            report, files = await month_report(scene.stack.hosted.runtimes["reporting"], month, directory / "reports")
            lines = [*score(DEFECTS[defect].plant(evidence) if defect else evidence), report]
            screen.score(lines)
            screen.reports(files, kept=data is not None or not headless)
            if not headless:
                screen.house(scene, await _go_on(scene), kept=data is not None)
                await scene.stack.wait()
            return 0 if all_found(lines) else 1


async def _played(scene: Scene, month: Population, screen: Screen) -> Evidence:
    def told(now: datetime) -> None:
        scene.clock.now = now
        screen.day(now, scene.people, len(scene.memory.answered))

    driver = Month(scene.stepper, scene.people, told)
    await driver.play(LAST_DAY_HEARD)
    await driver.play(CLOSED)
    return Evidence(month, scene.memory, await ask(scene), len(scene.people.crm.bad_records), scene.clock.now)


async def _go_on(scene: Scene) -> list[str]:
    """Fresh links for whoever watches; then the clock runs by itself at real speed."""
    scene.people.crm.tellings = ()
    await scene.doors[WEST].post(crm.DOOR, json=[crm.fresh(scene.clock.now, n) for n in range(1, _FRESH + 1)])
    limit = scene.clock.now + _PATIENCE
    links: list[str] = []
    while len(links) < _FRESH and scene.clock.now < limit:
        await scene.stepper.idle()
        links += [letter.link for letter in scene.mailbox.take() if letter.link and "new" in letter.address]
        if len(links) < _FRESH:
            scene.clock.now = await scene.stepper.step(until=limit)
    owner = await asyncpg.connect(scene.stack.settings.database_url)
    try:
        await set_mode(owner, "running", scene.clock.now)
    finally:
        await owner.close()
    return links


@contextmanager
def _directory(data: Path | None) -> Iterator[Path]:
    """A directory of this run alone, gone afterwards; a given one is kept and must be empty."""
    if data is not None:
        if data.exists() and any(data.iterdir()):
            raise StartError(f"{data} is not empty: the demo needs a directory of its own.")
        yield data
        return
    made = Path(tempfile.mkdtemp(prefix="aftercall-demo-"))
    try:
        yield made / "data"
    finally:
        shutil.rmtree(made, ignore_errors=True)
