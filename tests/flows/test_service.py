"""The real service: what it does when things are killed, lost, away, or not what they should be.

One Prefect server and one `serve` process for the module; a campaign of one test may go on in the
next, since every run of a flow costs seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.flows.places import MONDAY, OFFICE, Place, place, waits_under
from tests.flows.servers import HTTP, Server, wait_for

pytestmark = pytest.mark.timeout(240, func_only=True)

TWO = {"du-shu": "读书", "xue-xi": "学习"}
"""Two campaigns at once, with equal stage names."""


@pytest.fixture(scope="module")
def other_server(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that gets killed."""
    found = Server(tmp_path_factory.mktemp("killed"))
    found.forget(template)
    found.start()
    yield found
    found.kill()


@pytest.fixture(scope="module")
def here(other_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The place whose processes get killed."""
    with place(tmp_path_factory.mktemp("here"), other_server) as found:
        yield found


@pytest.fixture
def serving(here: Place) -> Place:
    """The same, with its server and its service there."""
    if here.server.process is None:
        here.server.start()
    if here.service is None:
        here.start()
    return here


def live_through(found: Place, *, killed: bool) -> None:
    """Launch two campaigns, wait until both are suspended, and decide a stage of each on Monday."""
    for slug, short in TWO.items():
        found.launch(slug, short)
    found.start()
    for slug in TWO:
        found.wait_suspended(slug, "move-2")
    wait_for("the mails of the launch", lambda: not found.unsent())
    if killed:
        found.server.kill()
        found.kill()
    found.set_clock(MONDAY)
    found.tick()
    found.decide(TWO, "start", "各单位均已发动")
    if killed:
        found.start()
        found.server.start()
    for slug in TWO:
        found.wait_suspended(slug, "move-4")
    wait_for("the mails of the move", lambda: not found.unsent())


def test_killed_and_started_again_all_is_as_if_nothing_had_happened(
    here: Place, server: Server, tmp_path: Path
) -> None:
    with place(tmp_path / "unhurt", server) as unhurt, ThreadPoolExecutor() as both:
        calm = both.submit(live_through, unhurt, killed=False)
        live_through(here, killed=True)
        calm.result()
        unhurt.kill()
        expected, mails = unhurt.everything(), unhurt.mails()
    found = here.everything()
    assert len(expected["decision"]) == 2 * len(["launch", "open", "move on", "open the next"])
    assert len(mails) >= 10
    assert here.mails() == mails
    for table, rows in expected.items():
        assert found[table] == rows, table
    for slug in TWO:
        runs = here.runs(slug)
        assert [waits_under(run) for run in runs] == ["move-4"], "one run lives through it all"
        assert {run["name"] for run in runs} == {TWO[slug]}


def test_prefects_database_deleted_in_the_middle_loses_nothing(
    serving: Place, template: Path
) -> None:
    serving.launch("lost", "遗失")
    old = serving.wait_suspended("lost", "move-2")
    wait_for("the mails so far", lambda: not serving.unsent())
    sent = len(serving.sink.mails)
    serving.server.kill()
    serving.server.forget(template)
    serving.decide("lost", "start", "提前完成")
    wait_for("the move, by the service alone", lambda: serving.moves("lost") == 4, 20)
    wait_for("its mails", lambda: len(serving.sink.mails) > sent and not serving.unsent(), 20)
    serving.server.start()
    new = serving.wait_suspended("lost", "move-4", 90)
    assert new["id"] != old["id"]
    assert len(serving.decisions("lost")) == 4


def test_while_prefect_is_down_a_tick_carries_out_what_the_office_decides(serving: Place) -> None:
    run = serving.wait_suspended("lost", "move-4")
    serving.server.kill()
    serving.kill()
    serving.decide("lost", "check", "提前完成")
    serving.tick()
    assert serving.moves("lost") == 5
    serving.server.start()
    serving.start()
    assert serving.wait_suspended("lost", "move-5")["id"] == run["id"]
    assert len(serving.runs("lost")) == 1


def test_resumed_on_prefects_page_only_what_the_office_decides_moves_a_stage(
    serving: Place,
) -> None:
    serving.launch("page", "页面")
    run = serving.wait_suspended("page", "move-2")
    before = serving.everything()
    resume(serving, run, None)
    serving.wait_suspended("page", "move-2-2")
    assert len(gates(serving)) == 1
    assert "未见活动办决定" in gates(serving)[0]
    assert serving.everything() == before
    resume(serving, run, {"stage": "宣传发动", "by": OFFICE, "why": "提前完成"})
    serving.wait_suspended("page", "move-4")
    decided = serving.decisions("page")[2]
    assert decided.source == f"prefect:{run['id']}:move-2-2"
    assert (decided.reason, decided.refused) == ("提前完成", None)
    assert len(gates(serving)) == 1


def test_the_run_of_a_campaign_that_is_closed_ends_and_its_deployment_goes(
    serving: Place,
) -> None:
    serving.close_campaign("page")
    wait_for("its end", lambda: serving.runs("page")[0]["state_type"] == "COMPLETED")
    assert len(serving.runs("page")) == 1
    wait_for("no deployment of it", lambda: "page" not in serving.deployments(), 20)
    assert {"tick", "self_audit"} <= serving.deployments()


def test_it_stops_cleanly_when_asked(serving: Place) -> None:
    wait_for("the service", lambda: "已启动" in serving.log())
    assert serving.stop() == 0
    assert "督办服务已停止" in serving.log()


def test_a_run_that_a_killed_process_left_running_is_set_to_crashed(serving: Place) -> None:
    """Left running, it would hold the one place of its deployment and cancel every later tick."""
    wait_for("the deployments", lambda: "tick" in serving.deployments())
    serving.kill()
    api = serving.server.url
    [tick] = HTTP.post(f"{api}/deployments/filter", json=named("deployments", "tick")).json()
    run = HTTP.post(f"{api}/deployments/{tick['id']}/create_flow_run", json={}).json()
    running = {"state": {"type": "RUNNING", "name": "Running"}, "force": True}
    HTTP.post(f"{api}/flow_runs/{run['id']}/set_state", json=running).raise_for_status()
    serving.start()

    def state() -> str:
        return str(HTTP.get(f"{api}/flow_runs/{run['id']}").json()["state_type"])

    wait_for("its burial", lambda: state() == "CRASHED", 40)


def test_it_does_not_start_on_a_database_of_another_version(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flows", "serve"],
        env={**os.environ, "DUBAN_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("请先运行 duban migrate。")
    assert list(tmp_path.iterdir()) == []


def resume(found: Place, run: dict[str, Any], given: dict[str, str] | None) -> None:
    """Press Resume on Prefect's page."""
    address = f"{found.server.url}/flow_runs/{run['id']}/resume"

    def press() -> dict[str, Any] | None:
        """A server that is just busy with its database says so; one presses again."""
        answer: dict[str, Any] = HTTP.post(address, json={"run_input": given}).json()
        return answer if "status" in answer else None

    answer = wait_for("an answer", press)
    assert answer["status"] == "ACCEPT", answer


def gates(found: Place) -> list[str]:
    """What the artifacts at the gate of the campaign `page` say, oldest first."""
    wanted = {"artifacts": {"key": {"any_": ["page-gate"]}}, "sort": "CREATED_DESC"}
    rows = HTTP.post(f"{found.server.url}/artifacts/filter", json=wanted).json()
    return [row["data"] for row in reversed(rows)]


def named(what: str, name: str) -> dict[str, Any]:
    """The filter of Prefect's API for one name."""
    return {what: {"name": {"any_": [name]}}}
