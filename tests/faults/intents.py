"""What the outside world means to happen, written to a file of its own before anything is sent."""

import json
import random
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from tests.faults.cluster import BEGIN, SOURCE

LOW = 2
HIGH = 5
SHARE_OF_LOW = 0.2
SHARE_OF_REPEATED = 0.2


@dataclass(frozen=True)
class Intent:
    """One finished service and the score its customer will give. `repeats`: how often the CRM tells it again."""

    service_id: str
    number: int
    road: Literal["kafka", "http"]
    repeats: int
    score: int

    @property
    def is_low(self) -> bool:
        return self.score <= LOW

    def document(self) -> dict[str, Any]:
        completed = (BEGIN - timedelta(hours=1)).isoformat()
        return {
            "source": SOURCE,
            "service_id": self.service_id,
            "scenario": "after_sale",
            "completed_at": completed,
            "handled_at": completed,
            "customer": {
                "customer_id": f"C-{self.number}",
                "name": "客户甲",
                "phone": f"+86138{self.number:08d}",
                "level": "普通",
            },
            "handler": {"id": "E-77", "name": "工程师乙", "team": "华东维修一组"},
            "product": "JSQ30-A",
        }

    def body(self) -> bytes:
        return json.dumps(self.document(), ensure_ascii=False).encode()

    def answer(self) -> dict[str, Any]:
        answers: dict[str, Any] = dict.fromkeys(("response_speed", "competence", "attitude", "clarity"), HIGH)
        answers |= {"overall": self.score, "solved": "yes", "nps": 9}
        if self.is_low:
            answers["reason"] = "等了很久，没有人来。"
        return {
            "source": SOURCE,
            "service_id": self.service_id,
            "purpose": "survey",
            "answered_at": BEGIN.isoformat(),
            "answers": answers,
        }


class IntentLog:
    """All intents of a run, by service id; the file outlives every process of the system under test."""

    def __init__(self, file: Path, seed: int) -> None:
        self._file = file
        self.random = random.Random(seed)
        self.intents: dict[str, Intent] = {}

    def mean(self, row: str, *, repeats: int | None = None, low: bool | None = None) -> Intent:
        """One more service, written down before anybody is told of it."""
        number = len(self.intents) + 1
        dice = self.random
        drawn_low = dice.random() < SHARE_OF_LOW
        drawn_repeats = dice.randint(1, 3) if dice.random() < SHARE_OF_REPEATED else 0
        intent = Intent(
            service_id=f"F-{row}-{number}",
            number=number,
            road=dice.choice(("kafka", "http")),
            repeats=drawn_repeats if repeats is None else repeats,
            score=LOW if (drawn_low if low is None else low) else HIGH,
        )
        self.intents[intent.service_id] = intent
        with self._file.open("a") as file:
            file.write(json.dumps(asdict(intent)) + "\n")
        return intent
