"""Answers and findings → tags and items. The score decides whether there is a problem case; text only adds.

Pure: the same sheet, texts, context and lexicon always give the same items with the same ids.
"""

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from contracts.answers import Answer, AnswerSheet
from contracts.context import ServiceContext
from contracts.events.tagging import Band, Provenance, TagSheet, band_of
from contracts.ids import named_id
from contracts.vocabulary import Dimension, ItemKind, Mood, QuestionKind, Scenario, Score, Severity
from services.tagging.finding import Finding, Place, find
from services.tagging.lexicon import Lexicon
from services.tagging.matching import Group
from services.tagging.routing import Routes, Whose

UNSPECIFIED = "unspecified"
DETRACTOR = "detractor"
DETRACTOR_LIMIT = 6  # TG5: 0–6 of the recommendation question
_TYPE_OF_DIMENSION = {
    Dimension.ATTITUDE: "attitude",
    Dimension.RESPONSE_SPEED: "response_speed",
    Dimension.COMPETENCE: "competence",
    Dimension.CLARITY: "competence",
}
_REMARKS = {
    Group.SUGGESTION: ItemKind.SUGGESTION,
    Group.PRAISE: ItemKind.PRAISE,
    Group.NEW_DEMAND: ItemKind.NEW_DEMAND,
}
_KIND_OF_GROUP = {Group.PROBLEM: ItemKind.PROBLEM, **_REMARKS}


class Item(NamedTuple):
    """One duty, idea or thanks of one department. A `remark` never opens a case."""

    item_id: str
    kind: ItemKind
    department: str
    codes: tuple[str, ...]
    severity: Severity
    due_policy: str
    spans: tuple[Place, ...]
    team: str | None
    fallback: bool = False
    """Neither the words nor the team named a department."""


class Tagged(NamedTuple):
    sheet: TagSheet
    items: tuple[Item, ...]


def tag(
    response_id: str,
    sheet: AnswerSheet,
    *,
    texts: Mapping[str, str],
    context: ServiceContext | None,
    lexicon: Lexicon,
) -> Tagged:
    """`texts` is empty and `context` None where a key is gone: the scores still say what they say."""
    if noted := {demand.text for demand in sheet.demands}:  # a person has said already what these words are
        findings = find({key: text for key, text in texts.items() if key not in noted}, lexicon)
    else:
        findings = find(texts, lexicon)
    low, detractor = low_answers(sheet), is_detractor(sheet)
    routed = _Maker(response_id, lexicon, context, findings)
    items = [
        *_problems(routed, sheet, low, texts, detractor=detractor),
        *routed.remarks(),
        *_demanded(routed, sheet, texts),
    ]
    tags = {  # read as a whole: much quicker than a model for each tag and span
        "bands": _bands(sheet),
        "tags": [*_tags(findings, lexicon.version), *_marked(sheet, low, lexicon)],
        "detractor": detractor,
        "signs": sorted({finding.code for finding in routed.findings.get(Group.CUSTOMER, ())}),
    }
    return Tagged(TagSheet.model_validate(tags), tuple({item.item_id: item for item in items}.values()))


def low_answers(sheet: AnswerSheet) -> list[Answer]:
    """Answers of 1 or 2 that raise an alarm, the lowest first."""
    low = [
        answer
        for answer in sheet.answers
        if answer.score is not None
        and answer.score <= Score.DISSATISFIED
        and (answer.alerts or answer.dimension is Dimension.OVERALL)
    ]
    return sorted(low, key=lambda answer: answer.score or 0)


def is_detractor(sheet: AnswerSheet) -> bool:
    return any(
        answer.kind is QuestionKind.NPS and answer.likelihood is not None and answer.likelihood <= DETRACTOR_LIMIT
        for answer in sheet.answers
    )


def severity_of(lowest: Score, sheet: AnswerSheet, context: ServiceContext | None, levels: Sequence[str]) -> Severity:
    """critical: 1 by an agitated customer or after a complaint; major: 1, complaint or important customer."""
    worst = lowest is Score.VERY_DISSATISFIED
    complaint = context is not None and context.scenario is Scenario.COMPLAINT
    important = context is not None and (context.level or "").startswith(tuple(levels))
    if worst and (complaint or sheet.mood is Mood.AGITATED):
        return Severity.CRITICAL
    return Severity.MAJOR if worst or complaint or important else Severity.MINOR


class _Maker:
    """Makes the items of one response."""

    def __init__(
        self, response_id: str, lexicon: Lexicon, context: ServiceContext | None, findings: Sequence[Finding]
    ) -> None:
        self.response_id, self.lexicon, self.context = response_id, lexicon, context
        self.findings: dict[Group, list[Finding]] = {}
        for finding in findings:
            self.findings.setdefault(finding.group, []).append(finding)
        self.routes = Routes(lexicon, context, self.findings.get(Group.DEPARTMENT, ()))

    def item(
        self, kind: ItemKind, codes: tuple[str, ...], whose: Whose, spans: tuple[Place, ...],
        severity: Severity = Severity.REMARK,
    ) -> Item:  # fmt: skip
        department, fallback = whose
        rule = self.lexicon.routing.departments[department]
        item_id = named_id(self.response_id, kind, department, codes[0] if kind is ItemKind.PROBLEM else "")
        due = rule.urgent_due if severity is Severity.CRITICAL else rule.due
        return Item(item_id, kind, department, codes, severity, due, spans, self.routes.team, fallback)

    def remarks(self) -> list[Item]:
        """Suggestions, praise and new demands: one per kind and department."""
        return [
            self.item(kind, (), duty.whose, _sentences(duty.near))
            for group, kind in _REMARKS.items()
            if group in self.findings
            for duty in self.routes.duties(self.findings[group])
        ]


