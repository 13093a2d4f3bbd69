"""Digests handed to a local SMTP server: through duban, and by the usual ways beside it.

`python -m tests.benchmarks.mails [HOW_MANY]` prints a table. The server is a process of its own
that takes everything and keeps nothing; every way sends the same words as text and HTML.
"""

from __future__ import annotations

import multiprocessing
import smtplib
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from multiprocessing.synchronize import Event
from pathlib import Path
from socket import socket
from time import perf_counter
from typing import Any

import apprise
from aiosmtpd.controller import Controller
from sqlalchemy import select

import migrations
from config.database import Database
from config.settings import Settings, read_settings
from ledger.letters import letters
from ledger.messages import Message
from notifications.deliver import deliver
from notifications.rendering import Place, render
from tests.notifications.scene import CAL, NOW, Scene

MAILS = 5000
RENDERED = 500
SENDER = "duban@yunchuan.example"
READER = "someone@yunchuan.example"


class Sink:
    """Takes everything, keeps nothing."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Taken."""
        return "250 OK"


def _serve(port: int, up: Event, over: Event) -> None:
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    up.set()
    over.wait()
    controller.stop()


@contextmanager
def server() -> Iterator[int]:
    """The port of a server in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    up, over = spawn.Event(), spawn.Event()
    process = spawn.Process(target=_serve, args=(port, up, over))
    process.start()
    up.wait(60)
    try:
        yield port
    finally:
        over.set()
        process.join(30)


def stock(folder: Path, size: int) -> tuple[Database, Settings]:
    """A ledger in which as many digests are ready, each to a contact of its own."""
    settings = read_settings(home=folder)
    migrations.upgrade(settings.database_url)
    database = Database(settings.database_url)
    with database.writing() as session:
        scene = Scene(session)
        for number in range(size):
            unit = scene.unit(f"第{number}学校")
            scene.digest(scene.post(f"联络员{number}", scene.contact.role, unit))
    return database, settings


def through_duban(database: Database, settings: Settings, port: int) -> int:
    """Deliver them all; how many were sent."""
    changed = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    pointed = settings.model_copy(update={**changed, "mail_from": SENDER})
    return deliver(database, pointed, NOW, CAL).sent


def words(database: Database) -> list[tuple[str, str]]:
    """Subject and text as they left."""
    with database.reading() as session:
        rows = session.execute(select(Message.subject, Message.body).order_by(Message.id))
        return [(subject or "", body or "") for subject, body in rows]


def through_apprise(said: Sequence[tuple[str, str]], port: int) -> None:
    """One URL, one call for each, as its documentation shows."""
    for subject, body in said:
        one = apprise.Apprise()
        one.add(f"mailto://127.0.0.1:{port}/?from={SENDER}&to={READER}&mode=insecure")
        one.notify(title=subject, body=body)


def mail_of(subject: str, body: str) -> EmailMessage:
    """The mail as the standard library makes it."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, SENDER, READER
    mail.set_content(body)
    mail.add_alternative(f"<html><body><pre>{body}</pre></body></html>", subtype="html")
    return mail


def through_new_connections(said: Sequence[tuple[str, str]], port: int) -> None:
    """smtplib, a connection for each."""
    for subject, body in said:
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.send_message(mail_of(subject, body))


def through_one_connection(said: Sequence[tuple[str, str]], port: int) -> None:
    """smtplib, one connection for all."""
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for subject, body in said:
            smtp.send_message(mail_of(subject, body))


def prebuilt(said: Sequence[tuple[str, str]], port: int) -> None:
    """smtplib, one connection, the same bytes every time: what the line itself takes."""
    content = mail_of(*said[0]).as_bytes(policy=SMTP)
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for _ in said:
            smtp.sendmail(SENDER, [READER], content)


def timed(name: str, number: int, work: Callable[[], object]) -> float:
    """Milliseconds for each, printed."""
    began = perf_counter()
    work()
    each = (perf_counter() - began) * 1000 / number
    print(f"| {name} | {number:,} | {each:.2f} | {1000 / each:.0f} |")
    return each


def render_all(database: Database) -> int:
    """Put some digests into words, without sending; how many."""
    with database.reading() as session:
        ids = session.scalars(select(Message.id).limit(RENDERED)).all()
        found = letters(session, ids, NOW, CAL).values()
    place = Place(CAL.tz, "https://duban.yunchuan.example")
    for letter in found:
        render(letter, NOW, place)
    return len(found)


def measure(size: int) -> None:
    """Print the table."""
    print("| 怎样发 | 件数 | 每件毫秒 | 每秒件数 |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, server() as port:
        database, settings = stock(Path(folder), size)
        render_all(database)
        some = min(size, RENDERED)
        timed("只读出、排成文字（四种写法）", some, lambda: render_all(database))
        ours = timed("督办", size, lambda: through_duban(database, settings, port))
        said = words(database)
        raw = timed("smtplib，一个连接", size, lambda: through_one_connection(said, port))
        timed("smtplib，一个连接，字节现成", size, lambda: prebuilt(said, port))
        timed("smtplib，每件一个连接", size, lambda: through_new_connections(said, port))
        timed("Apprise", size, lambda: through_apprise(said, port))
        database.close()
    print(f"\n督办是 smtplib（一个连接）的 {ours / raw:.2f} 倍。")


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else MAILS)
