"""A place to run in: a small bureau's ledger, a real Prefect server and `serve`, a mail sink."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from aiosmtpd.controller import Controller
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.database import Database
from config.settings import read_settings
from config.tables import Row
from flows.environment import prefect_environment, server_command
from ledger.audit import Actor, actor
from ledger.campaigns import Campaign, Decision, Move
from ledger.launch import launch
from ledger.messages import Message, MessageState
from ledger.plan import read_plan
from ledger.roster import import_posts, import_units
from ledger.round import run_round
from ledger.stages import decide, moves_carried_out
from ledger.tables import metadata
from ledger.units import Person, Post
from ledger.workdays import WorkCalendar
from migrations import upgrade

ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2017, 4, 14, 10, tzinfo=ZONE)
MONDAY = datetime(2017, 4, 17, 10, tzinfo=ZONE)
OFFICE = "梁晓舟"

SCHOOLS = ("甲中学", "乙中学", "丙小学")
UNITS = [{"单位名称": name, "类别": "学校"} for name in SCHOOLS]
POSTS = [
    {"姓名": OFFICE, "角色": "活动办", "邮箱": "office@bureau.example"},
    {"姓名": "周知行", "角色": "领导小组", "邮箱": "group@bureau.example"},
    *(
        {"姓名": f"{name}联络员", "角色": "联络员", "单位": name, "邮箱": f"c{n}@bureau.example"}
        for n, name in enumerate(SCHOOLS)
    ),
]

PLAN = """\
name: {short}活动
slug: {slug}
short: {short}
document: {{title: 关于开展{short}活动的通知, issued: 2017-04-14}}
addressees:
  各学校: {{classes: [学校]}}
stages:
  - {{id: start, name: 宣传发动, from: 2017-04-14, until: 2017-04-21}}
  - {{id: check, name: 查摆问题, from: 2017-04-24, until: 2017-05-31}}
items:
  - {{id: plan, what: 实施方案, who: [各学校], stage: start, from: 2017-04-14, due: 2017-04-18}}
