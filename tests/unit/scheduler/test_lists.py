import zipfile
from datetime import UTC, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from services.scheduler.lists import ListFor, ListRefused, ListRow, rows_of

NOW = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)
BETA = ListFor("beta", "crm-east", NOW, ZoneInfo("Asia/Shanghai"))


def read(text: str, encoding: str = "utf-8") -> list[ListRow]:
    return rows_of(text.encode(encoding), BETA)


def a_workbook(rows: list[list[str | float]]) -> bytes:
    """The smallest workbook that a spreadsheet program would open."""
    cells = "".join(
        "<row>"
        + "".join(
            f'<c t="inlineStr"><is><t>{value}</t></is></c>' if isinstance(value, str) else f"<c><v>{value}</v></c>"
            for value in row
        )
        + "</row>"
        for row in rows
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_each_row_becomes_a_document_of_its_scenario_and_day() -> None:
    (row,) = read("客户编号,姓名,电话,日期\nC-1,客户甲,13800138000,2026-10-12\n")
    assert row.number == 2 and row.document is not None
    assert (row.document.service_id, row.document.scenario) == ("beta:C-1:2026-10-12", "beta")
    assert row.document.completed_at == datetime(2026, 10, 12, 4, 0, tzinfo=UTC)
    assert row.document.customer.phone == "13800138000"


def test_a_row_without_a_day_counts_from_now() -> None:
    (row,) = read("customer_id,email\nC-1,kehu@example.com\n")
    assert row.document is not None and row.document.completed_at == NOW


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_usual_spelling_of_the_letters_is_read(encoding: str) -> None:
    (row,) = read("客户编号,姓名\nC-1,客户甲\n", encoding)
    assert row.document is not None and row.document.customer.name == "客户甲"


def test_a_workbook_is_read_as_the_same_rows_and_numbers_lose_their_point() -> None:
    (first, second) = rows_of(a_workbook([["customer_id", "phone"], ["C-1", 13800138000.0], [1002.0, "x"]]), BETA)
    assert first.document is not None and first.document.customer.phone == "13800138000"
    assert second.document is not None and second.document.service_id == "beta:1002:2026-10-14"


def test_each_bad_row_has_its_own_verdict_and_its_neighbours_go_on() -> None:
    rows = read(
        "customer_id,since\nC-1,\n,2026-10-01\nC-2,gestern\nC-1,\n\nC-3,2026-10-13T09:00:00+08:00\n" + "x" * 300
    )
    faults = {row.number: row.fault for row in rows}
    assert faults == {
        2: None,
        3: "customer_id: is missing",
        4: "since: is no date such as 2026-10-14",
        5: "customer_id: stands in row 2 already",
        7: None,
        8: "customer.customer_id: string_too_long",
    }


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"name\nx\n", "no column customer_id"),
        (b"PK\x03\x04 broken", "workbook cannot be read"),
        (b"\xff\xfe\xff", "neither UTF-8 nor GB18030"),
        (b"customer_id\n" + b"x\n" * 10_001, "at most 10000"),
        (b"\x00\x01", "neither a CSV"),
    ],
)
def test_what_is_no_list_is_refused_whole_and_says_why(content: bytes, why: str) -> None:
    with pytest.raises(ListRefused, match=why):
        rows_of(content, BETA)
