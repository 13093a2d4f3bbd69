"""Messages as a workbook or a table of text."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from desk import exporting
from ledger.messages import Message
from ledger.units import Person
from tests.conftest import Someone
from tests.desk.conftest import Terminal

FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def week(running: Terminal) -> Terminal:
    """A desk at which the first weekly list has left."""
    running.at("2017-04-17T09:00:00")
    running.ask("tick")
    return running


def book(file: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """The headings, and the rows by heading, of every sheet."""
    rows: list[dict[str, Any]] = []
    headings: list[str] = []
    for sheet in load_workbook(file).worksheets:
        first, *others = sheet.iter_rows()
        headings = [str(cell.value) for cell in first]
        assert all(cell.data_type != "f" for line in others for cell in line)
        rows += [dict(zip(headings, (cell.value for cell in line), strict=True)) for line in others]
    return headings, rows


def test_every_line_of_every_message_is_a_row(
    week: Terminal, owner: Someone, tmp_path: Path
) -> None:
    file = tmp_path / "消息.xlsx"
    done = week.ask("messages", "export", file, "--person", owner.name)
    headings, rows = book(file)
    listed = week.ask("messages", "list", "--person", owner.name)
    assert done["rows"] == len(rows) == sum(row["lines"] or 1 for row in listed)
    assert headings == [*exporting.OF_MESSAGE, *exporting.OF_LINE]
    (aim,) = [row for row in rows if row["内容"] == "云川市第一中学·2017年度争先创优目标（提醒）"]
    assert aim["期限"].isoformat() == "2017-04-20T00:00:00"
    assert aim["发出"].isoformat() == "2017-04-17T09:00:00"
    assert (aim["发给"], aim["种类"], aim["岗位"]) == (owner.name, "每日消息", "联络员")


def test_or_every_message_is_one(week: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "消息.xlsx"
    done = week.ask("messages", "export", file, "--messages", "--kind", "每日消息")
    headings, rows = book(file)
    listed = week.ask("messages", "list", "--kind", "每日消息")
    assert done["rows"] == len(listed)
    assert [row["消息编号"] for row in rows] == [row["id"] for row in listed]
    assert headings == list(exporting.OF_MESSAGE)


def test_a_name_that_looks_like_a_formula_stays_a_name(
    week: Terminal, owner: Someone, tmp_path: Path
) -> None:
    with week.database().writing() as session:
        session.get_one(Person, owner.person_id).name = FORMULA
    for ending, shown in (("xlsx", FORMULA), ("csv", f"'{FORMULA}")):
        file = tmp_path / f"消息.{ending}"
        week.ask("messages", "export", file, "--person", str(owner.post_id), "--messages")
        rows = book(file)[1] if ending == "xlsx" else text(file)
        assert {row["发给"] for row in rows} == {shown}


def text(file: Path) -> list[dict[str, Any]]:
    with file.open(encoding="utf-8-sig", newline="") as table:
        return list(csv.DictReader(table))


def test_a_table_of_text_has_the_same_rows(week: Terminal, tmp_path: Path) -> None:
    for ending in ("xlsx", "csv"):
        week.ask("messages", "export", tmp_path / f"a.{ending}")
    rows = book(tmp_path / "a.xlsx")[1]
    plain = [{name: written(value) for name, value in row.items()} for row in rows]
    assert text(tmp_path / "a.csv") == plain
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def written(value: object) -> str:
    if isinstance(value, datetime):
        only_day = (value.hour, value.minute) == (0, 0)
        return f"{value:%Y-%m-%d}" if only_day else f"{value:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("=1", "'=1"),
        ("+86", "'+86"),
        ("-", "'-"),
        ("@a", "'@a"),
        ("\t=1", "'\t=1"),
        ("一中", "一中"),
        (-1, -1),
        (date(2017, 4, 20), date(2017, 4, 20)),
    ],
)
def test_what_a_spreadsheet_would_reckon_with_is_marked_as_text(
    value: object, plain: object
) -> None:
    assert exporting._plain(value) == plain


def test_what_one_sheet_cannot_hold_goes_on_in_another(
    week: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "LAST_ROW", 31)
    done = week.ask("messages", "export", tmp_path / "a.xlsx", "--messages")
    sheets = load_workbook(tmp_path / "a.xlsx").worksheets
    assert [sheet.title for sheet in sheets[:2]] == ["消息", "消息（2）"]
    assert [sheet.max_row for sheet in sheets[:-1]] == [31] * (len(sheets) - 1)
    rows = book(tmp_path / "a.xlsx")[1]
    assert len(rows) == done["rows"] == len(week.ask("messages", "list", "--last", "9999"))


def test_nothing_found_is_a_table_with_its_headings(week: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    assert week.ask("messages", "export", file, "--state", "失败")["rows"] == 0
    assert book(file) == ([*exporting.OF_MESSAGE, *exporting.OF_LINE], [])


def test_a_message_without_lines_has_a_row(week: Terminal, tmp_path: Path) -> None:
    with week.database().writing() as session:
        last = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        number = last.id
        for item in last.items:
            item.message_id = None
    week.ask("messages", "export", tmp_path / "a.csv")
    assert [row["内容"] for row in text(tmp_path / "a.csv") if row["消息编号"] == str(number)] == [
        ""
    ]


def test_another_ending_is_refused(week: Terminal, tmp_path: Path) -> None:
    said = week.refused("messages", "export", tmp_path / "消息.xls")
    assert said == "“消息.xls”的结尾应是 .xlsx 或 .csv；请改文件名。"
    assert list(tmp_path.glob("*.xls")) == []
