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


_WAY = ("open", "start", "solve", "contact", "close")


def story(evidence: Evidence) -> Found:
    """A score of 1 is a case; it is worked, the customer is called a second time, and that call closes it."""
    work = evidence.month.planted.story
    planted = f"{work.opinion.overall} 分：{' → '.join(_WAY)}，二次回访 {work.opinion.after[0]} 分"
    case = _case(evidence, work.key)
    if case is None:
        return False, "没有案件", planted
    first = [expected.score_of(a.answers, "overall") for a in evidence.memory.surveys() if a.service == work.key]
    second = [expected.score_of(a.answers, "overall") for a in evidence.memory.second() if a.service == work.key]
    way = tuple(act for act in case.acts if act in (*_WAY, "reopen"))
    holds = first == [work.opinion.overall] and second == [work.opinion.after[0]] and way == _WAY
    holds = holds and (case.state, case.closed_as) == ("closed", "contacted") and len(case.evidence) == 1
    words = f"{case.case_id}，{'、'.join(map(str, first))} 分：{' → '.join(way)}"
    return holds, f"{words}，二次回访 {'、'.join(map(str, second)) or '没有'} 分", planted


def closed_with_evidence(evidence: Evidence) -> Found:
    """Whatever is closed because the customer was contacted, or could not be, names the proof of it."""
    closed = [case for case in evidence.told.cases if case.closed_as in ("contacted", "not_reached")]
    bare = [case for case in closed if not case.evidence]
    broken = [case for case in evidence.told.cases if not case.chain_whole]
    words = f"结案 {len(closed)}，没有证据 {len(bare)}，历史链断开 {len(broken)}"
    return bool(closed) and not bare and not broken, words, "没有证据 0，历史链断开 0"


def wish(evidence: Evidence) -> Found:
    """Two customers' one suggestion: merged, answered, and each of them heard the answer once."""
    authors = evidence.month.planted.wish
    planted = f"一条，{len(authors)} 位客户，已完成，各告知一次"
    said = {work.opinion.remarks for work in authors}
    ideas = [idea for idea in evidence.told.ideas if said & set(idea.texts)]
    if len(ideas) != 1:
        return False, f"{len(ideas)} 条", planted
    (idea,) = ideas
    heard = Counter(one.service for one in evidence.memory.second() if one.service in {w.key for w in authors})
    holds = (idea.status, idea.customers, idea.told) == ("done", len(authors), len(authors))
    holds = holds and set(idea.texts) == said and heard == Counter(work.key for work in authors)
    status = "已完成" if idea.status == "done" else idea.status
    words = f"一条，{idea.customers} 位客户，{idea.votes} 票，{status}，告知 {idea.told} 位，听到 {heard.total()} 次"
    return holds, words, planted


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
