"""Looks at a lexicon beside the one in use."""

import re
from pathlib import Path

from launcher.faults import StartError
from launcher.terminal import say
from services.tagging import labelled
from services.tagging.lexicon import HERE, Lexicon, LexiconError, shipped
from services.tagging.lexicon_check import faults

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


def read(file: Path | None) -> Lexicon:
    """The lexicon in use, one language replaced by the file; raises StartError for a file that cannot be used."""
    if file is None:
        return shipped()
    try:
        return Lexicon.read(HERE, instead=file)
    except (OSError, LexiconError) as error:
        raise StartError(f"The lexicon {file} cannot be used: {error}") from error
