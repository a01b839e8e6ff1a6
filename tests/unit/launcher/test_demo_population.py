"""The invented month: the same seed gives the same month, and its truth is worth finding."""

from collections import Counter

from contracts.answers import Answer, AnswerSheet
from contracts.vocabulary import AnswerState, Dimension, QuestionKind, Score
from launcher.demo.calendar import PERIOD, ZONE
from launcher.demo.crm import document
from launcher.demo.population import population
from launcher.demo.scene import POLICIES
from launcher.demo.strata import STRATA
from launcher.demo.truth import truth
from launcher.demo.words import COMPLAINTS, DEPARTMENTS, PRAISE, SUGGESTIONS, WISHES
from services.followup.similar import USUAL_THRESHOLD, grams, similarity
from services.scheduler.policy_files import load_policies
from services.scheduler.sampling import rates, stratum
from services.tagging.items import tag
from services.tagging.lexicon import shipped

MONTH = population(2026)


def test_the_same_seed_gives_the_same_month() -> None:
    assert population(2026) == MONTH
    assert population(7) != MONTH


def test_the_month_has_1500_services_in_strata_of_at_least_100() -> None:
    assert len({work.key for work in MONTH.works}) == len(MONTH.works) == 1500
    counts = Counter(work.stratum for work in MONTH.in_frame)
    assert counts == {stratum.name: stratum.count for stratum in STRATA}
    assert min(counts.values()) >= 100


def test_the_policies_know_every_stratum_and_expect_its_count() -> None:
    policies = load_policies(POLICIES)
    expected = {rate.stratum: rate.expected for rate in rates(policies, None)}
    for work in MONTH.in_frame:
        policy = policies.of(work.scenario)
        assert policy is not None
        found = stratum(policies, policy, service_type=work.service_type, level=work.customer.level)
        assert found == work.stratum
    for layer in STRATA:
        assert expected[layer.name] in (layer.count, None)


def test_raw_mean_of_the_sample_would_be_visibly_wrong() -> None:
    whole = [work for work in MONTH.in_frame if work.stratum in ("vip", "complaint")]
    others = [work for work in MONTH.in_frame if work.stratum not in ("vip", "complaint")][::7]
    scores = [work.opinion.overall for work in (*whole, *others)]
    assert truth(MONTH.works).figures["overall"] - sum(scores) / len(scores) > 0.15


def test_everything_happens_in_the_month_but_what_is_planted_outside() -> None:
    assert {f"{work.completed_at.astimezone(ZONE):%Y-%m}" for work in MONTH.in_frame} == {PERIOD}
    assert all(work.told_at > work.completed_at for work in MONTH.in_frame)


def test_no_document_tells_an_opinion() -> None:
    work = MONTH.planted.story
    assert work.opinion.complaint is not None
    assert work.opinion.complaint.words not in str(document(work))


def test_people_are_clearly_invented() -> None:
    for work in MONTH.works:
        assert work.customer.name.startswith("客户")
        assert work.customer.phone is None or work.customer.phone.startswith("+86138000")
        assert work.customer.email is None or work.customer.email.endswith("@example.com")


def test_every_complaint_names_one_department_and_one_kind_of_problem() -> None:
    for department, complaints in COMPLAINTS.items():
        for complaint in complaints:
            items = _items({"reason": complaint.words}, Score.DISSATISFIED)
            assert items == [("problem", department, (complaint.code,))], complaint.words
    assert set(COMPLAINTS) == set(DEPARTMENTS)


def test_every_remark_is_a_suggestion_or_praise_of_its_department() -> None:
    wishes = {"product": WISHES}
    for kind, bank in (("suggestion", SUGGESTIONS), ("praise", PRAISE), ("suggestion", wishes)):
        for department, remarks in bank.items():
            for words in remarks:
                assert _items({"remarks": words}, Score.VERY_SATISFIED) == [(kind, department, ())], words


def test_the_two_wishes_are_proposed_as_one_and_are_no_ones_else() -> None:
    one, other = (grams(words) for words in WISHES)
    assert similarity(one, other) >= USUAL_THRESHOLD
    others = [grams(words) for bank in SUGGESTIONS.values() for words in bank]
    assert max(similarity(wish, words) for wish in (one, other) for words in others) < USUAL_THRESHOLD


def _items(texts: dict[str, str], score: Score) -> list[tuple[str, str, tuple[str, ...]]]:
    answer = Answer(
        question_id="overall", kind=QuestionKind.RATING, state=AnswerState.ANSWERED, dimension=Dimension.OVERALL,
        score=score, alerts=True,
    )  # fmt: skip
    found = tag("response", AnswerSheet(answers=(answer,)), texts=texts, context=None, lexicon=shipped())
    return [(item.kind.value, item.department, item.codes) for item in found.items]
