"""A real Prefect server of our own, a mail sink, and waiting for what other processes do."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx

from flows.environment import prefect_environment, server_command

HTTP = httpx.Client(timeout=10, verify=False)
"""One for all: each new client reads all certificates there are."""


def wait_for(what: str, seen: Callable[[], Any], seconds: float = 60) -> Any:
    """Look until something is seen; fail with what was waited for."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found := seen():
            return found
        time.sleep(0.4)
    raise AssertionError(f"not seen within {seconds:.0f} s: {what}")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Sink:
    """Keeps the mails it is handed."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail in."""
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@dataclass
class Server:
    """A Prefect server of our own."""

    home: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a client of it has in its environment."""
        return {**prefect_environment(self.home, self.port), "PREFECT_LOGGING_LEVEL": "WARNING"}

    @property
    def url(self) -> str:
        """Its API."""
        return self.environment["PREFECT_API_URL"]

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                server_command(),
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for("an answer of Prefect's server", self.answers, 100)

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            return HTTP.get(f"{self.url}/health", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """SIGKILL."""
        kill(self.process)
        self.process = None

    def forget(self, template: Path) -> None:
        """Lose its whole database; an empty one stands ready instead."""
        for file in self.home.glob("prefect.db*"):
            file.unlink()
        shutil.copy(template, self.home / "prefect.db")


def kill(process: subprocess.Popen[bytes] | None) -> None:
    """SIGKILL to the process and all it has started."""
    if process is not None and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def save_template(home: Path, template: Path) -> None:
    """An empty copy of a server's database, made while it runs."""
    with sqlite3.connect(home / "prefect.db") as database:
        database.execute("VACUUM INTO ?", (str(template),))
