"""The flows on a real Prefect server, called without a deployment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_HOME,
    PREFECT_LOGGING_TO_API_ENABLED,
    temporary_settings,
)
from sqlalchemy import select

from flows.campaign import ENDED, WAITING, campaign
from flows.self_audit import self_audit
from flows.tick import tick
from ledger.campaigns import Campaign, Move
from ledger.messages import Item, ItemKind
from ledger.stages import decide
from tasks.campaigns import PageDecision, take_decision
from tests import postgresql
from tests.flows.places import FRIDAY, MONDAY, OFFICE, SCHOOLS, Place, place
from tests.flows.servers import HTTP, Server, wait_for


@pytest.fixture(scope="module")
def here(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One ledger for the module; each test launches a campaign of its own."""
    with place(tmp_path_factory.mktemp("flows"), server) as found:
        yield found


@pytest.fixture(autouse=True)
def at_home(here: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    move_into(here, monkeypatch)
    here.set_clock(FRIDAY)
    settings = {
        PREFECT_API_URL: here.server.url,
        PREFECT_HOME: here.server.home,
        PREFECT_LOGGING_TO_API_ENABLED: False,
    }
    with temporary_settings(settings):
        yield


def move_into(there: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in there.environment.items():
        if name.startswith("DUBAN_"):
            monkeypatch.setenv(name, value)


def asked(here: Place, path: str, **wanted: Any) -> list[dict[str, Any]]:
    """What Prefect's API gives to a filter."""
    answer = HTTP.post(f"{here.server.url}/{path}/filter", json=wanted)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def test_without_a_deployment_the_campaign_returns_at_the_gate_and_ends_when_it_is_closed(
    here: Place,
) -> None:
    here.launch("gate", "过门")
    assert campaign("gate") == WAITING
    with here.database.writing() as session:
        row = session.scalars(select(Campaign).where(Campaign.slug == "gate")).one()
        decide(session, row, Move.CLOSE, here.office(session), here.now, reason="提前结束")
    assert campaign("gate") == ENDED
    assert here.decisions("gate")[-1].carried_out_at is not None


def test_a_stage_is_two_short_tasks_under_its_name_with_its_due_date(here: Place) -> None:
    here.launch("shown", "两步")
    here.decide("shown", "start", "提前完成")
    named = campaign.with_options(name="两步")
    assert named("shown") == WAITING
    runs = wait_for(
        "five task runs",
        lambda: (
            len(found := asked(here, "task_runs", flows={"name": {"any_": ["两步"]}})) >= 5
            and found
        ),
    )
    assert {
        "宣传发动·启动（截止 2017-04-21）",
        "宣传发动·转段（截止 2017-04-21）",
        "查摆问题·启动（截止 2017-05-31）",
    } <= {run["name"] for run in runs}
    assert "查摆问题·转段（截止 2017-05-31）" not in {run["name"] for run in runs}


def test_each_move_is_one_event_however_often_the_run_begins_again(here: Place) -> None:
    here.launch("events", "事件")
    campaign("events")
    campaign("events")
    here.decide("events", "start", "提前完成")
    campaign("events")
    stages = {"id_prefix": ["duban.stage.events."]}
    about = {"event": {"name": ["duban.stage.moved"]}, "resource": stages}

    def told() -> list[tuple[str, str]]:
        answer = HTTP.post(f"{here.server.url}/events/filter", json={"filter": about})
        payloads = [event["payload"] for event in answer.json()["events"]]
        return sorted((payload["阶段"], payload["现在"]) for payload in payloads)

    expected = [("宣传发动", "已转段"), ("宣传发动", "进行中"), ("查摆问题", "进行中")]
    wait_for("three events", lambda: len(told()) >= 3, 20)
    assert told() == expected


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("宣传发动", "路人", "提前"), "“路人”不是活动办的人；请写明是谁决定的：梁晓舟。"),
        (("宣传", OFFICE, "提前"), "没有叫“宣传”的阶段；请从这些里选：宣传发动、查摆问题。"),
        (("宣传发动", OFFICE, ""), "提前转段请写明理由。"),
    ],
)
def test_what_is_wrong_on_prefects_page_is_refused_with_a_sentence_and_writes_nothing(
    here: Place, given: tuple[str, str, str], why: str
) -> None:
    if "refused" not in here.slugs():
        here.launch("refused", "不行")
    said = take_decision.fn("refused", PageDecision(*given), "prefect:run:move-2", here.now)
    assert said is not None
    assert said.endswith(why)
    assert len(here.decisions("refused")) == 2


