"""Looks at a lexicon beside the one in use."""

import re
from pathlib import Path

from chassis.runtime import open_runtime
from launcher.addresses import settings_of
from launcher.catalog import load_services
from launcher.faults import StartError
from launcher.terminal import say
from services.tagging import labelled
from services.tagging.lexicon import HERE, Lexicon, LexiconError, shipped
from services.tagging.lexicon_check import faults
from services.tagging.trying import tried

PAGE = Path(__file__).parents[1] / "docs" / "tagging.md"
_BETWEEN = re.compile(r"(?s)(<!-- measured: begin -->\n).*(<!-- measured: end -->)")


def check(file: Path | None) -> bool:
    """Says every fault; True when there is none."""
    found = faults(read(file))
    for fault in found:
        say(fault)
    say(f"{len(found)} faults" if found else "no fault")
    return not found


def score(file: Path | None, *, misses: bool, write: bool) -> None:
    lexicon = read(file)
    table = labelled.table(lexicon)
    say(table)
    if misses:
        for sentence, missed, wrong in labelled.missed_and_wrong(lexicon):
            say(f"{sentence.text}\tmissed: {', '.join(sorted(missed))}\twrong: {', '.join(sorted(wrong))}")
    if write:
        page = PAGE.read_text()
        PAGE.write_text(_BETWEEN.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", page))


async def try_out(file: Path, *, data: Path | None) -> None:
    """Says what would move, response by response and tag by tag; texts are not shown."""
    lexicon = read(file)
    if found := faults(lexicon):
        raise StartError(f"The lexicon {file} has {len(found)} faults, the first: {found[0]}")
    (service,) = load_services(["tagging"])
    runtime = await open_runtime(service, settings_of(data))
    try:
        trial = await tried(runtime, lexicon)
    finally:
        await runtime.close()
    for line in trial.lines():
        say(line)


def read(file: Path | None) -> Lexicon:
    """The lexicon in use, one language replaced by the file; raises StartError for a file that cannot be used."""
    if file is None:
        return shipped()
    try:
        return Lexicon.read(HERE, instead=file)
    except (OSError, LexiconError) as error:
        raise StartError(f"The lexicon {file} cannot be used: {error}") from error
