from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ledger.audit import actor
from ledger.campaigns import Move
from ledger.finding import find_campaign, find_stage
from ledger.stages import decide
from ledger.units import Post
from tests.conftest import PLAN, Someone
from tests.desk.conftest import SLUG, Terminal


def mails(desk: Terminal) -> list[Path]:
    return list((desk.home / "outbox").rglob("*.eml"))


def test_a_tick_opens_runs_the_round_and_delivers_once(desk: Terminal, office: Someone) -> None:
    desk.ask("campaign", "launch", PLAN, as_=office)
    first = desk.ask("tick")
    assert first["at"] == "2017-04-14T10:00:00+08:00"
    assert first["round"] == "2017-04-14"
    assert first["done"]["obligations_opened"] > 0
    assert first["delivered"]["sent"] == len(mails(desk)) > 100
    again = desk.ask("tick")
    assert (again["round"], set(again["done"].values())) == (None, {0})
    assert again["delivered"]["sent"] == 0
    assert "没有要办的事" in desk.type("tick").stdout


def test_a_tick_carries_out_what_was_only_decided(
    running: Terminal, office: Someone, now: datetime
) -> None:
    database = running.database()
    with database.writing() as session:
        campaign = find_campaign(session, SLUG)
        goals = find_stage(session, campaign, "goals")
        by = actor(session.get_one(Post, office.post_id))
        decide(session, campaign, Move.FINISH, by, now, goals, "报齐")
    database.close()
    assert running.ask("campaign", "status", SLUG)["waiting_for_office"][-1] == {
        "what": "决定待执行",
        "count": 1,
    }
    done = running.ask("tick")["done"]
    assert (done["moves"], done["refused"]) == (1, 0)


def test_a_channel_that_is_down_is_told_and_the_messages_wait(
    desk: Terminal, office: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.ask("campaign", "launch", PLAN, as_=office)
    monkeypatch.setenv("DUBAN_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("DUBAN_SMTP_PORT", "1")
    monkeypatch.setenv("DUBAN_SMTP_SECURITY", "none")
    monkeypatch.setenv("DUBAN_MAIL_FROM", "duban@yunchuan.example")
    result = desk.type("tick")
    assert result.exit_code == 1
    assert "投递停止：连不上发信服务器" in result.stdout
    assert "未发出的消息留待下次" in result.stdout
    assert desk.ask("messages", "list", "--state", "sent") == []
    assert mails(desk) == []
