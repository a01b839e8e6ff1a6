"""A customer's words as a reader of figures sees them: names, numbers and addresses hidden, evidence marked. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤"
)
_PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail
    r"|\+?\d(?:[\s-]?\d){4,}"  # telephone, order and card numbers: five digits and more
    r"|(?<=[我本人]姓)[\u4e00-\u9fff]"  # 我姓…
    r"|(?<=我叫)[\u4e00-\u9fff]{2,3}"
    r"|(?<=名叫)[\u4e00-\u9fff]{2,3}"
    rf"|[{_SURNAMES}](?=(?:先生|女士|小姐|师傅|经理|工程师))"
    r"|[\u4e00-\u9fff]{2,6}(?:路|街|巷|弄|道)\d+(?:号|弄)(?:\d+(?:号|室|楼|单元))*"
    r"|(?<=\bmy name is )[A-Z][\w'-]+(?: [A-Z][\w'-]+)?"
    r"|(?:(?<=\bMr )|(?<=\bMrs )|(?<=\bMs )|(?<=\bMr\. )|(?<=\bMrs\. )|(?<=\bMs\. ))[A-Z][\w'-]+"
)


class Look(StrEnum):
    PLAIN = "plain"
    MARKED = "marked"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Part:
    """A piece of a quotation; what is hidden has no text."""

    text: str
    look: Look


def quoted(text: str, evidence: Iterable[tuple[int, int]]) -> tuple[Part, ...]:
    """`evidence`: characters from (inclusive) to (exclusive). Hiding goes before marking."""
    looks = [Look.PLAIN] * len(text)
    for start, end in evidence:
        looks[max(0, start) : end] = [Look.MARKED] * (min(len(text), end) - max(0, start))
    for match in _PERSONAL.finditer(text):
        looks[match.start() : match.end()] = [Look.HIDDEN] * (match.end() - match.start())
    return _joined(text, looks)


def _joined(text: str, looks: Sequence[Look]) -> tuple[Part, ...]:
    parts: list[Part] = []
    begin = 0
    for position in range(1, len(text) + 1):
        if position < len(text) and looks[position] is looks[begin]:
            continue
        look = looks[begin]
        parts.append(Part("" if look is Look.HIDDEN else text[begin:position], look))
        begin = position
    return tuple(parts) if text else ()
