"""Invented work and answers: nobody real, every customer another, the same numbers at every run."""

import json
from datetime import datetime, timedelta
from typing import Any

from contracts.vocabulary import Channel, Purpose
from services.survey.gathered import Gathered

SOURCE = "bench"
_SCENARIOS = ("after_sale", "after_sale", "after_sale", "after_sale", "complaint")
_REASONS = ("等了三天没人来，客服态度也很差", "师傅不专业，修了两次还没修好", "流程太复杂，一直让我重新登记")
_REMARKS = ("师傅很准时，讲得也清楚", "希望可以提前一天短信提醒", "没有别的意见")
DISSATISFIED = 5
"""Every fifth answers with a 1 or 2 and says why."""


def document(number: int, now: datetime) -> dict[str, Any]:
    """A `service-completed` of about 0.7 kB."""
    handled = now - timedelta(minutes=5 + number % 25)
    return {
        "source": SOURCE,
        "service_id": f"S-{number}",
        "scenario": _SCENARIOS[number % len(_SCENARIOS)],
        "service_type": "热水器维修",
        "completed_at": handled.isoformat(),
        "handled_at": handled.isoformat(),
        "customer": {
            "customer_id": f"C-{number}",
            "name": f"客户{number}",
            "phone": f"+86138{number:08d}",
            "level": "VIP1" if number % 50 == 0 else "L1",
            "timezone": "Asia/Shanghai",
            "language": "zh-CN",
            "registration_channel": "门店",
            "history": [{"at": "2026-05-02", "kind": "维修", "summary": "更换点火器，已解决"}],
        },
        "handler": {"id": f"E-{number % 40}", "name": "工程师乙", "team": "华东安装一组"},
        "product": "JSQ30-A",
        "channel": "门店",
        "region": "华东",
        "problem_type": "不出热水",
        "progress": "已解决",
    }


def record(number: int, now: datetime) -> bytes:
    return json.dumps(document(number, now), ensure_ascii=False).encode()


def answers(service_id: str, now: datetime) -> Gathered:
    """What this customer says on the telephone."""
    number = int(service_id.removeprefix("S-"))
    low = number % DISSATISFIED == 0
    score = 1 + number % 2 if low else 4 + number % 2
    given: dict[str, Any] = {
        "overall": score,
        "response_speed": score,
        "competence": score,
        "attitude": 4,
        "clarity": 4,
        "solved": "no" if low else "yes",
        "nps": score * 2,
        "remarks": _REMARKS[number % len(_REMARKS)],
        "callback": 5,
    }
    if _SCENARIOS[number % len(_SCENARIOS)] == "complaint":
        given["approval"] = "no" if low else "yes"
    if low:
        given["reason"] = _REASONS[number % len(_REASONS)]
    return Gathered(SOURCE, service_id, Purpose.SURVEY, Channel.PHONE, now, given)
