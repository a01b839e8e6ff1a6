"""What a person holds a response to say, against what the rules found: it moves items and measures the rules. Pure.

A person's word holds for the items it was said about, whatever later revisions or a later lexicon find; what the
person has not seen is still for the rules.
"""

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from contracts.events.tagging import Provenance, Tag, TagSheet
from contracts.ids import named_id
from contracts.vocabulary import ItemKind, Severity
from services.tagging.finding import Place
from services.tagging.items import UNSPECIFIED, Item
from services.tagging.lexicon import Lexicon
from services.tagging.scoring import TAGS

_KINDS = {kind.value: kind for kind in (ItemKind.PRAISE, ItemKind.SUGGESTION, ItemKind.NEW_DEMAND)}


class _Sealed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Ruling(_Sealed):
    """One item: whether it holds, and what and whose it is. `code` is a tag of `scoring.TAGS` or `unspecified`."""

    item_id: str
    held: bool
    code: str
    department: str

    @property
    def kind(self) -> ItemKind:
        return kind_of(self.code)


class Judgement(_Sealed):
    """`found`: tags that the rules saw in the words then; `held`: those that the person sees in them."""

    found: tuple[str, ...]
    held: tuple[str, ...]
    rulings: tuple[Ruling, ...]

    @property
    def rejected(self) -> frozenset[str]:
        return frozenset(self.found).difference(self.held)

    @property
    def added(self) -> tuple[str, ...]:
        return tuple(code for code in self.held if code not in self.found)


def kind_of(code: str) -> ItemKind:
    return _KINDS.get(code, ItemKind.PROBLEM)


def code_of(item: Item) -> str:
    """The tag that an item stands for: its problem type, else its kind."""
    return item.codes[0] if item.kind is ItemKind.PROBLEM and item.codes else item.kind.value


def found_in_words(sheet: TagSheet) -> tuple[str, ...]:
    """Tags that rules took from words; those that a score or a person gave are no matter of the lexicon."""
    return tuple(dict.fromkeys(t.code for t in sheet.tags if t.provenance is Provenance.RULE and t.spans))


def judged(
    response_id: str,
    found: Sequence[str],
    items: Sequence[Item],
    choices: Iterable[tuple[str | None, str, str]],
    *,
    before: Sequence[Ruling] = (),
) -> Judgement:
    """From a person's choices (item or None, code or "" for not there, department) about the items on the page.

    What becomes of another kind is a new item: its old department must hear that the old one is gone. `before` are the
    rulings of an earlier judgement: those about items that are no longer on the page still hold.
    """
    by_id = {item.item_id: item for item in items}
    rulings = [ruling for ruling in before if not ruling.held and ruling.item_id not in by_id]
    for item_id, code, department in choices:
        known = by_id.get(item_id) if item_id else None
        if known is not None and (not code or kind_of(code) is not known.kind):
            rulings.append(Ruling(item_id=known.item_id, held=False, code=code_of(known), department=known.department))
        if code:
            same = known is not None and kind_of(code) is known.kind
            own = known.item_id if known is not None and same else _new_id(response_id, code, department)
            rulings.append(Ruling(item_id=own, held=True, code=code, department=department))
    held = dict.fromkeys(ruling.code for ruling in rulings if ruling.held and ruling.code in TAGS)
    return Judgement(found=tuple(found), held=tuple(held), rulings=tuple({r.item_id: r for r in rulings}.values()))


def ruled(
    items: Sequence[Item], judgement: Judgement, *, texts: Mapping[str, str], low: bool, lexicon: Lexicon
) -> list[Item]:
    """The items as the person wants them. A low score keeps a problem: where none is held, one without a type."""
    rulings = {ruling.item_id: ruling for ruling in judgement.rulings}
    kept = []
    for item in items:
        ruling = rulings.pop(item.item_id, None)
        if ruling is None:
            kept.append(item)
        elif ruling.held:
            kept.append(_moved(item, ruling.code, ruling.department, lexicon))
    pattern = next((item for item in items if item.kind is ItemKind.PROBLEM), items[0] if items else None)
    kept += [_given(ruling, pattern, texts, lexicon, low=low) for ruling in rulings.values() if ruling.held]
    problems = [item for item in items if item.kind is ItemKind.PROBLEM]
    if low and problems and not any(item.kind is ItemKind.PROBLEM for item in kept):
        kept.append(_moved(problems[0], UNSPECIFIED, problems[0].department, lexicon))
    return list({(i.kind, i.department, i.codes): i for i in reversed(kept)}.values())[::-1]


def corrected(sheet: TagSheet, judgement: Judgement, version: str) -> TagSheet:
    """Without the tags that the person rejects, with those that the person adds."""
    kept = [tag for tag in sheet.tags if not (tag.code in judgement.rejected and tag.provenance is Provenance.RULE)]
    there = {tag.code for tag in kept}
    added = [
        Tag(code=code, kind=kind_of(code), provenance=Provenance.PERSON, version=version)
        for code in judgement.added
        if code not in there
    ]
    return sheet.model_copy(update={"tags": (*kept, *added)})


def _new_id(response_id: str, code: str, department: str) -> str:
    """As the rules would name it: what a person adds and a rule finds later is one item."""
    kind = kind_of(code)
    return named_id(response_id, kind, department, code if kind is ItemKind.PROBLEM else "")


def _moved(item: Item, code: str, department: str, lexicon: Lexicon) -> Item:
    """An untouched item stays as it is, codes and all."""
    if (code, department) == (code_of(item), item.department):
        return item
    codes = (code,) if item.kind is ItemKind.PROBLEM else ()
    due = _due(department, item.severity, lexicon)
    return item._replace(codes=codes, department=department, due_policy=due, fallback=False)


def _given(ruling: Ruling, pattern: Item | None, texts: Mapping[str, str], lexicon: Lexicon, *, low: bool) -> Item:
    """An item that only the person sees: its evidence are all words of the response."""
    severity = Severity.REMARK
    if ruling.kind is ItemKind.PROBLEM and low:
        severity = pattern.severity if pattern and pattern.kind is ItemKind.PROBLEM else Severity.MINOR
    return Item(
        item_id=ruling.item_id,
        kind=ruling.kind,
        department=ruling.department,
        codes=(ruling.code,) if ruling.kind is ItemKind.PROBLEM else (),
        severity=severity,
        due_policy=_due(ruling.department, severity, lexicon),
        spans=tuple(Place(question_id, 0, len(text)) for question_id, text in texts.items() if text.strip()),
        team=pattern.team if pattern else None,
    )


def _due(department: str, severity: Severity, lexicon: Lexicon) -> str:
    rule = lexicon.routing.departments[department]
    return rule.urgent_due if severity is Severity.CRITICAL else rule.due
