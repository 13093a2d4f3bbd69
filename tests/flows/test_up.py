"""`python -m flows up`: it looks before it starts, and brings back what dies."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from config.database import make_engine
from config.schema import check_schema, head_revision, schema_revision
from config.settings import read_settings
from flows.up import NotReady, check_port, check_writable, prepare
from tests.flows.servers import HTTP, Server, free_port, wait_for

UP = [sys.executable, "-m", "flows", "up"]


def environment(home: Path, port: int, web_port: int | None = None) -> dict[str, str]:
    """What an administrator has set who starts it from there: no place for Prefect."""
    own = {name: value for name, value in os.environ.items() if name != "PREFECT_HOME"}
    ports = {"DUBAN_PREFECT_PORT": str(port), "DUBAN_WEB_PORT": str(web_port or free_port())}
    return {**own, "DUBAN_HOME": str(home), **ports}


def run_up(home: Path, port: int, web_port: int | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        UP,
        env=environment(home, port, web_port),
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("setting", ["DUBAN_PREFECT_PORT", "DUBAN_WEB_PORT"])
def test_a_port_already_taken_is_one_sentence_and_nothing_is_written(
    tmp_path: Path, setting: str
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port, free = other.getsockname()[1], free_port()
        ports = (port, free) if setting == "DUBAN_PREFECT_PORT" else (free, port)
        done = run_up(tmp_path / "var", *ports)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"端口 {port} 已被占用" in done.stderr
    assert setting in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_free_port_passes() -> None:
    check_port(free_port(), "DUBAN_WEB_PORT")


def test_a_place_that_cannot_be_written_is_said_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("不是目录")
    with pytest.raises(NotReady, match=r"写不进去.*请核对 DUBAN_HOME"):
        check_writable(tmp_path / "file" / "prefect")


def test_a_full_disk_is_said_too() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(NotReady, match="写不进去"):
        check_writable(Path("/dev/full"))


def test_preparing_brings_the_database_to_the_newest_migration(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path, prefect_port=free_port(), web_port=free_port())
    prepare(settings, tmp_path / "elsewhere" / "prefect")
    assert (tmp_path / "elsewhere" / "prefect").is_dir()
    engine = make_engine(settings.database_url)
    check_schema(engine)
    assert schema_revision(engine) == head_revision()
    engine.dispose()


@pytest.mark.long
@pytest.mark.timeout(240, func_only=True)
def test_all_come_back_after_a_kill_and_stop_together_on_ctrl_c(
    template: Path, tmp_path: Path
) -> None:
    port, web_port = free_port(), free_port()
    web = f"http://127.0.0.1:{web_port}/"
    server = Server(tmp_path / "prefect", port)
    server.home.mkdir()
    shutil.copy(template, server.home / "prefect.db")
    supervisor = subprocess.Popen(
        UP,
        env=environment(tmp_path, port, web_port),
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        wait_for("the server", server.answers, 60)
        wait_for("the pages", lambda: answers(web), 60)
        first = wait_for("all processes", lambda: all_of(supervisor.pid))
        wait_for("the deployments", lambda: deployments(server) == {"tick", "self_audit"}, 60)
        for pid in first.values():
            os.kill(pid, signal.SIGKILL)
        second = wait_for(
            "all anew",
            lambda: (
                (found := all_of(supervisor.pid))
                and not set(found.values()) & set(first.values())
                and found
            ),
            60,
        )
        wait_for("the server again", server.answers, 60)
        wait_for("the pages again", lambda: answers(web), 60)
        os.killpg(supervisor.pid, signal.SIGINT)
        assert supervisor.wait(60) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in second.values())
        assert "督办服务已停止" in (tmp_path / "log" / "serve.log").read_text()
    finally:
        if supervisor.poll() is None:  # told, it takes all with it
            os.killpg(supervisor.pid, signal.SIGTERM)
            supervisor.wait(60)


def all_of(supervisor: int) -> dict[str, int] | None:
    """The three processes under the supervisor, once all are there: module to pid."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    found: dict[str, int] = {}
    for pid in children:
        command = Path(f"/proc/{pid}/cmdline")
        words = command.read_text().replace("\0", " ") if command.exists() else ""
        if match := re.search(r"-m (prefect|flows|desk) ", words):
            found[match[1]] = int(pid)
    return found if len(found) == 3 else None


def answers(url: str) -> bool:
    """Whether a page is there."""
    try:
        return HTTP.get(url).status_code == 200
    except httpx.TransportError:
        return False


def deployments(server: Server) -> set[str]:
    """The names of the deployments the server knows."""
    rows = HTTP.post(f"{server.url}/deployments/filter", json={}).json()
    return {row["name"] for row in rows}
