"""The loops of `serve`: what they wait for, and what takes them all along."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import OperationalError

from config.database import Database
from flows import serve
from flows.serve import carry_out_waiting, repeat, show_until
from ledger.workdays import WorkCalendar
from tests.flows.servers import wait_for

BUSY = OperationalError("UPDATE", {}, Exception("database is locked"))


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "EVERY", 0.01)
    monkeypatch.setattr(serve, "AGAIN_AFTER", 0.01)


def test_a_busy_database_is_waited_for_and_the_loop_goes_on() -> None:
    stop, calls = threading.Event(), []

    def work() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise BUSY
        stop.set()

    repeat(work, stop)
    assert len(calls) == 3


def test_an_error_nobody_foresaw_ends_the_loop_and_stops_the_others() -> None:
    stop = threading.Event()

    def work() -> None:
        raise KeyError("unforeseen")

    with pytest.raises(KeyError):
        repeat(work, stop)
    assert stop.is_set()


def test_without_decisions_nothing_is_written(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writing() -> None:
        raise AssertionError("the database was locked for nothing")

    monkeypatch.setattr(empty_database, "writing", writing)
    carry_out_waiting(empty_database, WorkCalendar())


def test_whatever_befalls_prefect_the_display_begins_again(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, lives = threading.Event(), []

    async def show(*_: object) -> None:
        lives.append(1)
        raise ExceptionGroup("runner", [RuntimeError("Service exceeded error threshold.")])

    monkeypatch.setattr(serve, "show", show)
    loop = threading.Thread(target=show_until, args=(stop, empty_database))
    loop.start()
    wait_for("three lives", lambda: len(lives) >= 3, 5)
    assert not stop.is_set()
    stop.set()
    loop.join(5)
    assert not loop.is_alive()
