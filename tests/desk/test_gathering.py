from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from config.files import stored
from tests.conftest import Someone
from tests.desk.conftest import SLUG, Terminal
from tests.desk.returned import filled

LEDGER = "s1-o13"
"""整改台账备案, which has a blank form."""

TARGETS = "s1-o17"
"""Reviewed, without a form; due 2017-04-20."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "汇总" / "四月"


def hand_in(desk: Terminal, who: Someone, item: str, *files: Path) -> None:
    given = [word for file in files for word in ("--file", file)]
    desk.ask("submission", "hand-in", SLUG, item, *(given or ("--text", "没有问题")), as_=who)


def test_returned_forms_are_merged_and_packed(
    running: Terminal, owner: Someone, colleague: Someone, tmp_path: Path, out: Path
) -> None:
    hand_in(running, owner, LEDGER, filled(tmp_path / "我的台账.xlsx", "门口乱", "台账乱"))
    (tmp_path / "照片.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    hand_in(running, colleague, LEDGER, tmp_path / "照片.png")
    done = running.ask("submission", "gather", LEDGER, "--out", out)
    assert (done["about"], done["owed"], done["handed_in"]) == ("整改台账备案", 36, 2)
    assert (done["merged"], done["rows"]) == (1, 2)
    assert [(row["unit"], row["file"]) for row in done["unfit"]] == [(colleague.unit, "照片.png")]
    assert done["workbook"] == str(out / "整改台账备案-汇总.xlsx")
    book = load_workbook(done["workbook"])
    assert book.sheetnames == ["汇总", "未合并"]
    rows = list(book["汇总"].iter_rows(values_only=True))
    assert [row[:3] for row in rows] == [
        ("来源单位", "序号", "问题"),
        (owner.unit, 1, "门口乱"),
        (owner.unit, 2, "台账乱"),
    ]
    with zipfile.ZipFile(out / "整改台账备案.zip") as archive:
        assert archive.namelist() == [
            f"{owner.unit}-整改台账备案.xlsx",
            f"{colleague.unit}-整改台账备案.png",
        ]
    said = running.type("submission", "gather", LEDGER, "--out", out).stdout
    assert "“整改台账备案”应报 36，已报 2。" in said
    assert "是图片，不是表格" in said
    assert sorted(file.name for file in out.iterdir()) == [
        "整改台账备案-汇总.xlsx",
        "整改台账备案.zip",
    ]


def test_only_the_version_that_was_not_sent_back_counts(
    running: Terminal, owner: Someone, office: Someone, tmp_path: Path, out: Path
) -> None:
    hand_in(running, owner, TARGETS, filled(tmp_path / "一稿.xlsx", "一稿"))
    about = (SLUG, TARGETS, "--unit", owner.unit, "--reason", "缺数据")
    running.ask("submission", "send-back", *about, as_=office)
    hand_in(running, owner, TARGETS, filled(tmp_path / "二稿.xlsx", "二稿"))
    done = running.ask("submission", "gather", TARGETS, "--out", out)
    book = load_workbook(done["workbook"])
    assert [row[2] for row in book["汇总"].iter_rows(min_row=2, values_only=True)] == ["二稿"]


def test_an_attachment_that_is_gone_stops_nothing(
    running: Terminal, owner: Someone, tmp_path: Path, out: Path
) -> None:
    hand_in(running, owner, LEDGER, filled(tmp_path / "台账.xlsx", "门口乱"))
    for file in (running.home / "files").rglob("*"):
        if file.is_file():
            assert stored(running.home, file.name) == file
            file.unlink()
    done = running.ask("submission", "gather", LEDGER, "--out", out)
    assert done["unfit"][0]["what"] == "附件不在数据目录里；请从备份恢复，或请该单位重报。"


def test_which_period_is_meant_must_be_clear(running: Terminal, owner: Someone, out: Path) -> None:
    running.at("2017-04-17T09:00:00")
    running.ask("tick")
    typed = ("submission", "gather", "每周稿件", "--out", out)
    said = running.refused(*typed)
    assert said == "“每周稿件”有好几期：2017年第15周、2017年第16周；请用 --period 写明一期。"
    said = running.refused(*typed, "--period", "2017-W30")
    assert said.startswith("“每周稿件”没有“2017-W30”这一期；")
    said = running.refused(*typed, "--period", "2017年第15周")
    assert said == "“每周稿件-2017年第15周”应报 26，还没有收到一份，没有可汇总的。"
    assert not out.exists()


def test_a_folder_that_is_a_file_is_said(running: Terminal, owner: Someone, out: Path) -> None:
    hand_in(running, owner, TARGETS)
    out.parent.mkdir()
    out.write_text("不是文件夹", encoding="utf-8")
    said = running.refused("submission", "gather", TARGETS, "--out", out)
    assert said == f"{out}：那里已有一个文件，不是目录；请核对路径后重试。"


def test_words_alone_make_no_workbook(running: Terminal, owner: Someone, out: Path) -> None:
    hand_in(running, owner, TARGETS)
    done = running.ask("submission", "gather", TARGETS, "--out", out)
    assert (done["workbook"], done["merged"]) == (None, 0)


def test_the_missing_are_listed_to_be_passed_on(
    running: Terminal, owner: Someone, office: Someone
) -> None:
    running.at("2017-04-21T10:00:00")
    hand_in(running, owner, TARGETS)
    about = (SLUG, TARGETS, "--unit", owner.unit, "--reason", "缺数据")
    running.ask("submission", "send-back", *about, as_=office)
    found = running.ask("submission", "missing", "--campaign", SLUG)
    late = next(row for row in found if row["item"] == TARGETS and not row["returned"])
    assert (late["due"], late["days_late"], late["owed"], late["received"]) == (
        *("2017-04-20", 1, 36),
        0,
    )
    assert len(late["names"]) == 35
    assert owner.unit not in late["names"]
    back = next(row for row in found if row["returned"])
    assert (back["item"], back["due"], back["names"]) == (TARGETS, "2017-04-26", [owner.unit])
    assert {row["due"] for row in found} <= {"2017-04-10", "2017-04-20", "2017-04-16", "2017-04-26"}
    said = running.type("submission", "missing").stdout
    assert said.startswith("【敢转争】未报名单（2017-04-21 周五）\n1. ")
    line = "2017年度争先创优目标：期限 2017-04-20 周四，已逾期 1 天；应报 36，已报 0，未报 35："
    assert line in said
    assert f"退回待改 1：\n{owner.unit}\n" in said


def test_what_is_due_soon_is_listed_with_the_days_left(running: Terminal) -> None:
    said = running.type("submission", "missing", "--until", "2017-04-14").stdout
    assert "2017-04-20" not in said
    running.at("2017-04-17T10:00:00")
    said = running.type("submission", "missing").stdout
    assert "期限 2017-04-20 周四，还有 3 天；" in said
    running.at("2017-04-20T10:00:00")
    assert "期限 2017-04-20 周四，今天截止；" in running.type("submission", "missing").stdout


def test_nobody_missing_is_said(running: Terminal) -> None:
    done = running.type("submission", "missing", "--until", "2017-04-01")
    assert done.stdout == "截至 2017-04-01 到期的都已报齐，今天没有未报名单。\n"
    assert done.exit_code == 0
