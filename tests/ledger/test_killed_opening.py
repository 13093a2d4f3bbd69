"""A big opening killed in the middle and started again ends in the same rows as an undisturbed one.

Killed wherever it just is, mostly inside a transaction; test_two_at_once kills at every commit.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from config.database import Database
from ledger.campaigns import Deliverable
from ledger.round import BATCH, run_round
from ledger.workdays import WorkCalendar
from tests.benchmarks.places import Files
from tests.benchmarks.stock import TUESDAY, WEDNESDAY, write_eve
from tests.store import on_postgresql

OTHER_BATCH = BATCH - 1
"""So that what was left half done is taken up by other batches than those that began it."""

pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.skipif(on_postgresql(), reason="its files are SQLite's, in the other run already"),
]

BY_NATURE = {
    "obligation": "SELECT deliverable_id, respondent_id, respondent_class, period, opened_at,"
    " scheduled_due, due, state, asked, received, lock_on, lock_at"
    " FROM obligation ORDER BY deliverable_id, respondent_id, period",
    "deadline": "SELECT o.deliverable_id, o.respondent_id, o.period, d.campaign_id, d.ladder_id,"
    " d.due, d.opened_on, d.armed_on, d.epoch, d.start_rung, d.told, d.next_rung, d.next_repeat,"
    " d.next_at, d.clock FROM deadline d JOIN obligation o ON o.id = d.obligation_id"
    " ORDER BY 1, 2, 3",
    "rung_fire": "SELECT o.deliverable_id, o.respondent_id, o.period, f.epoch, f.rung, f.repeat,"
    " f.fired, f.planned_on, f.decided_at FROM rung_fire f JOIN deadline d ON d.id = f.deadline_id"
    " JOIN obligation o ON o.id = d.obligation_id ORDER BY 1, 2, 3, 4, 5, 6",
    "tally": "SELECT * FROM tally ORDER BY deliverable_id, period, respondent_class",
    "deliverable": "SELECT * FROM deliverable ORDER BY id",
}
"""Every table an opening writes, in an order of its own and without what a restart may number
otherwise."""


@pytest.fixture
def place() -> Iterator[Files]:
    files = Files()
    yield files
    files.close()


def open_all(url: str, batch: int = BATCH) -> None:
    """Tuesday's tick, when ten institutes are asked, and Wednesday's, when all schools are."""
    database = Database(url)
    with database.writing() as session:
        for now in (TUESDAY, WEDNESDAY):
            run_round(session, now, WorkCalendar(), batch)
    database.close()


def killed_in_the_middle(file: Path, size: int) -> bool:
    """Start the opening in a process of its own and kill it when half is written."""
    child = os.fork()
    if child == 0:
        try:
            open_all(f"sqlite:///{file}")
        finally:
            os._exit(0)
    while written(file) < size / 2:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return False
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def written(file: Path) -> int:
    """How many obligations are there."""
    connection = sqlite3.connect(file)
    (last,) = connection.execute("SELECT max(id) FROM obligation").fetchone()
    connection.close()
    return last or 0


def digests(file: Path) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a digest of them."""
    connection = sqlite3.connect(file)
    found = {}
    for table, rows in BY_NATURE.items():
        digest, number = hashlib.sha256(), 0
        for row in connection.execute(rows):
            digest.update(repr(row).encode())
            number += 1
        found[table] = number, digest.hexdigest()
    connection.close()
    return found


@pytest.mark.parametrize(
    "size", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)], ids="{:,}".format
)
def test_an_opening_killed_and_started_again_ends_in_the_same_rows(place: Files, size: int) -> None:
    write_eve(place, "eve", size)
    database = Database(place.url("eve"))
    with database.writing() as session:  # so near that the first rung is suppressed
        session.execute(
            update(Deliverable).where(Deliverable.key == "b").values(due_on=WEDNESDAY.date())
        )
    database.close()
    for name in ("whole", "killed"):
        place.copy("eve", name)
    whole, killed = place.folder / "whole.db", place.folder / "killed.db"
    open_all(f"sqlite:///{whole}")
    assert killed_in_the_middle(killed, size)
    assert size / 2 <= written(killed) < size, "it was killed in the middle"
    open_all(f"sqlite:///{killed}", OTHER_BATCH)
    expected = digests(whole)
    assert digests(killed) == expected
    assert expected["obligation"][0] == expected["deadline"][0] == size + 20
    assert expected["rung_fire"][0] >= size
