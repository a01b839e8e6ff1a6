"""The page of an import says in its own language why a row is not taken."""

import ast
import re
from importlib import resources

import pytest

from chassis.web.i18n import Speech, speech
from services.survey import catalogue
from services.survey.pages.import_words import reason_of

ASKED = catalogue.newest("after_sale")
# what these modules say of a whole table or of one part of the program to another never stands beside a row
_ELSEWHERE = re.compile(
    r"is a second column|stands in the first row|rows, at most|has a heading|no question of|must say what it holds"
    r"|is missing in the first row|takes no|takes text|needs some text|an answer cannot say"
)


def rules_said() -> list[str]:
    """The rules in the source, their values made up."""
    found = []
    for name in ("imports", "staging", "taking", "gathered", "checking", "renderings/sheet"):
        tree = ast.parse((resources.files("services.survey") / f"{name}.py").read_text("utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            named = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            if named in {"ImportRefused", "RefusedAnswer", "InvalidAnswer", "_refuse"} and len(call.args) > 1:
                found.append(call.args[-1])
    return [text for rule in found if (text := _text(rule)) and not _ELSEWHERE.search(text)]


def _text(rule: ast.expr) -> str:
    if isinstance(rule, ast.Constant):
        return str(rule.value)
    if isinstance(rule, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in rule.values)
    return ""


@pytest.fixture(autouse=True)
def chinese() -> object:
    mark = speech.set(Speech())
    yield
    speech.reset(mark)


def test_rules_are_found_in_the_source() -> None:
    assert len(rules_said()) >= 18


@pytest.mark.parametrize("rule", sorted(set(rules_said())))
def test_every_rule_is_said_in_chinese(rule: str) -> None:
    reason = reason_of("service_id", rule, ASKED)
    assert reason.language is None, rule
    assert re.search(r"[一-鿿]", reason.rule), rule
    assert reason.field == "服务单号"


def test_a_question_is_named_as_it_is_asked() -> None:
    reason = reason_of("answers.overall", "must be a whole number from 1 to 5", ASKED)
    question = ASKED.question("overall")
    assert question is not None
    assert reason.field == question.say("zh-CN").replace("|", "")
    assert reason.rule == "要填 1 到 5 的整数"


def test_a_rule_that_nobody_put_into_words_is_shown_as_it_is() -> None:
    reason = reason_of("somewhere", "is odd", ASKED)
    assert (reason.field, reason.rule, reason.language) == ("somewhere", "is odd", "en")
