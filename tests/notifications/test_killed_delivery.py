"""Delivering processes are killed at random moments; every message is accounted for in the end."""

from __future__ import annotations

import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from config.database import Database
from config.settings import Settings, read_settings
from ledger.messages import Message, MessageState
from notifications.deliver import deliver
from notifications.mail import message_id_of
from tests import store
from tests.notifications.scene import CAL, NOW, Scene
from tests.notifications.sink import Sink, listening
from tests.store import on_postgresql

DUE = 500
KILLS = 3 if on_postgresql() else 10
SENDER = "duban@yunchuan.example"
LATER = NOW + timedelta(minutes=11)
IDENTITY = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE)

CHILDREN = get_context("forkserver")
CHILDREN.set_forkserver_preload(["tests.notifications.test_killed_delivery"])

Say = Callable[[str], None]


def settings_for(home: Path, url: str, port: int) -> Settings:
    return read_settings(
        home=home,
        database_url=url,
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security="none",
        mail_from=SENDER,
    )


def deliver_alone(home: Path, url: str, port: int) -> None:
    """What the process does that is killed."""
    database = Database(url)
    deliver(database, settings_for(home, url, port), NOW, CAL)


def five_hundred() -> Database:
    """Every second message holds a rung, the others only a weekly list."""
    database = store.empty()
    with database.writing() as session:
        scene = Scene(session)
        soon = NOW.date() + timedelta(days=3)
        for number in range(DUE):
            post = scene.post(f"联络员{number}", scene.contact.role, scene.school)
            if number % 2:
                scene.digest(post)
            else:
                scene.weekly(scene.message(post), post, scene.owed(soon))
    return database


class Street:
    """One ledger, one server, and the processes that are killed between them."""

    def __init__(self, database: Database, home: Path, sink: Sink, port: int) -> None:
        self.database, self.home, self.sink, self.port = database, home, sink, port
        self.url = store.address(database)

    def ready(self) -> int:
        with self.database.reading() as session:
            waiting = select(func.count(Message.id)).where(Message.state == MessageState.READY)
            return session.scalar(waiting) or 0

    def kill_one(self, after: float) -> bool:
        """Start a process and kill it so long after its first mail; False when it was done."""
        before = len(self.sink.mails)
        process = CHILDREN.Process(target=deliver_alone, args=(self.home, self.url, self.port))
        process.start()
        while len(self.sink.mails) == before and process.is_alive():
            time.sleep(0.002)
        time.sleep(after)
        process.kill()
        process.join(30)
        return process.exitcode == -signal.SIGKILL

    def finish(self) -> None:
        """Ten minutes on, what the killed left behind is unknown, and all else leaves."""
        deliver(self.database, settings_for(self.home, self.url, self.port), LATER, CAL)

    def account(self) -> Counter[str]:
        """What became of each message, held against what really arrived."""
        arrived = Counter(
            match.group(1).decode()
            for mail in self.sink.mails
            if (match := IDENTITY.search(mail)) is not None
        )
        assert sum(arrived.values()) == len(self.sink.mails)
        found: Counter[str] = Counter()
        with self.database.reading() as session:
            for message in session.scalars(select(Message)):
                times = arrived.pop(message_id_of(message.key, SENDER), 0)
                weekly = {item.kind.value for item in message.items} == {"weekly"}
                self._check(message, times, weekly)
                again = "，又发一次" if message.resends else ""
                found[f"{message.state.value}{again}，到了 {times} 封"] += 1
        assert not arrived, "nothing arrives that the outbox does not know"
        return found

    @staticmethod
    def _check(message: Message, times: int, weekly: bool) -> None:
        assert message.state in (MessageState.SENT, MessageState.UNKNOWN), message.state
        if message.resends:
            assert not weekly and message.state is MessageState.SENT and times in (1, 2)
        elif message.state is MessageState.SENT:
            assert times == 1, message.key
        else:
            assert weekly and times in (0, 1), message.key


@pytest.fixture
def full() -> Iterator[Database]:
    database = five_hundred()
    yield database
    database.close()


def killed(full: Database, home: Path, kills: int, seed: int) -> tuple[Counter[str], int]:
    """Kill so often, with a fresh five hundred whenever all have left; what became of them."""
    chance, found, ledgers = Random(seed), Counter[str](), 0
    while kills > 0:
        sink, ledgers = Sink(), ledgers + 1
        with listening(sink) as port:
            street = Street(store.shared(full), home, sink, port)
            while kills > 0 and street.ready():
                kills -= street.kill_one(chance.uniform(0, 0.8))
            street.finish()
            found += street.account()
    return found, ledgers


def tell(found: Counter[str], ledgers: int, kills: int) -> str:
    counts = "；".join(f"{what}：{number}" for what, number in sorted(found.items()))
    return f"杀了 {kills} 次，{ledgers} 本台账，每本 {DUE} 条。{counts}"


@pytest.mark.timeout(300)
def test_every_message_arrived_once_or_is_shown_as_unknown(
    full: Database, tmp_path: Path, say: Say
) -> None:
    found, ledgers = killed(full, tmp_path, KILLS, seed=1)
    say(tell(found, ledgers, KILLS))
    assert sum(found.values()) == ledgers * DUE


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_hundred_kills(full: Database, tmp_path: Path, say: Say) -> None:
    found, ledgers = killed(full, tmp_path, 100, seed=2)
    say(tell(found, ledgers, 100))
    assert sum(found.values()) == ledgers * DUE
