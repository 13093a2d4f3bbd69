"""How every step reaches the ledger: one database per process, and one way to be a task."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from sqlalchemy.orm import Session

from config.database import BUSY_OR_AWAY, Database
from config.settings import Settings, read_settings
from ledger.calendars import calendar_of
from ledger.workdays import WorkCalendar

P = ParamSpec("P")
R = TypeVar("R")

RETRY_AFTER = [1, 5, 20]
"""Seconds before each retry of a step that found the database busy or away."""


def step(name: str, run_name: str | None = None) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a function a task of this name.

    Nothing is cached: the default policy hashes only arguments, so that one step would be answered
    with another's result. Every step may be repeated, since the ledger knows what is done; only
    a database that is busy or away is tried again.
    """
    return task(
        name=name,
        task_run_name=run_name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=len(RETRY_AFTER),
        retry_delay_seconds=list(RETRY_AFTER),
        retry_condition_fn=passes,
    )


def passes(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a failure passes by itself: the database was locked or could not be reached."""
    return isinstance(state.data, BUSY_OR_AWAY)


def database() -> Database:
    """The ledger's database, as the settings name it."""
    return _database(read_settings().database_url)


@lru_cache(maxsize=4)
def _database(url: str) -> Database:
    return Database(url)


def calendar(settings: Settings | None = None) -> WorkCalendar:
    """The working calendar with this place's hours, before any ledger's lists are known."""
    known = settings or read_settings()
    return WorkCalendar(
        tz=known.timezone,
        opens=known.office_opens,
        closes=known.office_closes,
        daily_at=known.daily_at,
    )


def calendar_in(session: Session) -> WorkCalendar:
    """The working calendar with what has been imported into this ledger."""
    return calendar_of(session, calendar())
