from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ledger.date_moves import DateMove
from ledger.holidays import ClosureDay, HolidayYear
from tests.conftest import Someone
from tests.desk.conftest import Terminal
from tests.ledger.invented import TEXT

PLAN = """name: 读书活动
slug: du-shu
short: 读书
document: {title: 关于读书的通知, issued: 2026-12-14}
launched: 2026-12-14
addressees:
  学校: {classes: [局属学校]}
stages:
  - {id: a, name: 动员, from: 2026-12-14, until: 2027-01-22}
items:
  - {id: plus, what: 清单, who: [学校], stage: a, due: opened+14}
  - {id: fixed, what: 方案, who: [学校], due: 2027-01-02}
"""


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    file = tmp_path / "2027年放假安排.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.fixture
def reading(desk: Terminal, office: Someone, tmp_path: Path) -> Terminal:
    """A desk in the last days of 2026, at which a campaign runs into 2027."""
    plan = tmp_path / "du-shu.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    desk.at("2026-12-14T10:00:00")
    desk.ask("campaign", "launch", plan, as_=office)
    desk.ask("tick")
    desk.at("2026-12-28T15:00:00")
    return desk


def rows(desk: Terminal, table: type) -> int:
    database = desk.database()
    with database.reading() as session:
        number = session.scalar(select(func.count()).select_from(table)) or 0
    database.close()
    return number


def due(desk: Terminal) -> tuple[str, bool]:
    row = next(row for row in desk.ask("submission", "list") if row["item"] == "plus")
    return row["due"], row["provisional"]


def test_without_yes_a_list_is_only_shown(reading: Terminal, office: Someone, notice: Path) -> None:
    shown = reading.type("calendar", "import", "2027", notice, as_=office)
    assert shown.exit_code == 1
    assert "2027年放假安排：放假 25 天，调休上班 6 天。" in shown.stdout
    assert "改为放假 17 天：2027-01-01 周五、" in shown.stdout
    assert "2027-01-01 周五  2027-01-04 周一" in shown.stdout
    assert shown.stdout.endswith("没有写入；确认后加 --yes 再来一次。\n")
    assert rows(reading, HolidayYear) == rows(reading, DateMove) == 0
    assert due(reading) == ("2027-01-01", True)


def test_with_yes_the_list_is_written_and_everybody_goes_by_it(
    reading: Terminal, office: Someone, notice: Path
) -> None:
    typed = ("calendar", "import", "2027", notice)
    shown = reading.type(*typed, "--json", as_=office)
    assert shown.exit_code == 1
    done = reading.ask(*typed, "--yes", as_=office)
    assert done["written"] is True
    assert json.loads(shown.stdout) == {**done, "written": False}
    moved = [(row["what"], row["moved"], row["old"], row["new"]) for row in done["moves"]]
    assert ("清单", "期限", "2027-01-01", "2027-01-04") in moved
    assert not any(row[:2] == ("方案", "期限") for row in moved)
    assert due(reading) == ("2027-01-04", False)
    assert "暂定" not in reading.type("submission", "list").stdout
    checks = json.loads(reading.type("doctor", "--json").stdout)["checks"]
    assert "2027 年已公布" in {check["found"] for check in checks}


def test_on_a_terminal_it_is_asked_before_it_is_written(
    reading: Terminal, office: Someone, notice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.workplace.at_a_terminal", lambda: True)
    typed = ("calendar", "import", "2027", notice)
    refused = reading.type(*typed, as_=office, answers="n\n")
    assert refused.exit_code == 1
    assert "改为放假 17 天" in refused.stdout
    assert refused.stderr.endswith("已取消，什么也没有改动。\n")
    assert rows(reading, HolidayYear) == 0
    taken = reading.type(*typed, as_=office, answers="y\n")
    assert taken.exit_code == 0
    assert taken.stdout.endswith("已写入。\n")
    assert rows(reading, HolidayYear) == 1


def test_a_day_is_closed(reading: Terminal, office: Someone) -> None:
    typed = ("calendar", "close-day", "2026-12-30", "--reason", "停电")
    assert reading.type(*typed, as_=office).exit_code == 1
    assert rows(reading, ClosureDay) == 0
    done = reading.ask(*typed, "--yes", as_=office)
    assert done["rests"] == ["2026-12-30"]
    reading.at("2026-12-30T10:00:00")
    assert reading.ask("tick")["round"] is None
    said = reading.refused(*typed, "--yes", as_=office)
    assert said == "2026-12-30 已经登记为停止办公，不用再登记。"


def test_a_year_is_shown(reading: Terminal, office: Someone, notice: Path) -> None:
    assert "2027年：尚未公布，暂按周一至周五。" in reading.type("calendar", "show", "2027").stdout
    reading.ask("calendar", "import", "2027", notice, "--yes", as_=office)
    reading.ask("calendar", "close-day", "2027-03-01", "--reason", "停电", "--yes", as_=office)
    row = reading.ask("calendar", "show", "2027")
    assert (row["published"], row["source"]) == (True, notice.name)
    assert row["off"][0] == ["2027-01-01", "2027-01-03"]
    assert row["work"][0] == "2027-01-30"
    assert row["closed"] == [{"day": "2027-03-01", "reason": "停电"}]
    said = reading.type("calendar", "show", "2027").stdout
    assert "2027年：已公布，来自 2027年放假安排.txt。" in said
    assert "2027-02-05 周五  2027-02-11 周四  7" in said


def test_a_list_that_would_change_the_past_is_refused(
    reading: Terminal, office: Someone, notice: Path
) -> None:
    reading.at("2027-01-04T10:00:00")
    said = reading.refused("calendar", "import", "2027", notice, "--yes", as_=office)
    assert said.startswith("这份安排会改动已经过去的日子：2027-01-01（改为放假）；")
    assert rows(reading, HolidayYear) == 0


def test_a_file_that_is_no_list_is_refused(
    reading: Terminal, office: Someone, notice: Path, tmp_path: Path
) -> None:
    said = reading.refused("calendar", "import", "2026", notice, "--yes", as_=office)
    assert said == "这是2027年的放假安排，不是2026年的；请核对年份，或换一份文件。"
    lost = reading.refused("calendar", "import", "2027", tmp_path / "x.txt", as_=office)
    assert lost.endswith("没有这个文件或目录；请核对路径后重试。")
    assert "2000" in reading.refused("calendar", "show", "27")


def test_the_calendar_may_come_before_the_first_post(empty: Terminal, notice: Path) -> None:
    empty.at("2026-12-14T10:00:00")
    assert empty.ask("calendar", "import", "2027", notice, "--yes")["moves"] == []
