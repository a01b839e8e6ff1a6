"""What of a customer's words may hang on a wall: nothing that names them or leads to them."""

import re

HIDDEN = "＊＊"
_NUMERAL = "[0-9０-９一二三四五六七八九十百零〇两]"
_RULES = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"https?://\S+|www\.\S+"),
    # numbers of telephones, orders, identity cards, also in groups
    re.compile(r"[A-Za-z]{0,4}[0-9０-９](?:[-\s]?[0-9０-９]){3,}[A-Za-z]?"),
    # where somebody lives
    re.compile(rf"{_NUMERAL}+(?:号楼|号院|单元|栋|幢|弄|室|楼|门|号)"),
    re.compile(r"[一-龥]{2,8}(?:小区|花园|公寓|新村|胡同|家园)"),
    # who they are
    re.compile(r"(?<=我叫)[一-龥]{2,4}|(?<=我姓)[一-龥]|(?<=我是)[一-龥]{1,3}(?=先生|女士|小姐)"),
    re.compile(r"[一-龥](?=先生|女士|小姐|太太|阿姨|大爷|大妈)"),
    re.compile(r"(?<=\bMr )\w+|(?<=\bMrs )\w+|(?<=\bMs )\w+|(?<=\bMr\. )\w+|(?<=\bMrs\. )\w+|(?<=\bMs\. )\w+"),
    re.compile(r"(?<=[Mm]y name is )\w+(?: [A-Z]\w+)?"),
)


def safe(words: str) -> str:
    """The words with every address, number and name of a customer hidden; who is praised stays."""
    for rule in _RULES:
        words = rule.sub(HIDDEN, words)
    return words
