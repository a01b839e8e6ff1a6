"""Facts about documents and services: each is taken once, explained once, and its answers arrive unchanged."""

from collections import Counter
from math import sqrt

from launcher.demo import expected
from launcher.demo.evidence import Evidence

Found = tuple[bool, str, str]
_SPREAD = 4.5
"""Standard deviations of a binomial draw; beyond that the rate was not the published one."""


def each_has_one_end(evidence: Evidence) -> Found:
    stories = evidence.told.stories
    explained = [story for story in stories.values() if story.explanation is not None]
    sent = {work.key for work in evidence.month.works}
    holds = set(stories) == sent and len(explained) == len(sent)
    return holds, f"{len(explained)} / {len(stories)}", f"{len(sent)}"


def ends_agree(evidence: Evidence) -> Found:
    wrong = [
        work
        for work in evidence.month.works
        if (story := evidence.told.stories.get(work.key)) is None
        or story.explanation not in expected.explanations(work, story, evidence)
    ]
    counts = Counter(str(story.explanation) for story in evidence.told.stories.values())
    words = " ".join(f"{name} {count}" for name, count in counts.most_common())
    return not wrong, words, "不一致 0" if not wrong else f"不一致 {len(wrong)}，例如 {wrong[0].service_id}"


def frame_and_rates(evidence: Evidence) -> Found:
    """Every stratum has its N; certainty strata are taken whole, the others by the published rate."""
    planted = Counter(work.stratum for work in evidence.month.in_frame)
    rows = {row["stratum"]: row for row in evidence.told.summary["strata"]}
    holds = planted == Counter({name: row["accepted"] for name, row in rows.items()})
    for row in rows.values():
        expected_count = row["accepted"] * row["rate"]
        spread = _SPREAD * sqrt(expected_count * (1 - row["rate"]))
        holds = holds and abs(row["selected"] - expected_count) <= spread
    drawn = sum(row["selected"] for row in rows.values())
    short = sum(row["shortfall"] for row in rows.values())
    words = f"{len(rows)} 层，N {sum(r['accepted'] for r in rows.values())}，抽中 {drawn}，缺额 {short}"
    return holds, words, f"{len(planted)} 层，N {planted.total()}"


def repeated_and_corrected(evidence: Evidence) -> Found:
    """Told again changes nothing; a changed document is a correction."""
    repeated = Counter(telling.work.key for telling in evidence.month.tellings if telling.repeated)
    changed = Counter(telling.work.key for telling in evidence.month.tellings if telling.as_changed)
    stories = evidence.told.stories
    found_again = Counter({key: story.duplicates for key, story in stories.items() if story.duplicates})
    found_changed = Counter({key: story.corrections for key, story in stories.items() if story.corrections})
    holds = found_again == repeated and found_changed == changed
    return (
        holds,
        f"重复 {found_again.total()}，更正 {found_changed.total()}",
        f"重复 {repeated.total()}，更正 {changed.total()}",
    )


def kept_out(evidence: Evidence) -> Found:
    planted = {work.key: work.expected_reason for work in evidence.month.works if work.stratum is None}
    found = {key: story.reason for key, story in evidence.told.stories.items() if key in planted}
    right = sum(found.get(key) == reason for key, reason in planted.items())
    return right == len(planted), f"{right}", f"{len(planted)}"


def dead_letters(evidence: Evidence) -> Found:
    found = evidence.told.dead_letters
    elsewhere = sum(count for service, count in found.items() if service != "scheduler")
    holds = found.get("scheduler", 0) == evidence.bad_records and elsewhere == 0
    holds = holds and not evidence.told.refused_over_http
    return holds, f"{found.get('scheduler', 0)}，别处 {elsewhere}", f"{evidence.bad_records}，别处 0"


def answers_arrived(evidence: Evidence) -> Found:
    """Nothing lost, nothing twice, nothing changed on its way."""
    given = Counter(
        (
            one.service,
            expected.score_of(one.answers, "overall"),
            expected.score_of(one.answers, "nps"),
            expected.score_of(one.answers, "solved"),
        )
        for one in evidence.memory.surveys()
    )
    found = Counter((r.service, r.overall, r.nps, r.solved) for r in evidence.told.responses)
    right = (given & found).total()
    holds = given == found and not evidence.memory.troubles
    trouble = f"，意外 {len(evidence.memory.troubles)}" if evidence.memory.troubles else ""
    return holds, f"{right} 份相同，共 {found.total()} 份{trouble}", f"{given.total()} 份"
