"""Reading tables: by content, in every form people hand in; and the invented bureau."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from config.tables import Row, TableError, read_table

BUREAU = Path(__file__).parents[2] / "config" / "bureau"
TEXT = "单位名称,类别\n柳湾小学,局属学校\n"
ROWS = [Row(2, {"单位名称": "柳湾小学", "类别": "局属学校"})]


def written(folder: Path, content: bytes, name: str = "units.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def archive(**members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        for name, content in members.items():
            opened.writestr(name.replace("__", "/"), content)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    assert read_table(written(tmp_path, TEXT.encode(encoding))) == ROWS


def test_a_workbook_is_read(tmp_path: Path) -> None:
    content = workbook(("单位名称", "类别"), ("柳湾小学", "局属学校"))

    assert read_table(written(tmp_path, content, "units.xlsx")) == ROWS


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    content = workbook(("单位名称", "类别"), ("柳湾小学", "局属学校"))

    assert read_table(written(tmp_path, content, "units.csv")) == ROWS
    assert read_table(written(tmp_path, TEXT.encode(), "units.xlsx")) == ROWS


def test_numbers_and_dates_of_a_workbook_come_out_as_plain_text(tmp_path: Path) -> None:
    content = workbook(
        ("手机", "整数", "小数", "起", "止", "时刻", "空"),
        (
            19900000001.0,
            19900000002,
            1.5,
            datetime(2017, 4, 14),  # noqa: DTZ001  a workbook knows no zones
            date(2018, 2, 28),
            datetime(2017, 4, 14, 9, 30),  # noqa: DTZ001
            None,
        ),
    )

    assert read_table(written(tmp_path, content))[0].cells == {
        "手机": "19900000001",
        "整数": "19900000002",
        "小数": "1.5",
        "起": "2017-04-14",
        "止": "2018-02-28",
        "时刻": "2017-04-14 09:30:00",
        "空": "",
    }


def test_line_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    text = '\n姓名,职务\n\n"赵云帆","局长，\n兼书记"\n,\n钱若竹,副局长\n'

    assert [row.line for row in read_table(written(tmp_path, text.encode()))] == [4, 7]


def test_line_numbers_of_a_workbook_count_its_blank_rows(tmp_path: Path) -> None:
    content = workbook((None, None), ("姓名", "职务"), (None, " "), ("赵云帆", "局长"))

    assert read_table(written(tmp_path, content)) == [Row(4, {"姓名": "赵云帆", "职务": "局长"})]


def test_cells_are_stripped_and_short_rows_filled(tmp_path: Path) -> None:
    text = "姓名 ,职务,手机\n\u3000赵云帆 , 局长\n"

    assert read_table(written(tmp_path, text.encode())) == [
        Row(2, {"姓名": "赵云帆", "职务": "局长", "手机": ""})
    ]


def test_cells_below_no_heading_are_not_read(tmp_path: Path) -> None:
    text = "姓名,,职务\n赵云帆,备注,局长,又一条备注\n"

    assert read_table(written(tmp_path, text.encode())) == [
        Row(2, {"姓名": "赵云帆", "职务": "局长"})
    ]


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, "姓名,职务\n".encode())) == []


def test_a_heading_that_stands_twice_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="“姓名”出现了两次"):
        read_table(written(tmp_path, "姓名,职务,姓名\n".encode()))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "是空的"),
        (b" \n,,\n", "是空的"),
        (workbook(), "是空的"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "不是表格"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "不是表格"),
        (b"%PDF-1.7\n\x00\x01\x02", "不是表格"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "不是表格"),
        (TEXT.encode("utf-16"), "不是表格"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "旧版.xls"),
        (archive(word__document="<w/>"), "Word文档"),
        (workbook(("姓名",), ("赵云帆",))[:400], "已损坏"),
        (archive(**{"xl__workbook.xml": "<broken"}), "已损坏"),
        (b"a\n" + b"x" * 200_000, "第2行"),
    ],
    ids=[
        *("nothing", "only-commas", "blank-workbook", "png", "jpeg", "pdf", "html", "utf-16"),
        *("xls", "docx", "cut-off", "broken-xml", "endless-cell"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence_that_says_what_to_do(
    tmp_path: Path, content: bytes, says: str
) -> None:
    with pytest.raises(TableError) as refused:
        read_table(written(tmp_path, content))

    sentence = str(refused.value)
    assert says in sentence
    assert "请" in sentence
    assert sentence.startswith("units.csv") and sentence.endswith("。") and "\n" not in sentence


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "没有.csv", tmp_path):
        with pytest.raises(TableError, match="打不开"):
            read_table(path)


# The invented bureau


def units() -> dict[str, str]:
    return {row.cells["单位名称"]: row.cells["类别"] for row in read_table(BUREAU / "units.csv")}


def posts(role: str = "") -> list[dict[str, str]]:
    cells = [row.cells for row in read_table(BUREAU / "posts.csv")]
    return [cell for cell in cells if role in ("", cell["角色"])]


def overseen(role: str) -> list[str]:
    """The units the posts of a role look after, one entry per post and unit."""
    classes = units()
    named = [name for post in posts(role) for name in post["分管单位"].split("、")]
    return [unit for name in named for unit in classes if name in (unit, classes[unit])]


def test_the_bureau_has_42_units_of_five_classes() -> None:
    assert len(read_table(BUREAU / "units.csv")) == 42
    assert Counter(units().values()) == {
        "局属学校": 18,
        "直属机构": 8,
        "机关科室": 10,
        "机关支部": 3,
        "本局": 3,
    }
    assert {name for name, kind in units().items() if kind == "本局"} == {
        *("局活动办", "局党办", "局机关和直属单位党委"),
    }


def test_every_superior_is_a_unit() -> None:
    superiors = {row.cells["上级"] for row in read_table(BUREAU / "units.csv")} - {""}

    assert superiors and superiors <= set(units())


def test_every_unit_has_one_head_and_at_every_time_a_contact() -> None:
    assert Counter(post["单位"] for post in posts("主要负责人")) == Counter(list(units()))
    for day in ("2011-01-01", "2017-08-31", "2017-09-01", "2026-01-05"):
        contacts = Counter(
            post["单位"]
            for post in posts("联络员")
            if (post["起"] or day) <= day <= (post["止"] or day)
        )
        assert set(contacts) == set(units())
        assert sorted(contacts.values())[-4:] == [1, 2, 2, 2]


def test_every_unit_has_exactly_one_leader_and_all_but_the_bureau_s_own_one_group() -> None:
    own = {name for name, kind in units().items() if kind == "本局"}

    assert Counter(overseen("责任领导")) == Counter(list(units()))
    assert Counter(overseen("督导组")) == Counter(set(units()) - own)


def test_the_number_of_posts_by_role() -> None:
    wanted = {"责任领导": 5, "督导组": 3, "领导小组": 3, "活动办": 2, "系统管理员": 1}

    assert {role: len(posts(role)) for role in wanted} == wanted


def test_one_leader_sits_in_the_leading_group_and_its_head_leads_no_unit() -> None:
    leaders = {post["姓名"] for post in posts("责任领导")}
    group = [post["姓名"] for post in posts("领导小组")]

    assert len(leaders & set(group)) == 1
    assert "组长" in posts("领导小组")[0]["职务"] and group[0] not in leaders


def test_addresses_are_invented_and_belong_to_one_person_each() -> None:
    people = {(post["姓名"], post["手机"], post["邮箱"]) for post in posts()}

    for column in range(3):
        assert len({person[column] for person in people}) == len(people)
    assert all(
        len(mobile) == 11 and mobile.startswith("1990000") and mail.endswith("@yunchuan.example")
        for _, mobile, mail in people
    )


def test_every_deputy_is_another_person_of_the_file() -> None:
    deputies = [(post["姓名"], post["代理人"]) for post in posts() if post["代理人"]]

    assert deputies
    assert all(name != deputy for name, deputy in deputies)
    assert {deputy for _, deputy in deputies} <= {post["姓名"] for post in posts()}
