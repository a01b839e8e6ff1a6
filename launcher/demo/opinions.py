"""Draws what a customer thinks and does. All randomness comes from the generator that is handed in."""

from datetime import timedelta
from random import Random

from launcher.demo.customer import Habits, OnThePhone, Opinion, Ring, WithTheLink
from launcher.demo.strata import Stratum
from launcher.demo.words import COMPLAINTS, PRAISE, SUGGESTIONS

_NPS = {1: (0, 1, 2, 3), 2: (2, 3, 4, 5), 3: (5, 6, 7, 7), 4: (7, 8, 8, 9), 5: (8, 9, 10, 10)}
_SHIFT = (-1, 0, 0, 0, 0, 0, 1)
_REACHED = (
    ((Ring.ANSWER,), 0.70),
    ((Ring.NO_ANSWER, Ring.ANSWER), 0.16),
    ((Ring.BUSY, Ring.ANSWER), 0.08),
    ((Ring.VOICEMAIL, Ring.ANSWER), 0.06),
)
_PRAISES, _SUGGESTS = 0.22, 0.12


def opinion(random: Random, stratum: Stratum) -> Opinion:
    overall = random.choices((1, 2, 3, 4, 5), stratum.overall)[0]
    speed, skill, attitude, clarity = (min(5, max(1, overall + random.choice(_SHIFT))) for _ in range(4))
    lowest = min(overall, speed, skill, attitude, clarity)
    solved = "yes" if random.random() < stratum.solved + 0.08 * (overall - 4) else random.choice(("no", "no", "unsure"))
    complaint = random.choice(COMPLAINTS[random.choice(stratum.blamed)]) if lowest <= 2 else None
    kind, department, remarks = _remarks(random, stratum) if lowest >= 4 else (None, None, None)
    return Opinion(
        overall=overall, response_speed=speed, competence=skill, attitude=attitude, clarity=clarity,
        callback=random.choice((4, 5, 5, 5)), nps=random.choice(_NPS[overall]), solved=solved, complaint=complaint,
        remarks=remarks, remark_kind=kind, remark_department=department, after=(random.choice((3, 4, 4, 5, 5)),),
    )  # fmt: skip


def _remarks(random: Random, stratum: Stratum) -> tuple[str | None, str | None, str | None]:
    chance, department = random.random(), random.choice(stratum.blamed)
    if chance < _PRAISES:
        return "praise", department, random.choice(PRAISE[department])
    if chance < _PRAISES + _SUGGESTS:
        return "suggestion", department, random.choice(SUGGESTIONS[department])
    return None, None, None


def habits(random: Random, stratum: Stratum) -> Habits:
    """Whether somebody answers depends on the stratum alone, never on what they think: weights by stratum can hold."""
    reads_after = timedelta(minutes=random.randrange(30, 40 * 60, 30))
    talks = timedelta(minutes=5)
    if random.random() < stratum.answers:
        rings = random.choices([rings for rings, _ in _REACHED], [share for _, share in _REACHED])[0]
        phone = OnThePhone.LATER if random.random() < 0.03 else OnThePhone.TALK
        return Habits(rings=rings, phone=phone, reads_after=reads_after, talks=talks)
    return random.choice(
        (
            Habits((Ring.NO_ANSWER,), link=WithTheLink.IGNORE, reads_after=reads_after, talks=talks),
            Habits((Ring.SWITCHED_OFF,), link=WithTheLink.IGNORE, reads_after=reads_after, talks=talks),
            Habits((Ring.STRANGER,), link=WithTheLink.IGNORE, reads_after=reads_after, talks=talks),
            Habits(phone=OnThePhone.REFUSE, link=WithTheLink.IGNORE, reads_after=reads_after, talks=talks),
            Habits(phone=OnThePhone.REFUSE_TAKE_LINK, link=WithTheLink.IGNORE, reads_after=reads_after, talks=talks),
            Habits(phone=OnThePhone.HANG_UP, link=WithTheLink.LEAVE, reads_after=reads_after, talks=talks),
            Habits((Ring.NO_ANSWER,), mailbox_is_full=True, reads_after=reads_after, talks=talks),
        )
    )
