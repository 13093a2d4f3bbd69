"""Processes that wait for one another at the round's first writing transaction, then race."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import BrokenBarrierError
from typing import Protocol

from sqlalchemy import event

from config.database import Database
from ledger.round import run_round
from ledger.workdays import WorkCalendar
from tests.store import address

PATIENCE = 60
"""Seconds for a rival to arrive, or a race to end; only a deadlock takes so long."""


class Barrier(Protocol):
    def wait(self, timeout: float) -> int: ...


def race(orders: Connection, barrier: Barrier) -> None:
    """Run a round for each order (address, now, batch, seed) until told None; answer what came."""
    calendar, pace = WorkCalendar(), Pace(barrier)
    opened: dict[str, Database] = {}
    while (order := orders.recv()) is not None:
        url, now, batch, seed = order
        if url not in opened:
            opened[url] = Database(url)
            # A connection is taken from the pool before its transaction begins: nobody has the
            # turn yet.
            event.listen(opened[url].engine, "checkout", pace.before_each_transaction)
        pace.set_off(seed)
        orders.send(_try(partial(_round, opened[url], now, calendar, batch)))
        opened[url].close()


class Pace:
    """Waits for the rivals before the first transaction, and a moment before each one after."""

    def __init__(self, barrier: Barrier) -> None:
        self._barrier = barrier

    def set_off(self, seed: int) -> None:
        """A new race."""
        self._arrived, self._by_chance = False, random.Random(seed)

    def before_each_transaction(self, *_: object) -> None:
        if not self._arrived:
            self._arrived = True
            self._barrier.wait(PATIENCE)
        else:
            time.sleep(self._by_chance.random() / 500)


def _round(database: Database, now: datetime, calendar: WorkCalendar, batch: int) -> bool:
    with database.writing() as session:
        return run_round(session, now, calendar, batch) is not None


def _try(run: Callable[[], bool]) -> bool | str:
    try:
        return run()
    except BrokenBarrierError:
        return "the rivals never came"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class Rivals:
    """Some live processes that all have the same to do on the same ledger."""

    def __init__(self, number: int) -> None:
        context = get_context("spawn")
        self._barrier = context.Barrier(number)  # kept: whoever starts late looks it up
        self._orders: list[Connection] = []
        self._processes = []
        for _ in range(number):
            mine, theirs = context.Pipe()
            process = context.Process(target=race, args=(theirs, self._barrier), daemon=True)
            process.start()
            self._orders.append(mine)
            self._processes.append(process)

    def run(self, database: Database, now: datetime, batch: int, seed: int) -> list[bool | str]:
        """One race; which of them sealed the round."""
        for number, orders in enumerate(self._orders):
            orders.send((address(database), now, batch, seed * len(self._orders) + number))
        return [self._answer(orders) for orders in self._orders]

    def _answer(self, orders: Connection) -> bool | str:
        return orders.recv() if orders.poll(PATIENCE) else "no answer"

    def stop(self) -> None:
        """Send all home."""
        for orders in self._orders:
            orders.send(None)
        for process in self._processes:
            process.join(PATIENCE)
