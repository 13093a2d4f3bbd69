"""Two processes that wait for one another at the round's first writing transaction, then race."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import BrokenBarrierError
from typing import Any, Protocol

from sqlalchemy import event

from config.database import Database
from ledger.round import run_round
from ledger.workdays import WorkCalendar

PATIENCE = 60
"""Seconds for a rival to arrive, or a race to end; only a deadlock takes so long."""


class Barrier(Protocol):
    def wait(self, timeout: float) -> int: ...


def race(path: str, orders: Connection, barrier: Barrier) -> None:
    """Run a round for each order (now, batch, seed) until told None; answer what went wrong."""
    database, calendar = Database(f"sqlite:///{path}"), WorkCalendar()
    state: dict[str, Any] = {"waited": True, "random": random.Random()}

    def before_each_transaction(*_: object) -> None:
        if not state["waited"]:
            state["waited"] = True
            barrier.wait(PATIENCE)
        else:
            time.sleep(state["random"].random() / 500)

    # A connection is taken from the pool before BEGIN IMMEDIATE: nobody holds the lock yet.
    event.listen(database.engine, "checkout", before_each_transaction)
    while (order := orders.recv()) is not None:
        now, batch, seed = order
        state.update(waited=False, random=random.Random(seed))
        orders.send(_try(partial(_round, database, now, calendar, batch)))


def _round(database: Database, now: datetime, calendar: WorkCalendar, batch: int) -> bool:
    with database.writing() as session:
        return run_round(session, now, calendar, batch) is not None


def _try(run: Callable[[], bool]) -> bool | str:
    try:
        return run()
    except BrokenBarrierError:
        return "the rival never came"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class Rivals:
    """Two live processes on one database file, which is put back before each race."""

    def __init__(self, path: Path, before: Path) -> None:
        self.path, self.before = path, before
        context = get_context("spawn")
        self._barrier = context.Barrier(2)
        self._orders: list[Connection] = []
        self._processes = []
        for _ in range(2):
            mine, theirs = context.Pipe()
            process = context.Process(
                target=race, args=(str(path), theirs, self._barrier), daemon=True
            )
            process.start()
            self._orders.append(mine)
            self._processes.append(process)

    def run(self, now: datetime, batch: int, seed: int) -> list[bool | str]:
        """One race; which of the two sealed the round."""
        put_back(self.before, self.path)
        for number, orders in enumerate(self._orders):
            orders.send((now, batch, seed * 2 + number))
        return [self._answer(orders) for orders in self._orders]

    def _answer(self, orders: Connection) -> bool | str:
        return orders.recv() if orders.poll(PATIENCE) else "no answer"

    def stop(self) -> None:
        """Send both home."""
        for orders in self._orders:
            orders.send(None)
        for process in self._processes:
            process.join(PATIENCE)


def put_back(before: Path, path: Path) -> None:
    """The file's content as it was, under the feet of whoever has it open."""
    source, target = sqlite3.connect(before), sqlite3.connect(path)
    source.backup(target)
    source.close()
    target.close()
