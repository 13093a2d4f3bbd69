"""Did you tell us? The answer to a unit, on the terminal and as a page."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from ledger.addresses import ChannelKind
from ledger.messages import Attempt, Message, MessageState, Tried
from ledger.signatures import Signature
from ledger.units import Unit
from tests.conftest import Someone
from tests.desk.conftest import Terminal


@pytest.fixture
def written(running: Terminal, owner: Someone) -> Terminal:
    """A desk at which the owner's messages left by mail; the last one did not."""
    running.at("2017-04-17T09:00:00")
    running.ask("tick")
    with running.database().writing() as session:
        session.execute(delete(Attempt))
        mine = session.scalars(
            select(Message).where(Message.person_id == owner.person_id).order_by(Message.id)
        ).all()
        for message in mine:
            message.attempts_made = [
                Attempt(
                    at=message.created_at,
                    channel=ChannelKind.EMAIL,
                    address="han@yunchuan.example",
                    outcome=Tried.SENT,
                    said="250 OK",
                )
            ]
        mine[-1].state, mine[-1].reason = MessageState.FAILED, "没有这个邮箱"
        session.add(Signature(message_id=mine[0].id, within=2, due=date(2017, 4, 18)))
    return running


class Text(HTMLParser):
    """What a page says, and what it would load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page(desk: Terminal, unit: str, folder: Path, *typed: str) -> Text:
    file = folder / "记录.html"
    said = desk.type("messages", "told", unit, "--html", file, *typed).stdout
    assert f"已写成可以打印的页面：{file}" in said
    return Text(file.read_text(encoding="utf-8"))


def test_the_answer_names_every_message_its_reader_way_and_end(
    written: Terminal, owner: Someone
) -> None:
    answer = written.ask("messages", "told", owner.unit)
    assert {row["message"]["to"] for row in answer["messages"]} == {"沈云帆", "韩若竹", "杨清荷"}
    assert re.fullmatch(
        r"共 \d+ 条：发出 \d+，没有发出 \d+，要求签收 1，已签收 0。", answer["counted"]
    )
    said = written.type("messages", "told", owner.unit).stdout
    assert said.startswith(f"{owner.unit}（全部时间）：共 ")
    assert "邮箱 han@yunchuan.example" in said
    assert "没有发出：没有这个邮箱" in said
    assert "没有签收，期限 2017-04-18 周二" in said
    assert "云川市第一中学·2017年度争先创优目标" in said


def test_the_answer_is_narrowed_by_words_days_and_campaign(
    written: Terminal, owner: Someone
) -> None:
    days = ("--from", "2017-04-17", "--to", "2017-04-17")
    about = ("--about", "争先创优", "--campaign", "敢转争")
    said = written.type("messages", "told", owner.unit, *days, *about).stdout
    assert "（2017-04-17 至 2017-04-17，活动“敢转争”，涉及“争先创优”）：共 2 条" in said
    lines = [line for line in said.splitlines() if "云川市第一中学·" in line]
    assert lines
    assert all("争先创优目标" in line for line in lines)


def test_a_unit_that_was_told_nothing_is_told_so(
    written: Terminal, owner: Someone, tmp_path: Path
) -> None:
    found = page(written, owner.unit, tmp_path, "--from", "2018-01-01")
    assert "这一期间没有发给该单位的消息。" in "".join(found.words)


def test_the_page_says_whose_it_is_from_when_to_when_and_how_many(
    written: Terminal, owner: Someone, tmp_path: Path
) -> None:
    said = "".join(page(written, owner.unit, tmp_path, "--to", "2017-04-30").words)
    assert f"消息记录：{owner.unit}" in said
    for word in ("最早 至 2017-04-30", "2017-04-17 09:00", "共 ", "已送达发信服务器"):
        assert word in said
    assert "counter(page)" in said
    assert "size: A4" in said


def test_the_page_needs_no_network(written: Terminal, owner: Someone, tmp_path: Path) -> None:
    found = page(written, owner.unit, tmp_path)
    assert found.loads == []
    assert found.tags.isdisjoint({"script", "img", "link", "iframe"})
    assert "url(" not in "".join(found.words)


def test_html_in_a_name_is_shown_and_never_run(
    written: Terminal, owner: Someone, tmp_path: Path
) -> None:
    name = "<script>alert(1)</script>学校"
    with written.database().writing() as session:
        session.get_one(Unit, owner.unit_id).name = name
    found = page(written, name, tmp_path)
    assert "script" not in found.tags
    assert f"消息记录：{name}" in "".join(found.words)


def test_a_page_that_cannot_be_written_is_said(
    written: Terminal, owner: Someone, tmp_path: Path
) -> None:
    result = written.type("messages", "told", owner.unit, "--html", tmp_path / "没有" / "a.html")
    assert result.exit_code == 1
    assert "没有这个文件或目录；请核对路径后重试。" in result.stderr
