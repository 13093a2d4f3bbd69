"""Looking at messages before they leave: samples, what is in the ledger, the bureau's own words."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from config.database import Database
from desk.vocabulary import FACES
from ledger.messages import Message
from tests.conftest import Someone
from tests.desk.conftest import Terminal


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "templates"
    (folder / "urge").mkdir(parents=True)
    monkeypatch.setenv("DUBAN_TEMPLATES", str(folder))
    return folder


@pytest.mark.parametrize(("kind", "name"), FACES.items())
def test_any_kind_is_shown_by_either_of_its_names_before_there_is_a_ledger(
    bare: Terminal, kind: str, name: str
) -> None:
    by_name = bare.type("messages", "preview", name)
    assert by_name.exit_code == 0
    assert by_name.stdout == bare.type("messages", "preview", kind, "--sample").stdout
    data = bare.ask("messages", "preview", kind)
    assert data["kind"] == kind and data["faults"] == []
    assert by_name.stdout == f"标题：{data['subject']}\n\n{data['text']}\n"
    assert not bare.home.exists()


def test_the_robots_words_and_the_page_are_shown_where_asked_for(
    bare: Terminal, tmp_path: Path
) -> None:
    page = tmp_path / "页.html"
    said = bare.type("messages", "preview", "催办", "--robot", "--html", page).stdout
    data = bare.ask("messages", "preview", "催办")
    assert f"群机器人：\n\n{data['robot']}" in said
    assert said.endswith(f"网页版写在 {page}。\n")
    assert page.read_text(encoding="utf-8") == data["html"]


def test_a_page_that_cannot_be_written_is_said(bare: Terminal, tmp_path: Path) -> None:
    said = bare.refused("messages", "preview", "催办", "--html", tmp_path / "没有" / "页.html")
    assert "没有这个文件或目录" in said


def test_a_real_message_is_shown_as_it_would_read_now_and_stays_as_it_is(
    running: Terminal, owner: Someone
) -> None:
    running.at("2017-04-21T09:00:00")
    running.ask("tick")
    (row,) = running.ask("messages", "list", "--person", owner.name, "--kind", "digest")[-1:]
    before = running.ask("messages", "show", str(row["id"]))
    data = running.ask("messages", "preview", "--message", str(row["id"]))
    assert data["kind"] == "supervise"
    assert data["subject"].startswith("【督办通知】敢转争：")
    assert f"{owner.name}同志：" in data["text"] and "已逾期1天" in data["text"]
    running.at("2017-04-24T09:00:00")
    later = running.ask("messages", "preview", "督办通知", "--message", str(row["id"]))
    assert "已逾期4天" in later["text"]
    assert running.ask("messages", "show", str(row["id"])) == before
    said = running.refused("messages", "preview", "每周提醒", "--message", str(row["id"]))
    assert said == f"第 {row['id']} 号消息现在是“督办通知”，不是“每周提醒”；种类可以不写。"


def test_a_real_launch_is_shown_with_its_notice(running: Terminal) -> None:
    (row, *_) = running.ask("messages", "list", "--kind", "launch")
    data = running.ask("messages", "preview", "启动通知", "--message", str(row["id"]))
    assert "依据：" in data["text"] and "各阶段时间：" in data["text"]


def test_a_message_with_nothing_left_to_say_is_said_not_to_leave(
    running: Terminal, owner: Someone
) -> None:
    (row, *_) = running.ask("messages", "list", "--person", owner.name, "--kind", "launch")
    database = running.database()
    drop_lines(database, row["id"])
    said = running.refused("messages", "preview", "--message", str(row["id"]))
    assert said == f"第 {row['id']} 号消息现在不会发出（发送前核对：均已办结）。"


def drop_lines(database: Database, number: int) -> None:
    with database.writing() as session:
        for item in session.get_one(Message, number).items:
            item.dropped = "试"
    database.close()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ((), "写明看哪一种，或用 --message 写明看哪一条；种类见 duban messages kinds。"),
        (("催办", "--sample", "--message", "1"), "--sample 与 --message 只能写一个。"),
        (("催促",), "没有“催促”，可写：启动通知、转段通知"),
        (("--message", "9999"), "没有第 9999 号消息；请用 duban messages list 查看。"),
    ],
)
def test_what_cannot_be_shown_is_said(running: Terminal, typed: tuple[str, ...], said: str) -> None:
    assert said in running.refused("messages", "preview", *typed)


def test_the_kinds_are_listed_with_folder_and_hour(bare: Terminal) -> None:
    data = bare.ask("messages", "kinds")
    assert [row["kind"] for row in data["kinds"]] == list(FACES)
    hours = {row["kind"]: row["leaves"] for row in data["kinds"]}
    assert (hours["urge"], hours["launch"], hours["receipt"]) == ("round", "opening", "any")
    assert {tuple(row["overridden"]) for row in data["kinds"]} == {()}
    assert data["faults"] == data["shared"] == []
    assert "提请领导小组" in bare.type("messages", "kinds").stdout


def test_the_bureaus_own_words_are_shown_and_listed(bare: Terminal, templates: Path) -> None:
    (templates / "urge" / "subject.txt").write_text("急：{{ letter.total }}项", encoding="utf-8")
    (templates / "_base").mkdir()
    (templates / "_base" / "body.html").write_text('{% extends "_base/body.html" %}')
    assert bare.ask("messages", "preview", "催办")["subject"] == "急：4项"
    data = bare.ask("messages", "kinds")
    assert {row["kind"]: row["overridden"] for row in data["kinds"] if row["overridden"]} == {
        "urge": ["urge/subject.txt"]
    }
    assert data["shared"] == ["_base/body.html"]
    said = bare.type("messages", "kinds").stdout
    assert "各种消息共用、也改写了的：_base/body.html。" in said


def test_a_broken_template_is_named_once_by_each_who_is_asked(
    bare: Terminal, templates: Path
) -> None:
    (templates / "urge" / "subject.txt").write_text("急\n{{ leter }}", encoding="utf-8")
    fault = "改写的模板 urge/subject.txt 第 2 行：没有“leter”这一项；请改正，现用自带的。"
    for words in (("preview", "催办"), ("kinds",)):
        result = bare.type("messages", *words)
        assert result.exit_code == 0
        assert result.output.count(fault) == 1
        assert bare.ask("messages", *words)["faults"] == [fault]
    assert "【催办】" in bare.type("messages", "preview", "催办").stdout


def test_the_doctor_looks_at_the_templates(bare: Terminal, templates: Path) -> None:
    def found() -> tuple[str, str]:
        checks = json.loads(bare.type("doctor", "--json").stdout)["checks"]
        (check,) = [check for check in checks if check["what"] == "消息模板"]
        return check["verdict"], check["found"]

    assert found() == ("好", "都用自带的")
    (templates / "urge" / "subject.txt").write_text("急", encoding="utf-8")
    assert found() == ("好", "改写了 1 个，都能用")
    (templates / "urge" / "subject.txt").write_text("{% if %}", encoding="utf-8")
    verdict, words = found()
    assert verdict == "留意" and "urge/subject.txt 第 1 行" in words


def test_a_folder_of_templates_that_is_not_there_is_warned_of(
    bare: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DUBAN_TEMPLATES", str(tmp_path / "nowhere"))
    assert "没有这个文件夹" in bare.type("doctor").stdout


def test_a_message_leaves_in_the_bureaus_words(
    running: Terminal, templates: Path, owner: Someone, caplog: pytest.LogCaptureFixture
) -> None:
    (own := templates / "supervise").mkdir()
    (own / "subject.txt").write_text("急：{{ letter.total }}项", encoding="utf-8")
    (own / "body.txt").write_text("{{ nothing }}", encoding="utf-8")
    running.at("2017-04-21T09:00:00")
    with caplog.at_level(logging.WARNING, "duban.templates"):
        running.ask("tick")
    (row,) = running.ask("messages", "list", "--person", owner.name, "--kind", "digest")[-1:]
    life = running.ask("messages", "show", str(row["id"]))
    assert life["message"]["state"] == "sent"
    assert life["message"]["subject"].startswith("急：")
    assert f"{owner.name}同志：" in life["body"]
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1 and "supervise/body.txt 第 1 行" in said[0]
