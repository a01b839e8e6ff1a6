"""The figures of everybody, asked or not: what the report must come near to. Only the driver ever holds them."""

from collections.abc import Iterable
from dataclasses import dataclass

from launcher.demo.customer import Work

RATINGS = ("overall", "response_speed", "competence", "attitude", "clarity")


@dataclass(frozen=True)
class Truth:
    """Over all services of the frame: means of the ratings, NPS in points, share of solved at once."""

    figures: dict[str, float]
    count: int


def truth(works: Iterable[Work]) -> Truth:
    opinions = [work.opinion for work in works if work.stratum is not None]
    count = len(opinions)
    figures = {name: sum(opinion.rating(name) or 0 for opinion in opinions) / count for name in RATINGS}
    promoters = sum(opinion.nps >= 9 for opinion in opinions)
    detractors = sum(opinion.nps <= 6 for opinion in opinions)
    figures["nps"] = 100 * (promoters - detractors) / count
    figures["solved"] = sum(opinion.solved == "yes" for opinion in opinions) / count
    return Truth(figures, count)
