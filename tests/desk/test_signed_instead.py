"""Who has signed where a message was carried on: whoever pressed, not whom it never reached."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from desk.fates import signed
from ledger.addresses import ChannelKind
from ledger.messages import Message, MessageState
from ledger.signatures import Signature
from ledger.signing import sign
from ledger.undelivered import carry_on
from ledger.workdays import WorkCalendar
from tests.conftest import Someone
from tests.desk.conftest import Terminal
from tests.ledger.hand import moment

CAL = WorkCalendar()
FIRST = "云川市第一中学"
INSTEAD = "由沈云帆代为签收"


@pytest.fixture
def stood_in(desk: Terminal, office: Someone) -> Terminal:
    """A desk at which a notice could not reach 杨清荷, and the head 沈云帆 signed for it."""
    typed = ("notice", "send", "防汛通知", "--say", "请今晚值班。", "--unit", FIRST, "--sign")
    desk.ask(*typed, "--yes", as_=office)
    database, now = desk.database(), moment("2017-04-17 11:00")
    with database.writing() as session:
        lost = session.scalars(select(Message).where(Message.person.has(name="杨清荷"))).one()
        lost.state = MessageState.FAILED
        carried = carry_on(session, lost, [ChannelKind.EMAIL], now, CAL)
        assert carried is not None
        carried.state, carried.sent_at = MessageState.SENT, now
        assert sign(session, carried, now, "10.0.0.8 手机")
    database.close()
    return desk


def said_of(shown: str, name: str) -> str:
    """The line of a table that begins with somebody's message."""
    (line,) = [line for line in shown.splitlines() if f"\t{name}\t" in line or f" {name} " in line]
    return line


def test_the_notice_shows_that_another_signed(stood_in: Terminal) -> None:
    shown = stood_in.type("notice", "show", "1").stdout
    assert INSTEAD in said_of(shown, "杨清荷")
    assert "10.0.0.8" not in said_of(shown, "杨清荷")
    assert INSTEAD not in said_of(shown, "沈云帆")
    assert "10.0.0.8" in said_of(shown, "沈云帆")
    assert "要签收的 2 人，已签收 1 人（其中 1 人的由别人代为签收）。" in shown
    readers = stood_in.ask("notice", "show", "1")["readers"]
    assert {one["name"]: one["signer"] for one in readers} == {
        "杨清荷": "沈云帆",
        "沈云帆": "沈云帆",
        "韩若竹": None,
    }


def test_each_message_shows_who_signed(stood_in: Terminal) -> None:
    rows = {row["to"]: row["id"] for row in stood_in.ask("messages", "list")}
    lost = stood_in.type("messages", "show", str(rows["杨清荷"])).stdout
    assert f"{INSTEAD}，来自 10.0.0.8 手机" in lost
    assert "已签收" not in lost
    assert "已签收，来自 10.0.0.8 手机" in (
        stood_in.type("messages", "show", str(rows["沈云帆"])).stdout
    )
    life = stood_in.ask("messages", "show", str(rows["杨清荷"]))
    assert life["signature"]["signer"] == life["message"]["signer"] == "沈云帆"
    assert life["signature"]["signed_message"] == rows["沈云帆"]


@pytest.mark.parametrize(
    ("again_at", "said"),
    [(None, "没有送达，告知主要负责人"), ("2017-04-19 09:00", "仍没有签收，告知主要负责人")],
)
def test_the_life_says_why_the_head_heard(
    stood_in: Terminal, again_at: str | None, said: str
) -> None:
    database = stood_in.database()
    with database.writing() as session:
        signature = session.scalars(select(Signature).limit(1)).one()
        signature.again_at = moment(again_at) if again_at else None
        signature.head_at, number = moment("2017-04-24 09:00"), signature.message_id
    database.close()
    assert said in stood_in.type("messages", "show", str(number)).stdout


def test_the_answer_to_the_unit_and_its_page_say_so(stood_in: Terminal, tmp_path: Path) -> None:
    page = tmp_path / "记录.html"
    shown = stood_in.type("messages", "told", FIRST, "--html", page).stdout
    assert "要求签收 2，已签收 1" in shown
    for said in (shown, page.read_text(encoding="utf-8")):
        assert f"2017-04-17 11:00 {INSTEAD}" in said
        assert said.count("11:00 已签收") == 1


def test_the_export_names_who_signed(stood_in: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "消息.xlsx"
    stood_in.ask("messages", "export", file, "--messages")
    headings, *rows = load_workbook(file).worksheets[0].iter_rows(values_only=True)
    to, who = headings.index("发给"), headings.index("签收人")
    assert {row[to]: row[who] for row in rows} == {
        "杨清荷": "沈云帆",
        "沈云帆": "沈云帆",
        "韩若竹": None,
    }


@pytest.mark.parametrize(
    ("message", "through", "words"),
    [(3, 3, "已签收"), (3, None, "已签收"), (3, 5, "由甲代为签收"), (5, 3, "由甲签收")],
)
def test_whether_another_signed_is_said(message: int, through: int | None, words: str) -> None:
    assert signed(message, through, "甲") == words
