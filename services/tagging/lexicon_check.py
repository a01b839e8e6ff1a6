"""Contradictions inside a lexicon, each as one sentence that names the term and what to do. Pure."""

from collections.abc import Iterator

from services.tagging.lexicon import Lexicon, Vocabulary
from services.tagging.matching import Group, Term, terms_of

PROBLEM_CODES = frozenset(("attitude", "response_speed", "competence", "process"))
"""Those that pages, cases and figures have words for."""


def faults(lexicon: Lexicon) -> list[str]:
    """Empty when the lexicon may be taken."""
    return [f"{v.language}.toml: {fault}" for v in lexicon.vocabularies for fault in _faults(v, lexicon)]


def _faults(vocabulary: Vocabulary, lexicon: Lexicon) -> Iterator[str]:
    try:
        terms = list(terms_of(vocabulary))
    except ValueError as error:
        yield f"{error}: write one gap at most, with words on both sides"
        return
    yield from _unknown_codes(vocabulary, lexicon)
    yield from _claimed_twice(terms)
    if vocabulary.negation_window < 1 or vocabulary.gap < 1:
        yield "negation_window and gap must be at least 1"
    for word in sorted({*vocabulary.far_negations}.intersection(vocabulary.negations)):
        yield f"{word!r} is a near and a far negation: leave it in one of the two lists"


def _unknown_codes(vocabulary: Vocabulary, lexicon: Lexicon) -> Iterator[str]:
    for code in sorted({p.code for p in vocabulary.problem} ^ PROBLEM_CODES):
        yield f"problem types are {', '.join(sorted(PROBLEM_CODES))}; {code} is missing or too many"
    for code in sorted({d.code for d in vocabulary.department} ^ set(lexicon.routing.departments)):
        yield f"department {code} must be in routing.toml and in every language"


def _claimed_twice(terms: list[Term]) -> Iterator[str]:
    """One term that stands for two things of one group would give two tags for one word."""
    claims: dict[tuple[Group, str, bool, bool, bool], list[str]] = {}
    for term in terms:
        written = f"{term.head}…{term.tail}" if term.tail else term.head
        claims.setdefault((term.group, written, term.wants_negation, term.begins, term.ends), []).append(term.code)
    for (group, written, *_), codes in claims.items():
        if len(codes) > 1:
            yield f"{written!r} stands {len(codes)} times in {group} ({', '.join(codes)}): leave one"
