"""Reading a year's list: in the words of the notices, as a table, and when it is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from config.holiday_list import read_holiday_list
from config.holiday_notice import HolidayListError, ListedDay, read_notice
from config.tables import TableError
from tests.ledger.invented import OFF, TEXT, WORK

TABLE = "日期,类型,名称\n2027-01-01,放假,元旦\n2027-01-30,上班,春节\n"


def written(folder: Path, content: str | bytes, name: str = "2027.txt") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(text: str, year: int) -> list[str]:
    """The days named, as 放 or 班 and the date."""
    return [f"{'班' if found.works else '放'}{found.day}" for found in read_notice(text, year)]


def test_an_invented_notice_is_read_whole(tmp_path: Path) -> None:
    days = read_holiday_list(written(tmp_path, TEXT), 2027)
    assert {found.day for found in days if not found.works} == OFF
    assert {found.day for found in days if found.works} == WORK
    assert days[0] == ListedDay(date(2027, 1, 1), works=False, name="元旦")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_text_may_be_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    assert len(read_holiday_list(written(tmp_path, TEXT.encode(encoding)), 2027)) == 31


def test_spaces_and_broken_lines_of_a_copied_text_do_not_matter() -> None:
    text = "一、元旦：1 月 1 日（周五）至\n3 日（周日）放\n假，共 3 天。"
    assert read(text, 2027) == ["放2027-01-01", "放2027-01-02", "放2027-01-03"]


@pytest.mark.parametrize(
    ("year", "text", "expected"),
    [
        (2014, "一、元旦：1月1日放假1天。", ["放2014-01-01"]),
        (2016, "一、元旦：1月1日放假，与周末连休。", ["放2016-01-01"]),
        (2025, "一、元旦：1月1日（周三）放假1天，不调休。", ["放2025-01-01"]),
        (
            2014,
            "三、清明节：4月5日放假，4月7日（星期一）补休。",
            ["放2014-04-05", "放2014-04-07"],
        ),
        (
            2026,
            "二、春节：2月21日至23日放假。2月14日（周六）、2月28日（周六）上班。",
            ["放2026-02-21", "放2026-02-22", "放2026-02-23", "班2026-02-14", "班2026-02-28"],
        ),
        (
            2025,
            "二、春节：1月31日（农历正月初三、周五）至2月1日（周六）放假调休，共2天。",
            ["放2025-01-31", "放2025-02-01"],
        ),
        (
            2019,
            "元旦：2018年12月30日至2019年1月1日放假调休，共3天。2018年12月29日（星期六）上班。",
            ["放2018-12-30", "放2018-12-31", "放2019-01-01", "班2018-12-29"],
        ),
        (2006, "一、元旦：1月1日放假。12月31日（星期六）上班。", ["放2006-01-01", "班2005-12-31"]),
        (
            2007,
            "四、国庆：10月1日－2日放假。其中，1日为法定假日，将9月29日（星期六）、30日（星期日）两个"
            "公休日调至10月4日（星期四）、5日（星期五），9月29日、30日上班。",
            ["放2007-10-01", "放2007-10-02", "班2007-09-29", "班2007-09-30"],
        ),
        (
            2007,
            "元旦：2006年12月30日（星期六）、31日（星期日）两个公休日分别调至2007年1月2日、3日，"
            "2006年12月30日（星期六）、31日（星期日）照常上班。",
            ["班2006-12-30", "班2006-12-31"],
        ),
        (
            2024,
            "二、春节：2月10日放假。鼓励各单位安排职工在除夕（2月9日）休息。",
            ["放2024-02-10"],
        ),
        (2027, "十二月：12月31日（周五）放假。", ["放2027-12-31"]),
        (2027, "请各单位妥善安排好节假日期间的值班工作。2026年11月5日", []),
    ],
)
def test_the_wordings_of_the_notices_are_understood(
    year: int, text: str, expected: list[str]
) -> None:
    assert read(text, year) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "国务院办公厅关于2026年部分节假日安排的通知。元旦：1月1日放假。",
            "这是2026年的放假安排，不是2027年的；请核对年份，或换一份文件。",
        ),
        (
            "元旦：2026年1月1日放假。",
            "这份安排里有2026年1月1日（周四），不是2027年的放假安排；"
            "请核对年份或换一份文件（只可以另有上一年12月的日子）。",
        ),
        (
            "元旦：2026年12月31日放假。",
            "这份安排里有2026年12月31日（周四），不是2027年的放假安排；"
            "请核对年份或换一份文件（只可以另有上一年12月的日子）。",
        ),
        (
            "元旦：1月1日（周四）放假。",
            "2027年1月1日（周五）在文件里写成周四，日期与星期对不上；"
            "请核对年份是否正确，或对照通知改正。",
        ),
        (
            "元旦：1月1日放假。元旦：1月1日至3日放假。",
            "2027年1月1日（周五）写了两次放假；请对照通知，只留一处。",
        ),
        (
            "元旦：1月1日至3日放假。1月3日（周日）上班。",
            "2027年1月3日（周日）既放假又上班；请对照通知，只留一处。",
        ),
        ("元旦：1月32日放假。", "2027年1月32日这一天不存在；请对照通知改正。"),
        ("元旦：2月29日放假。", "2027年2月29日这一天不存在；请对照通知改正。"),
        (
            "元旦：1月3日至1日放假。",
            "2027年1月3日（周日）至2027年1月1日（周五），起止不对；请对照通知改正。",
        ),
        (
            "元旦：1月1日至3日放假，共4天。",
            "2027年1月1日（周五）起写明放假4天，按起止日期却是3天；请对照通知改正。",
        ),
        (
            "元旦：1月1日放假。1月4日上班。",
            "2027年1月4日（周一）本来就上班，不必写成上班；请对照通知改正。",
        ),
        (
            "各位同事，春节快乐。",
            "2027.txt里没有读到任何放假或上班的日子；请核对是不是国务院办公厅的放假通知，"
            "或者改用有“日期、类型、名称”三列的表格。",
        ),
    ],
)
def test_what_is_wrong_with_a_text_is_said_in_one_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(HolidayListError) as refused:
        read_holiday_list(written(tmp_path, text), 2027)
    assert str(refused.value) == said


def test_a_table_is_read(tmp_path: Path) -> None:
    expected = [
        ListedDay(date(2027, 1, 1), works=False, name="元旦"),
        ListedDay(date(2027, 1, 30), works=True, name="春节"),
    ]
    assert read_holiday_list(written(tmp_path, TABLE, "2027.csv"), 2027) == expected
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ("名称", "日期", "类型"),
        ("元旦", date(2027, 1, 1), "放假"),
        ("春节", "2027年1月30日", "上班"),
    ):
        sheet.append(row)
    book.save(tmp_path / "2027.xlsx")
    assert read_holiday_list(tmp_path / "2027.xlsx", 2027) == expected


@pytest.mark.parametrize(
    "cell",
    ["2027-01-01至2027-01-03", "2027年1月1日（周五）至 2027年1月3日(星期日)", "2027/1/1~2027/1/3"],
)
def test_a_cell_may_name_all_days_from_one_to_another(tmp_path: Path, cell: str) -> None:
    days = read_holiday_list(written(tmp_path, f"日期,类型\n{cell},放假\n", "2027.csv"), 2027)
    assert [(day.day.day, day.works) for day in days] == [(1, False), (2, False), (3, False)]


@pytest.mark.parametrize(
    "text",
    [
        "现将2027年放假日期通知如下，元旦：1月1日（周五）至3日（周日）放假，共3天。",
        "经批准,现将放假调休日期的安排通知如下,元旦:1月1日至3日放假,共3天。",
    ],
)
def test_a_notice_all_on_one_line_is_no_table(tmp_path: Path, text: str) -> None:
    assert [day.day.day for day in read_holiday_list(written(tmp_path, text), 2027)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("日期,名称\n2027-01-01,元旦\n", "2027.csv的表头里缺“日期”或“类型”；请补上后再导入。"),
        (
            "日期,类型\n2027-01-01,休息\n",
            "2027.csv第2行的类型是“休息”；只能写“放假”或“上班”，请改正。",
        ),
        (
            "日期,类型\n2027-13-01,放假\n",
            "2027.csv第2行：2027年13月1日这一天不存在；请对照通知改正。",
        ),
        (
            "日期,类型\n元旦,放假\n",
            "2027.csv第2行：“元旦”不是日期；请写成 2027-01-01，或 2027-01-01至2027-01-03 这样。",
        ),
        (
            "日期,类型\n2027-01-01起,放假\n",
            "2027.csv第2行：“2027-01-01起”不是日期；"
            "请写成 2027-01-01，或 2027-01-01至2027-01-03 这样。",
        ),
        (
            "日期,类型\n2027-01-03至2027-01-01,放假\n",
            "2027.csv第2行：2027年1月3日（周日）至2027年1月1日（周五），起止不对；请对照通知改正。",
        ),
        (
            "日期,类型\n2027-01-01（周四）,放假\n",
            "2027.csv第2行：2027年1月1日（周五）在文件里写成周四，日期与星期对不上；"
            "请核对年份是否正确，或对照通知改正。",
        ),
        (
            "日期,类型\n2027-01-04,上班\n",
            "2027.csv第2行：2027年1月4日（周一）本来就上班，不必写成上班；请对照通知改正。",
        ),
        (
            "日期,类型\n2027-01-01,放假\n2027-01-01,放假\n",
            "2027年1月1日（周五）写了两次放假；请对照通知，只留一处。",
        ),
        (
            "日期,类型\n2026-10-01,放假\n",
            "这份安排里有2026年10月1日（周四），不是2027年的放假安排；"
            "请核对年份或换一份文件（只可以另有上一年12月的日子）。",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_said_in_one_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(HolidayListError) as refused:
        read_holiday_list(written(tmp_path, text, "2027.csv"), 2027)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    "content", [b"\xd0\xcf\x11\xe0old", b"PK\x03\x04broken", b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_text_and_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(TableError, match=r"。$"):
        read_holiday_list(written(tmp_path, content), 2027)
