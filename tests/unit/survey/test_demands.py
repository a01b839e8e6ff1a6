from contracts.answers import AnswerSheet, AnswerTexts
from services.survey.demands import Demanded, demanded, with_demands

WISHES = (Demanded("想再装一台净水器", "installation"), Demanded(None, "product"), Demanded("想延长保修", "repair"))


def test_the_words_of_a_demand_lie_where_the_sheet_says() -> None:
    texts = with_demands(AnswerTexts(texts={"remarks": "很好"}), WISHES)
    sheet = demanded(AnswerSheet(answers=()), WISHES)
    told = {one.department: texts.texts.get(one.text) for one in sheet.demands}
    assert told == {"installation": "想再装一台净水器", "product": None, "repair": "想延长保修"}
    assert texts.texts["remarks"] == "很好"
