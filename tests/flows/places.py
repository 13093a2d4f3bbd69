"""A place to run in: the ledger of a small bureau, and the processes that serve it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiosmtpd.controller import Controller
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.database import Database
from config.settings import read_settings
from config.tables import Row
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
from tests.flows.servers import HTTP, Server, Sink, free_port, kill, wait_for

ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2017, 4, 14, 10, tzinfo=ZONE)
MONDAY = datetime(2017, 4, 17, 10, tzinfo=ZONE)
OFFICE = "梁晓舟"
IN_A_FILE = "sqlite:///{home}/duban.db"

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


class Place:
    """A ledger with a small bureau, and the processes that serve it."""

    def __init__(self, home: Path, server: Server, database_url: str) -> None:
        self.home, self.server = home, server
        home.mkdir(parents=True, exist_ok=True)
        self.sink = Sink()
        self.smtp = Controller(self.sink, hostname="127.0.0.1", port=free_port())
        self.smtp.start()
        self.clock = home / "now"
        self.set_clock(FRIDAY)
        self.settings = read_settings(home=home, database_url=database_url)
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
            "DUBAN_DATABASE_URL": self.settings.database_url,
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

    def decide(self, slugs: str | Iterable[str], stage: str, reason: str) -> None:
        """The office decides that a stage moves on: a row, nothing more.

        Of several campaigns at once, so that no service carries out one before the next is there.
        """
        with self.database.writing() as session:
            by = self.office(session)
            for slug in [slugs] if isinstance(slugs, str) else slugs:
                campaign = session.scalars(select(Campaign).where(Campaign.slug == slug)).one()
                found = next(row for row in campaign.stages if row.key == stage)
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
        return sorted((mail["To"], mail["Subject"], text_of(mail)) for mail in self.sink.mails)

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


def text_of(mail: EmailMessage) -> str:
    """The plain words of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def waits_under(run: dict[str, Any]) -> str | None:
    """The key a run is suspended under; None when it is not."""
    if run["state_type"] != "PAUSED":
        return None
    key: str | None = run["state"]["state_details"]["pause_key"]
    return key


@contextmanager
def place(home: Path, server: Server, database_url: str = IN_A_FILE) -> Iterator[Place]:
    """A place, cleared away afterwards."""
    found = Place(home, server, database_url)
    try:
        yield found
    finally:
        found.close()


def _rows(cells: list[dict[str, str]]) -> list[Row]:
    return [Row(line, row) for line, row in enumerate(cells, start=2)]
