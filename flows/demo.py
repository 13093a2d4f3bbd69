"""`python -m flows demo`: a whole campaign of 2017 played through the real flows, in two minutes.

The server is started first, since its first start builds a database of its own for a while; the
ledger is made and Prefect imported meanwhile.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from rich.console import Console

from config.database import Database
from config.settings import Settings, read_settings
from config.tables import read_table
from flows.environment import LOOPBACK, prefect_environment, server_command
from ledger.roster import import_posts, import_units
from migrations import upgrade

CONFIG = Path(__file__).parent.parent / "config"
BUREAU = CONFIG / "bureau"
PLAN = CONFIG / "campaigns" / "gan-zhuan-zheng-2017.yaml"
BEHAVIOUR = CONFIG / "behaviour" / "gan-zhuan-zheng-2017.yaml"

SERVER_SECONDS = 120
"""How long the first start of Prefect's server may take."""


class DemoFailed(Exception):
    """The demonstration cannot go on; str() is one Chinese sentence."""


def demo(settings: Settings) -> int:
    """Play the campaign below DUBAN_HOME/demo and tell what happened; 0, or 1 with the reason."""
    console = Console()
    home = settings.home / "demo"
    shutil.rmtree(home, ignore_errors=True)
    private = _private_settings(home)
    try:
        with prefect_server(home / "prefect"):
            prepare(private)
            # Not before: Prefect reads the address of its server when it is imported.
            from flows.playing import play

            wait_for_server(console)
            told = play(private, PLAN, BEHAVIOUR, console)
    except DemoFailed as error:
        console.print(str(error))
        return 1
    from flows.playbill import show

    show(private, told, console)
    return 0


def _private_settings(home: Path) -> Settings:
    """The demo's own place: nothing of this machine's settings, above all no mail server."""
    for name in [name for name in os.environ if name.startswith("DUBAN_")]:
        del os.environ[name]
    os.environ["DUBAN_HOME"] = str(home)
    return read_settings()


@contextmanager
def prefect_server(home: Path) -> Iterator[None]:
    """A Prefect server of the demo's own, ended with it; the environment leads to it."""
    home.mkdir(parents=True)
    os.environ.update(prefect_environment(home, _free_port()))
    os.environ.update(PREFECT_LOGGING_LEVEL="ERROR", PREFECT_LOGGING_TO_API_ENABLED="false")
    with (home / "server.log").open("wb") as log:
        # A session of its own: Ctrl-C ends the demo, and the demo ends the server.
        server = subprocess.Popen(
            [*server_command(), "--no-ui"],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def prepare(settings: Settings) -> None:
    """Make the demo's ledger, with the invented bureau in it."""
    upgrade(settings.database_url)
    database = Database(settings.database_url)
    with database.writing() as session:
        import_units(session, read_table(BUREAU / "units.csv"))
        import_posts(session, read_table(BUREAU / "posts.csv"))
    database.close()


def wait_for_server(console: Console) -> None:
    """Wait until the server answers; raises DemoFailed when it does not in two minutes."""
    url = os.environ["PREFECT_API_URL"] + "/health"
    ends = time.monotonic() + SERVER_SECONDS
    with console.status("Prefect 服务器第一次启动，正在建库……"):
        while time.monotonic() < ends:
            try:
                if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                time.sleep(0.3)
    raise DemoFailed(f"Prefect 服务器没有启动起来：请看 {os.environ['PREFECT_HOME']}/server.log。")
