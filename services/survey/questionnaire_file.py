"""A questionnaire read from its file, and the hash by which its content is known."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from services.survey.questionnaire import Questionnaire
from services.survey.questionnaire_rules import faults


class InvalidQuestionnaire(Exception):
    """A file that is not a questionnaire: which file, where in it, which rule."""

    def __init__(self, file: str, reasons: list[str]) -> None:
        super().__init__(f"{file}: " + "; ".join(reasons))
        self.file = file
        self.reasons = reasons


def parse(text: str, file: str) -> Questionnaire:
    """Raises `InvalidQuestionnaire` naming every fault found."""
    try:
        document = tomllib.loads(text)
        loaded = Questionnaire.model_validate({**document, "content_hash": content_hash(document)})
    except tomllib.TOMLDecodeError as error:
        raise InvalidQuestionnaire(file, [str(error)]) from None
    except ValidationError as error:
        found = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise InvalidQuestionnaire(file, found) from None
    reasons = [str(fault) for fault in faults(loaded)]
    if reasons:
        raise InvalidQuestionnaire(file, reasons)
    return loaded.resolved()


def content_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON of the file: comments, spacing and the order of keys do not matter.

    The order of options does: it is what is read.
    """
    told = dict(document)
    if isinstance(told.get("questions"), list):
        told["questions"] = [_with_order(question) for question in told["questions"]]
    canonical = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _with_order(question: Any) -> Any:
    if not isinstance(question, dict) or not isinstance(question.get("options"), dict):
        return question
    return {**question, "options": list(question["options"].items())}
