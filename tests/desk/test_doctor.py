from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BUREAU, Someone
from tests.desk.conftest import Terminal


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port on which something answers, set as Prefect's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        monkeypatch.setenv("DUBAN_PREFECT_PORT", str(number))
        yield number


def checks(desk: Terminal) -> dict[str, dict[str, Any]]:
    result = desk.type("doctor", "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == (0 if found["ready"] else 1)
    return {check["what"]: check for check in found["checks"]}


def test_before_anything_is_there_it_says_where_to_begin(bare: Terminal) -> None:
    database = checks(bare)["数据库"]
    assert (database["verdict"], database["advice"]) == ("缺", "运行 duban migrate")


def test_an_empty_ledger_lacks_units_and_the_office(empty: Terminal) -> None:
    found = checks(empty)
    assert found["单位"]["verdict"] == "缺"
    assert (found["活动办和领导小组"]["verdict"], found["活动办和领导小组"]["found"]) == (
        *("缺", "活动办、领导小组"),
    )


def test_a_home_that_is_a_file_is_said(bare: Terminal) -> None:
    bare.home.write_text("不是目录", encoding="utf-8")
    found = checks(bare)["数据目录"]
    assert (found["verdict"], found["found"]) == (
        *("缺", f"{bare.home}：那里已有一个文件，不是目录；请核对路径后重试。"),
    )


def test_all_set_it_is_ready(desk: Terminal, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_SMTP_HOST", "mail.yunchuan.example")
    monkeypatch.setenv("DUBAN_MAIL_FROM", "duban@yunchuan.example")
    monkeypatch.setenv("DUBAN_HEARTBEAT_URL", "https://beat.yunchuan.example/1")
    found = checks(desk)
    not_well = {what: check["verdict"] for what, check in found.items() if check["verdict"] != "好"}
    assert not_well == {"时钟": "留意"}
    result = desk.type("doctor")
    assert (result.exit_code, "可以正式运行。" in result.stdout) == (0, True)


def test_without_a_mail_server_it_is_not_ready(desk: Terminal) -> None:
    found = checks(desk)
    assert {what for what, check in found.items() if check["verdict"] == "缺"} == {"发信服务器"}
    assert {what for what, check in found.items() if check["verdict"] == "留意"} == {
        *("心跳", "Prefect", "时钟"),
    }


def test_what_the_roster_lacks_is_named(desk: Terminal, tmp_path: Path) -> None:
    units, posts = tmp_path / "units.csv", tmp_path / "posts.csv"
    units.write_text("单位名称,类别\n云川市新区小学,局属学校\n", encoding="utf-8")
    posts.write_text("姓名,角色,手机\n新人,活动办,139\n", encoding="utf-8")
    desk.ask("units", "import", units)
    desk.ask("posts", "import", posts)
    found = checks(desk)
    for what in ("没有联络员的单位", "没有主要负责人的单位", "没有责任领导的单位"):
        assert found[what]["found"] == "云川市新区小学"
    assert found["没有联络员的单位"]["verdict"] == "缺"
    assert found["没有可用地址的人"]["found"] == "新人"


def test_a_year_without_a_list_is_warned_of(desk: Terminal) -> None:
    desk.at("2030-05-01T10:00:00")
    assert checks(desk)["节假日"]["found"] == "2031 年的安排尚未公布，暂按周一至周五"


def test_it_says_what_runs(running: Terminal) -> None:
    found = checks(running)
    assert found["进行中的活动"]["found"] == "敢转争"
    assert found["最近的日程轮"]["found"] == "2017-04-14"


def test_a_home_that_cannot_be_written_is_missing(
    bare: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_HOME", str(BUREAU / "units.csv"))
    assert checks(bare)["数据目录"]["verdict"] == "缺"


def test_a_unit_that_is_no_more_lacks_nobody(desk: Terminal, office: Someone) -> None:
    before = checks(desk)
    desk.ask("units", "close", "云川市第一中学", "--reason", "布局调整", as_=office)
    found = checks(desk)
    assert found["没有联络员的单位"]["verdict"] == "好"
    assert found["没有责任领导的单位"] == before["没有责任领导的单位"]
    assert int(found["单位"]["found"].split()[0]) == int(before["单位"]["found"].split()[0]) - 1
