"""The floor: plain SQL through the driver, nothing of duban's."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from tests.benchmarks.stock import FRIDAY, THURSDAY, WEDNESDAY

TEXT = Path(__file__).with_name("floor.sql").read_text("utf-8")
STATEMENTS = dict(re.findall(r"-- name: (\w+)\n(.+?)\s*(?=\n-- name|\Z)", TEXT, re.S))
BATCH = 4000
"""Rows to a commit, as the round's."""

INSTITUTES_ITEM, SCHOOLS_ITEM = 2, 3
"""The ids of the deliverables; the floor looks nothing up."""

PRAGMAS = ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON")


class Floor:
    """One connection that runs the named statements."""

    def __init__(self, url: str) -> None:
        self.on_sqlite = url.startswith("sqlite:")
        self._connection: Any = (
            _lite(url) if self.on_sqlite else psycopg.connect(url, prepare_threshold=None)
        )
        self.given: dict[str, Any] = {}

    def run(self, name: str, **more: Any) -> list[Any]:
        """One statement; what it selects."""
        sql = STATEMENTS[name]
        values = self.given | more
        if self.on_sqlite:
            found = self._connection.execute(sql, {k: _stored(v) for k, v in values.items()})
        else:
            found = self._connection.execute(re.sub(r":(\w+)", r"%(\1)s", sql), values)
        return list(found.fetchall()) if found.description else []

    def each(self, ids: str, *names: str) -> None:
        """The statements for every batch of ids, with a commit each."""
        found = sorted(row[0] for row in self.run(ids))
        for start in range(0, len(found), BATCH):
            batch = found[start : start + BATCH]
            for name in names:
                self.run(name, first=batch[0], last=batch[-1])
            self._connection.commit()

    def commit(self) -> None:
        self._connection.commit()

    def forget(self) -> None:
        """Drop the plans that were made for small tables."""
        if not self.on_sqlite:
            self._connection.execute("DISCARD PLANS")


def _lite(url: str) -> sqlite3.Connection:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value


def opening(floor: Floor) -> Iterator[Callable[[], None]]:
    """Every school is asked for one thing; the day before, ten institutes were."""
    floor.given = {
        "deliverable": INSTITUTES_ITEM,
        "campaign": 1,
        "ladder": 1,
        "now": WEDNESDAY,
        "today": WEDNESDAY.date(),
        "due": date(2017, 6, 30),
        "lock_on": date(2017, 7, 28),
        "lock_at": datetime(2017, 7, 28, 16, tzinfo=UTC),
        "next_at": datetime(2017, 6, 26, 16, tzinfo=UTC),
    }

    def work() -> None:
        floor.each("asked", "obligations", "tally", "deadlines")
        floor.run("opened")
        floor.commit()

    work()
    floor.forget()
    floor.given["deliverable"] = SCHOOLS_ITEM
    yield work


def busy(floor: Floor) -> Iterator[Callable[[], None]]:
    """A tenth of what is open is due: one rung, one line and one message each."""
    floor.given = {
        "round": 1000,
        "now": THURSDAY,
        "today": THURSDAY.date(),
        "next_at": datetime(2017, 4, 25, 16, tzinfo=UTC),
    }

    def work() -> None:
        floor.run("round")
        floor.commit()
        floor.each("due", "fires", "climbed")
        floor.each("fired", "items")
        floor.each("told", "messages", "grouped")
        floor.run("sealed")
        floor.run("ready")
        floor.commit()

    yield work


def quiet(floor: Floor) -> Iterator[Callable[[], None]]:
    """Nothing is due: the round is written down, that is all."""
    for number in range(20):
        at = FRIDAY + timedelta(weeks=100, days=number)
        floor.given = {"round": 2000 + number, "now": at, "today": at.date()}

        def work() -> None:
            floor.run("round")
            floor.run("probe", now=FRIDAY - timedelta(weeks=100))
            floor.run("sealed")
            floor.commit()

        yield work


def counts(floor: Floor) -> Iterator[Callable[[], None]]:
    """The counters of each stage."""
    floor.given = {"campaign": 1}
    for _ in range(20):
        yield lambda: (floor.run("counts"), floor.commit())[-1]


WORKS = {"opening": opening, "busy": busy, "quiet": quiet, "counts": counts}
