from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from ledger.audit import Act, Audit
from tests.conftest import BUREAU
from tests.desk.conftest import Terminal


def table(folder: Path, *lines: str) -> Path:
    file = folder / "table.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_the_same_tables_twice_change_nothing(empty: Terminal) -> None:
    for noun in ("units", "posts"):
        lines = (BUREAU / f"{noun}.csv").read_text(encoding="utf-8").splitlines()
        number = len(lines) - 1
        first = empty.ask(noun, "import", BUREAU / f"{noun}.csv")
        assert first["counts"] == {"新增": number, "更新": 0, "未变": 0, "拒收": 0}
        listed = empty.ask(noun, "list")
        again = empty.ask(noun, "import", BUREAU / f"{noun}.csv")
        assert again["counts"] == {"新增": 0, "更新": 0, "未变": number, "拒收": 0}
        assert empty.ask(noun, "list") == listed != []


def test_a_workbook_will_do(empty: Terminal, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (["单位名称", "类别"], ["第一中学", "学校"], ["电教馆", "机构"]):
        book.active.append(row)
    book.save(tmp_path / "units.xlsx")
    assert empty.ask("units", "import", tmp_path / "units.xlsx")["counts"]["新增"] == 2
    assert [unit["name"] for unit in empty.ask("units", "list")] == ["第一中学", "电教馆"]


def test_bad_rows_are_told_and_stop_nothing(empty: Terminal, tmp_path: Path) -> None:
    units = table(tmp_path, "单位名称,类别", "第一中学,学校", "第一中学,学校", "第二中学,")
    done = empty.ask("units", "import", units)
    assert [(row["line"], row["fate"]) for row in done["rows"]] == [
        *((2, "新增"), (3, "拒收")),
        (4, "拒收"),
    ]
    assert "与第 2 行重名" in done["rows"][1]["why"]
    posts = table(
        tmp_path, "姓名,角色,单位,邮箱", "甲,联络员,第一中学,", "乙,联络员,第一中学,a@b.cn"
    )
    result = empty.type("posts", "import", posts)
    assert result.exit_code == 0
    assert "没有手机、邮箱或企业微信" in result.stdout
    assert "新增 1，更新 0，未变 0，拒收 1" in result.stdout
    assert [post["name"] for post in empty.ask("posts", "list")] == ["乙"]


def test_a_change_is_told_as_one(desk: Terminal, tmp_path: Path) -> None:
    units = table(tmp_path, "单位名称,类别", "云川市第一中学,直属机构")
    assert desk.ask("units", "import", units)["counts"]["更新"] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x01", "不是表格"),
        (b"PK\x03\x04rubbish", "已损坏"),
        (b"", "没有表头"),
        ("甲,乙\n1,2\n".encode(), "表头缺少“单位名称、类别”"),
        ("单位名称,类别\n".encode(), "表里没有数据行"),
    ],
)
def test_what_is_no_table_takes_nothing_in(
    empty: Terminal, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "units.csv"
    file.write_bytes(content)
    assert said in empty.refused("units", "import", file)
    assert empty.ask("units", "list") == []


def test_a_table_that_is_not_there_is_said(empty: Terminal, tmp_path: Path) -> None:
    assert "打不开" in empty.refused("units", "import", tmp_path / "没有.csv")


def test_who_imported_what_is_on_record(
    empty: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DUBAN_AS", "系统管理员")
    empty.ask("units", "import", BUREAU / "units.csv")
    empty.ask("posts", "import", BUREAU / "posts.csv")
    empty.ask("posts", "import", BUREAU / "posts.csv")
    database = empty.database()
    with database.reading() as session:
        rows = session.scalars(select(Audit).where(Audit.act == Act.IMPORTED)).all()
        by = [row.by_post.role if row.by_post else None for row in rows]
    database.close()
    assert by == [None, None, "系统管理员"]
    assert rows[0].note == "units.csv：新增 42，更新 0，未变 0，拒收 0"


def test_the_posts_of_a_unit_are_listed(desk: Terminal) -> None:
    posts = desk.ask("posts", "list", "--unit", "云川市第一中学")
    assert [post["role"] for post in posts] == ["主要负责人", "联络员", "联络员"]
    leader = next(post for post in desk.ask("posts", "list") if post["name"] == "李晓岚")
    assert len(leader["covers"]) == 8
    said = desk.refused("posts", "list", "--unit", "中学")
    assert said.startswith("“中学”可能是好几个单位：云川市第一中学、")
