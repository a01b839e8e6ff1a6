import pytest

from services.followup.consent import safe


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("师傅态度很好，138 0013 8000 打来的", "师傅态度很好，＊＊ 打来的"),
        ("我叫张小明，住在幸福小区3号楼2单元501室，谢谢王师傅", "我叫＊＊，＊＊"),
        ("工单 AB20261118 处理得快", "工单 ＊＊ 处理得快"),
        ("陈女士很满意", "＊＊女士很满意"),
        ("写信到 a.b@example.com", "写信到 ＊＊"),
        ("My name is Li Na, thanks", "My name is ＊＊, thanks"),
    ],
)
def test_what_leads_to_a_customer_is_hidden(said: str, shown: str) -> None:
    assert safe(said).startswith(shown)


def test_no_part_of_an_address_stays() -> None:
    text = safe("我叫张小明，住在幸福小区3号楼2单元501室，谢谢王师傅")
    assert not any(part in text for part in ("张小明", "幸福", "3号楼", "2单元", "501"))
    assert text.endswith("谢谢王师傅")


def test_praise_without_anything_personal_stays_as_it_was() -> None:
    text = "王师傅 2 个小时就到了，态度好，还讲解了清洗方法，给 5 分！"
    assert safe(text) == text
