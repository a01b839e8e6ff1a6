"""Every sentence that a rating call can say, and the file that is played for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.survey.catalogue import catalogue
from services.survey.ivr.menu import HOUSE_LINES
from services.survey.ivr.sounds import prompt_file
from services.survey.questionnaire import LANGUAGES, Medium
from services.survey.renderings.ivr import ivr_plan

FALLBACK = "fallback"
"""Played by the exchange itself when no worker is there."""
FALLBACK_WORDS = "评分暂时无法进行，我们会再与您联系，再见。"


@dataclass(frozen=True)
class Sentence:
    words: str
    language: str


def sentences() -> Mapping[str, Sentence]:
    """By file, below the folder of sounds and without its ending; of the published questionnaires with a menu."""
    said = [Sentence(words[language], language) for words in HOUSE_LINES.values() for language in LANGUAGES]
    for questionnaire in catalogue().values():
        if Medium.IVR not in questionnaire.offered:
            continue
        for language in LANGUAGES:
            plan = ivr_plan(questionnaire, language)
            said += [Sentence(words, language) for words in plan.lines.values()]
            said += [Sentence(prompt.say, language) for prompt in plan.prompts]
    files = {prompt_file(one.words, one.language): one for one in said}
    return {**files, FALLBACK: Sentence(FALLBACK_WORDS, LANGUAGES[0])}