"""


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
        self.mails: list[Mail] = []

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


class Place:
    """A ledger with a small bureau, and the processes that serve it."""

    def __init__(self, home: Path, server: Server) -> None:
        self.home, self.server = home, server
        home.mkdir(parents=True, exist_ok=True)
        self.sink = Sink()
        self.smtp = Controller(self.sink, hostname="127.0.0.1", port=free_port())
        self.smtp.start()
        self.clock = home / "now"
        self.set_clock(FRIDAY)
        self.settings = read_settings(home=home)
        upgrade(self.settings.database_url)
        self.database = Database(self.settings.database_url)
        self.cal = WorkCalendar(tz=ZONE)
        self.service: subprocess.Popen[bytes] | None = None
        with self.database.writing() as session:
            import_units(session, _rows(UNITS))
            import_posts(session, _rows(POSTS))

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process of this place."""
        return {
            **self.server.environment,
            "DUBAN_HOME": str(self.home),
            "DUBAN_NOW": f"@{self.clock}",
            "DUBAN_SMTP_HOST": "127.0.0.1",
            "DUBAN_SMTP_PORT": str(self.smtp.port),
            "DUBAN_SMTP_SECURITY": "none",
            "DUBAN_MAIL_FROM": "duban@bureau.example",
        }

    def set_clock(self, now: datetime) -> None:
        """What time it is in this place."""
        self.now = now
        new = self.clock.with_suffix(".new")
        new.write_text(now.isoformat())
        new.replace(self.clock)

    def start(self) -> None:
        """Start `python -m flows serve`."""
        with (self.home / "serve.log").open("ab") as log:
            self.service = subprocess.Popen(
                [sys.executable, "-m", "flows", "serve"],
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL to the service and its flow runs."""
        kill(self.service)
        self.service = None

    def stop(self) -> int:
        """SIGTERM as a supervisor sends it; the exit code."""
        assert self.service is not None
        self.service.terminate()
        code = self.service.wait(30)
        self.service = None
        return code

    def close(self) -> None:
        """End everything of this place but the server."""
        self.kill()
        self.smtp.stop()
        self.database.close()

    def launch(self, slug: str, short: str) -> None:
        """Launch a campaign of two stages and one deliverable; the round follows at once."""
        text = PLAN.format(slug=slug, short=short)
        with self.database.writing() as session:
            plan = read_plan(text, "plan.yaml")
            launch(session, plan, text, "", self.office(session), self.now, self.cal)
        self.tick()

    def tick(self) -> None:
        """What `duban tick` does to the ledger: carry out, and the round."""
        with self.database.writing() as session:
            run_round(session, self.now, self.cal)

    def office(self, session: Session) -> Actor:
        """The office, as it acts."""
        post = select(Post).join(Person, Person.id == Post.person_id).where(Person.name == OFFICE)
        return actor(session.scalars(post).one())

    def decide(self, slug: str, stage: str, reason: str) -> None:
        """The office decides that a stage moves on: a row, nothing more."""
        with self.database.writing() as session:
            campaign = session.scalars(select(Campaign).where(Campaign.slug == slug)).one()
            found = next(row for row in campaign.stages if row.key == stage)
            by = self.office(session)
            decide(session, campaign, Move.FINISH, by, self.now, found, reason)

    def close_campaign(self, slug: str) -> None:
        """The office decides that the campaign ends."""
        with self.database.writing() as session:
            campaign = session.scalars(select(Campaign).where(Campaign.slug == slug)).one()
            decide(session, campaign, Move.CLOSE, self.office(session), self.now, reason="结束")

    def moves(self, slug: str) -> int:
        """How many moves of a campaign have been carried out."""
        with self.database.reading() as session:
            campaign = session.scalars(select(Campaign).where(Campaign.slug == slug)).one()
            return moves_carried_out(session, campaign.id)

    def slugs(self) -> set[str]:
        """The campaigns there are."""
        with self.database.reading() as session:
            return set(session.scalars(select(Campaign.slug)))

    def decisions(self, slug: str) -> list[Decision]:
        """The decisions of a campaign, oldest first."""
        with self.database.reading() as session:
            rows = select(Decision).join(Campaign).where(Campaign.slug == slug)
            return list(session.scalars(rows.order_by(Decision.id)))

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of the ledger, outbox and history included."""
        with self.database.reading() as session:
            return {
                table.name: [dict(row) for row in session.execute(select(table)).mappings().all()]
                for table in metadata.sorted_tables
            }

    def unsent(self) -> int:
        """How many messages have yet to leave."""
        on_the_way = (MessageState.DRAFT, MessageState.READY, MessageState.SENDING)
        with self.database.reading() as session:
            rows = select(func.count(Message.id)).where(Message.state.in_(on_the_way))
            return session.scalar(rows) or 0

    def mails(self) -> list[tuple[str, str, str]]:
        """Who got which mail: address, subject, text; in order of address."""
        return sorted(
            (mail["To"], mail["Subject"], mail.get_body(("plain",)).get_content())  # type: ignore[attr-defined]
            for mail in self.sink.mails
        )

    def runs(self, slug: str) -> list[dict[str, Any]]:
        """The campaign's flow runs as Prefect has them, oldest first."""
        wanted = {"flow_runs": {"tags": {"all_": ["duban"]}}, "sort": "START_TIME_ASC"}
        rows = HTTP.post(f"{self.server.url}/flow_runs/filter", json=wanted).json()
        return [row for row in rows if row["parameters"].get("slug") == slug]

    def deployments(self) -> set[str]:
        """The names of the deployments Prefect knows."""
        rows = HTTP.post(f"{self.server.url}/deployments/filter", json={}).json()
        return {row["name"] for row in rows}

    def log(self) -> str:
        """What the service has said."""
        return (self.home / "serve.log").read_text()

    def suspended(self, slug: str, key: str) -> dict[str, Any] | None:
        """The run that waits under this key, once there is one."""
        return next((run for run in self.runs(slug) if waits_under(run) == key), None)

    def wait_suspended(self, slug: str, key: str, seconds: float = 60) -> dict[str, Any]:
        """Wait until a run of the campaign is suspended under this key."""
        found: dict[str, Any] = wait_for(
            f"{slug} suspended under {key}", lambda: self.suspended(slug, key), seconds
        )
        return found


def waits_under(run: dict[str, Any]) -> str | None:
    """The key a run is suspended under; None when it is not."""
    if run["state_type"] != "PAUSED":
        return None
    key: str | None = run["state"]["state_details"]["pause_key"]
    return key


@contextmanager
def place(home: Path, server: Server) -> Iterator[Place]:
    """A place, cleared away afterwards."""
    found = Place(home, server)
    try:
        yield found
    finally:
        found.close()


def _rows(cells: list[dict[str, str]]) -> list[Row]:
    return [Row(line, row) for line, row in enumerate(cells, start=2)]
