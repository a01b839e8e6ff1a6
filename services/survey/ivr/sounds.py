"""Which file is played for what is said. The name follows from the words, so new words never play an old recording."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath

from services.survey.ivr.events import Line, Place
from services.survey.ivr.menu import HOUSE_LINES, Menu
from services.survey.ivr.tunes import Tune


def prompt_file(words: str, language: str) -> str:
    """Below the folder of sounds, without its ending."""
    digest = hashlib.sha256(words.encode()).hexdigest()[:16]
    return f"prompts/{language}/{digest}"


@dataclass(frozen=True)
class Sounds:
    """`folder`: as the exchange sees it."""

    folder: PurePath

    def of_house(self, line: Line, language: str) -> str:
        return str(self.folder / prompt_file(HOUSE_LINES[line][language], language))

    def of_words(self, sound: Line | Place, menu: Menu) -> str:
        return str(self.folder / prompt_file(menu.words(sound), menu.language))

    def of_tune(self, tune: Tune) -> str:
        return str(self.folder / tune.file)
