"""What renderings say of a questionnaire besides its own texts, in both languages."""

from services.survey.questionnaire import Condition, Probe, Question, Questionnaire, Words

FRAME: dict[str, Words] = {
    "opening": {"zh-CN": "开场", "en": "Opening"},
    "identity": {"zh-CN": "核对身份", "en": "Identity"},
    "consent": {"zh-CN": "征得同意", "en": "Consent"},
    "closing": {"zh-CN": "结束语", "en": "Closing"},
    "refusal": {"zh-CN": "拒访时", "en": "At a refusal"},
    "soothing": {"zh-CN": "客户激动时", "en": "When the customer is agitated"},
    "required": {"zh-CN": "必答", "en": "required"},
    "optional": {"zh-CN": "选答", "en": "optional"},
    "core": {"zh-CN": "核心题", "en": "core"},
    "say": {"zh-CN": "说", "en": "Say"},
    "probe": {"zh-CN": "追问", "en": "Probe"},
    "only": {"zh-CN": "仅当", "en": "Only when"},
    "or": {"zh-CN": "，或", "en": ", or "},
    "low_rating": {"zh-CN": "有评分不高于 {value}", "en": "a rating is {value} or less"},
    "at_most": {"zh-CN": "“{question}”不高于 {value}", "en": "“{question}” is {value} or less"},
    "is": {"zh-CN": "“{question}”答“{value}”", "en": "“{question}” is “{value}”"},
    "either": {"zh-CN": "”或“", "en": "” or “"},
    "score": {"zh-CN": "{value} 分", "en": "rating {value}"},
    "answer": {"zh-CN": "答“{value}”", "en": "answer “{value}”"},
    "words": {"zh-CN": "只说“{value}”", "en": "only says “{value}”"},
    "minutes": {"zh-CN": "预计 {estimate} 分钟", "en": "estimated {estimate} min"},
    "version": {"zh-CN": "第 {number} 版", "en": "version {number}"},
    "next": {"zh-CN": "下一题", "en": "Next"},
    "skip": {"zh-CN": "暂不回答这题", "en": "Skip this question"},
    "in_words": {"zh-CN": "最多 {limit} 字", "en": "at most {limit} characters"},
    "yes": {"zh-CN": "是", "en": "Yes"},
    "no": {"zh-CN": "否", "en": "No"},
    "unsure": {"zh-CN": "不确定", "en": "Not sure"},
}
_SHOWN_WORDS = 4


def frame(name: str, language: str, **values: object) -> str:
    return FRAME[name][language].format(**values)


def name_of(question: Question, language: str) -> str:
    """Its short name, or its id where it has none."""
    return question.id if question.topic is None else question.topic[language]


def answer_name(question: Question, key: str, language: str) -> str:
    words = question.options.get(key) or FRAME.get(key)
    return key if words is None else words[language]


def occasion(questionnaire: Questionnaire, question: Question, language: str) -> str | None:
    """When a question is asked; None when always."""
    if not question.when:
        return None
    told = [_condition(questionnaire, condition, language) for condition in question.when]
    return f"{frame('only', language)} {frame('or', language).join(told)}"


def probed_after(question: Question, probe: Probe, language: str) -> str:
    told = (
        [frame("score", language, value="/".join(str(score.value) for score in probe.scores))] if probe.scores else []
    )
    told += [frame("answer", language, value=answer_name(question, key, language)) for key in probe.answers]
    shown = probe.words.get(language, ())[:_SHOWN_WORDS]
    if shown:
        dots = "…" if len(probe.words[language]) > len(shown) else ""
        told.append(frame("words", language, value="/".join(shown) + dots))
    return frame("or", language).join(told)


def _condition(questionnaire: Questionnaire, condition: Condition, language: str) -> str:
    if condition.ratings_at_most is not None:
        return frame("low_rating", language, value=condition.ratings_at_most.value)
    about = questionnaire.question(condition.question or "")
    assert about is not None, "a skip rule names a question that exists"  # noqa: S101
    name = name_of(about, language)
    if condition.at_most is not None:
        return frame("at_most", language, question=name, value=condition.at_most)
    names = frame("either", language).join(answer_name(about, key, language) for key in condition.answers)
    return frame("is", language, question=name, value=names)
