"""Facts about what follows from an answer: duties, promises, second callbacks."""

from collections import Counter
from collections.abc import Iterable

from launcher.demo import expected
from launcher.demo.evidence import CaseSeen, Evidence
from launcher.demo.words import DEPARTMENTS

Found = tuple[bool, str, str]


def departments(evidence: Evidence) -> Found:
    """Each department has exactly the cases that customers gave it reason for."""
    planted = expected.cases(evidence)
    found = Counter((case.department, case.service) for case in evidence.told.cases)
    return (
        found == planted,
        _by_department(c.department for c in evidence.told.cases),
        _by_department(d for d, _ in planted.elements()),
    )


def routed(evidence: Evidence) -> Found:
    planted = expected.routed(evidence)
    found = Counter((one.kind, one.department, one.service) for one in evidence.told.routed)
    return found == planted, _kinds(k for k, _, _ in found.elements()), _kinds(k for k, _, _ in planted.elements())


def story(evidence: Evidence) -> Found:
    case = _case(evidence, evidence.month.planted.story.key)
    if case is None:
        return False, "没有案件", "一件，已结案"
    holds = case.state == "closed" and case.closed_as == "contacted" and bool(case.evidence) and case.chain_whole
    heard = [one for one in evidence.memory.second() if one.service == case.service]
    return holds and len(heard) == 1, " → ".join(case.acts), "start → solve → contact → close"


def reopened(evidence: Evidence) -> Found:
    case = _case(evidence, evidence.month.planted.reopened.key)
    if case is None:
        return False, "没有案件", "重开一次，再结案"
    holds = case.acts.count("reopen") == 1 and case.state == "closed"
    return holds, " → ".join(case.acts), "重开一次，再结案"


def pairs(evidence: Evidence) -> Found:
    planted = {one.service for one in evidence.memory.second() if "overall" in one.answers}
    found = evidence.told.summary["recovery"]["pairs"]
    return found == len(planted) and found > 0, f"{found} 对", f"{len(planted)} 对"


def promises(evidence: Evidence) -> Found:
    planted = evidence.month.planted
    made = {one.promise_id: one.service for one in evidence.memory.promised}
    states = Counter(evidence.told.promises.get(promise_id, "open") for promise_id in made)
    kept = {made[p] for p, state in evidence.told.promises.items() if state == "kept" and p in made}
    broken = {made[p] for p, state in evidence.told.promises.items() if state == "broken" and p in made}
    holds = kept == {w.key for w in planted.kept} and broken == {w.key for w in planted.broken}
    words = f"兑现 {states['kept']}，违背 {states['broken']}"
    return holds, words, f"兑现 {len(planted.kept)}，违背 {len(planted.broken)}"


def _case(evidence: Evidence, service: tuple[str, str]) -> CaseSeen | None:
    return next((case for case in evidence.told.cases if case.service == service), None)


def _by_department(names: Iterable[str]) -> str:
    counts = Counter(names)
    return " ".join(f"{name} {counts[code]}" for code, name in DEPARTMENTS.items())


def _kinds(kinds: Iterable[str]) -> str:
    counts = Counter(kinds)
    return f"建议 {counts['suggestion']}，表扬 {counts['praise']}"