def _demanded(routed: _Maker, sheet: AnswerSheet, texts: Mapping[str, str]) -> list[Item]:
    """What the agent noted as a new demand, for the department to which it was promised; one for each department."""
    by_department: dict[str, list[str]] = {}
    for demand in sheet.demands:
        if demand.department in routed.lexicon.routing.departments:
            by_department.setdefault(demand.department, []).append(demand.text)
    return [
        routed.item(
            ItemKind.NEW_DEMAND, (), (department, False),
            tuple(Place(key, 0, len(texts.get(key, ""))) for key in keys),
        )
        for department, keys in by_department.items()
    ]  # fmt: skip


def _problems(
    routed: _Maker, sheet: AnswerSheet, low: list[Answer], texts: Mapping[str, str], *, detractor: bool
) -> list[Item]:
    severity = Severity.REMARK
    if low and low[0].score is not None:
        levels = routed.lexicon.routing.important_levels
        severity = severity_of(low[0].score, sheet, routed.context, levels)
    strong = {finding.sentence for finding in routed.findings.get(Group.INTENSITY, ())}
    items = [
        routed.item(ItemKind.PROBLEM, (code,), whose, _sentences(near), _said(severity, near, strong))
        for whose, code, near in routed.routes.duties(routed.findings.get(Group.PROBLEM, ()))
    ]
    if items or not (low or detractor):
        return items
    codes = _codes_without_words(sheet, low, routed.lexicon) if low else (DETRACTOR,)
    whole = tuple(Place(question_id, 0, len(text)) for question_id, text in texts.items() if text.strip())
    return [routed.item(ItemKind.PROBLEM, codes, routed.routes.department(None), whole, severity)]


def _said(severity: Severity, near: Sequence[Finding], strong: Set[Place]) -> Severity:
    """A problem told with strong words is major where the score alone makes it minor; words never make it less."""
    if severity is not Severity.MINOR or not strong:
        return severity
    return Severity.MAJOR if any(finding.sentence in strong for finding in near) else severity


def _codes_without_words(sheet: AnswerSheet, low: list[Answer], lexicon: Lexicon) -> tuple[str, ...]:
    """What the agent marked, else what the low dimensions are about."""
    marked = agent_mark(sheet, lexicon)
    if marked:
        return (marked,)
    codes = [_TYPE_OF_DIMENSION[a.dimension] for a in low if a.dimension in _TYPE_OF_DIMENSION]
    return tuple(dict.fromkeys(codes)) or (UNSPECIFIED,)


def agent_mark(sheet: AnswerSheet, lexicon: Lexicon) -> str | None:
    """The agent's own problem type as a code; None when it is none of the lexicon's."""
    if sheet.problem_type is None:
        return None
    for vocabulary in lexicon.vocabularies:
        for problem in vocabulary.problem:
            if sheet.problem_type in (problem.code, problem.name):
                return problem.code
    return None


def _bands(sheet: AnswerSheet) -> dict[Dimension, Band]:
    return {a.dimension: band_of(a.score) for a in sheet.answers if a.dimension is not None and a.score is not None}


def _tags(findings: Sequence[Finding], version: str) -> list[dict[str, object]]:
    """One for each code, as `Tag` reads it."""
    spans: dict[tuple[Group, str], list[dict[str, object]]] = {}
    for question_id, group, code, start, end, _ in findings:
        if group in _KIND_OF_GROUP:
            spans.setdefault((group, code), []).append({"question_id": question_id, "start": start, "end": end})
    return [
        _tag(code, Provenance.RULE, version, kind=_KIND_OF_GROUP[group], spans=marks)
        for (group, code), marks in spans.items()
    ]


def _marked(sheet: AnswerSheet, low: list[Answer], lexicon: Lexicon) -> list[dict[str, object]]:
    """Tags without words: the agent's mark, and the dimensions that were rated low."""
    mark = agent_mark(sheet, lexicon)
    by_score = dict.fromkeys(_TYPE_OF_DIMENSION[a.dimension] for a in low if a.dimension in _TYPE_OF_DIMENSION)
    tags = [_tag(code, Provenance.RULE, lexicon.version) for code in by_score if code != mark]
    return [*tags, _tag(mark, Provenance.PERSON, lexicon.version)] if mark else tags


def _tag(
    code: str, provenance: Provenance, version: str, *, kind: ItemKind = ItemKind.PROBLEM, spans: Sequence[object] = ()
) -> dict[str, object]:
    return {"code": code, "kind": kind, "spans": spans, "provenance": provenance, "version": version}


def _sentences(findings: Sequence[Finding]) -> tuple[Place, ...]:
    if len(findings) == 1:  # most often
        return (findings[0].sentence,)
    return tuple(dict.fromkeys([finding.sentence for finding in findings]))