def test_a_decision_from_prefects_page_is_written_once_per_gate(here: Place) -> None:
    here.launch("once", "一次")
    given = PageDecision("start", OFFICE, "提前完成")
    for _ in range(2):
        assert take_decision.fn("once", given, "prefect:run:once", here.now) is None
    assert [decision.source for decision in here.decisions("once")] == [
        *(None, None),
        "prefect:run:once",
        None,
    ]
    assert here.moves("once") == 4


def test_a_tick_steps_through_moments_and_leaves_tables(here: Place) -> None:
    here.launch("clock", "钟点")
    moments = [FRIDAY + timedelta(days=day) for day in range(3, 7)]
    assert tick(moments) == 4
    assert tick(moments) == 0
    tables = {row["key"]: row["data"] for row in asked(here, "artifacts/latest")}
    assert json.loads(tables["clock-owed"]) == [
        {"阶段": "宣传发动", "报送事项": "实施方案", "应报": 3, "已报": 0, "按时": 0, "未报": 0}
    ]
    urged = [row for row in json.loads(tables["rungs"]) if row["活动"] == "钟点"]
    assert [row["事项"] for row in urged] == [f"{unit}·实施方案" for unit in SCHOOLS]
    # The contact, and the office since nobody is head of the school.
    assert {(row["日期"], row["层级"], row["人数"]) for row in urged} == {
        ("2017-04-19", "1级 催办", 2)
    }


def test_a_tick_runs_as_well_with_the_ledger_on_postgresql(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place(tmp_path, server, postgresql.server().create()) as far:
        move_into(far, monkeypatch)
        far.launch("far", "远处")
        far.decide("far", "start", "提前完成")
        assert tick([MONDAY + timedelta(days=2)]) == 1
        assert far.decisions("far")[-1].carried_out_at is not None
        tables = {row["key"]: row["data"] for row in asked(far, "artifacts/latest")}
        assert "远处" in {row["活动"] for row in json.loads(tables["rungs"])}


class Ear(BaseHTTPRequestHandler):
    """Hears the heartbeat."""

    heard: ClassVar[list[str]]

    def do_GET(self) -> None:
        """Take it down."""
        self.heard.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def heartbeats(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths called at the heartbeat's address."""
    Ear.heard = []
    listener = HTTPServer(("127.0.0.1", 0), Ear)
    Thread(target=listener.serve_forever, daemon=True).start()
    monkeypatch.setenv("DUBAN_HEARTBEAT_URL", f"http://127.0.0.1:{listener.server_port}/beat")
    yield Ear.heard
    listener.shutdown()
    listener.server_close()


def test_the_heartbeat_is_called_when_the_audit_is_clean_and_not_when_it_is_not(
    server: Server, tmp_path: Path, heartbeats: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with place(tmp_path, server) as other:
        move_into(other, monkeypatch)
        other.launch("beat", "心跳")
        assert self_audit() == []
        assert heartbeats == ["/beat"]
        other.set_clock(MONDAY + timedelta(hours=12))
        found = self_audit()
        assert [sentence[:12] for sentence in found] == ["2017-04-17 的", "8 条消息没有发出，请查"]
        assert heartbeats == ["/beat"]
        with other.database.reading() as session:
            items = session.scalars(select(Item).where(Item.kind == ItemKind.AUDIT)).all()
        assert [(item.why, item.message_id) for item in items] == [
            (f"夜间自查发现 2 个问题：{''.join(found)}", None)
        ]
