import pytest

from services.reporting.quoting import Look, Part, quoted


def shown(text: str, *evidence: tuple[int, int]) -> str:
    signs = {Look.PLAIN: "{}", Look.MARKED: "[{}]", Look.HIDDEN: "■"}
    return "".join(signs[part.look].format(part.text) for part in quoted(text, evidence))


def test_the_evidence_is_marked_and_the_rest_stays() -> None:
    assert shown("报修后第三天才有人打电话约时间", (3, 11)) == "报修后[第三天才有人打电]话约时间"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("打 13800002046 找我", "打 ■ 找我"),
        ("call +86 138 0000 2046 please", "call ■ please"),
        ("邮箱 someone@example.com 没收到", "邮箱 ■ 没收到"),
        ("我姓陈，单号 20261009 都报过", "我姓■，单号 ■ 都报过"),
        ("陈女士说不行", "■女士说不行"),
        ("住在文一西路98号2单元", "■"),
        ("my name is Jane Doe and it broke", "my name is ■ and it broke"),
        ("Mr Smith came late", "Mr ■ came late"),
        ("维修师傅人不错", "维修师傅人不错"),
        ("等了 20 分钟，来了 3 次", "等了 20 分钟，来了 3 次"),
    ],
)
def test_what_could_name_a_customer_is_hidden(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_hiding_goes_before_marking() -> None:
    text = "打了13800002046四次"
    assert shown(text, (0, len(text))) == "[打了]■[四次]"
    assert all("138" not in part.text for part in quoted(text, [(0, len(text))]))


def test_evidence_beyond_the_text_is_cut_and_no_text_is_no_part() -> None:
    assert quoted("慢", [(0, 99)]) == (Part("慢", Look.MARKED),)
    assert quoted("", [(0, 3)]) == ()
