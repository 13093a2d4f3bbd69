"""`python -m flows up`: look first, then run Prefect's server, `serve` and the web pages."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from pathlib import Path

from config.schema import SchemaError
from config.settings import Settings
from flows.environment import LOOPBACK, service_environment
from migrations import upgrade

SUPERVISORD_CONF = Path(__file__).parent.parent / "config" / "supervisord.conf"


class NotReady(Exception):
    """The service cannot start; str() is one Chinese sentence that says what to do."""


def up(settings: Settings) -> None:
    """Become the supervisor of all three processes; does not return. Raises NotReady."""
    environment = service_environment(settings, os.environ)
    prepare(settings, Path(environment["PREFECT_HOME"]))
    print(f"网页：http://{settings.web_host}:{settings.web_port}")
    print(f"Prefect 页面：http://{LOOPBACK}:{settings.prefect_port}，日志：{settings.home / 'log'}")
    print("按 Ctrl-C 停止。", flush=True)
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(SUPERVISORD_CONF)]
    places = {"DUBAN_HOME": str(settings.home), "DUBAN_PYTHON": sys.executable}
    # Ctrl-C and SIGTERM then reach the supervisor itself, with no process in between.
    os.execve(sys.executable, command, {**environment, **places})


def prepare(settings: Settings, prefect_home: Path) -> None:
    """Check that the ports are free and the disk takes data, and bring the database up to date."""
    check_port(settings.prefect_port, "DUBAN_PREFECT_PORT")
    check_port(settings.web_port, "DUBAN_WEB_PORT", settings.web_host)
    for folder in (prefect_home, settings.home / "log"):
        check_writable(folder)
    try:
        upgrade(settings.database_url)
    except SchemaError as error:
        raise NotReady(str(error)) from error


def check_port(port: int, setting: str, host: str = LOOPBACK) -> None:
    """Raise NotReady when something already listens there; `setting` names another port."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise NotReady(
            f"端口 {port} 已被占用（也许督办服务已经在运行）：请先停掉占用它的程序，"
            f"或用 {setting} 换一个端口。"
        ) from error


def check_writable(folder: Path) -> None:
    """Create the folder and write into it; raise NotReady when that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)
    except OSError as error:
        raise NotReady(
            f"目录 {folder} 写不进去（{error.strerror}）：请核对 DUBAN_HOME、权限和剩余空间。"
        ) from error
