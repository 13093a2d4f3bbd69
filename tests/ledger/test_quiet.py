"""What is asked every few minutes reads no table that grows, whatever is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from config.clock import SHANGHAI
from config.database import Database
from ledger.campaigns import Campaign
from ledger.overview import campaign_row, stage_rows, waiting_for_office
from ledger.round import run_round
from ledger.workdays import WorkCalendar
from tests.ledger.play import Play, played
from tests.store import on_postgresql, rows

GROWING = ("obligation", "deadline", "rung_fire", "message", "message_item", "respondent", "unit")
"""Tables with a row for each unit or more."""

OF_FEW = ("ix_obligation_waiting", "ix_obligation_undated", "ix_deadline_set_aside")

FRIDAY = datetime(2017, 4, 21, 9, tzinfo=SHANGHAI)
CALENDAR = WorkCalendar()

pytestmark = pytest.mark.skipif(on_postgresql(), reason="PostgreSQL plans by the size it finds")


@pytest.fixture
def play() -> Play:
    """Friday's round is over and its messages have left; nothing falls due for weeks."""
    return played("  - {id: a, what: 方案, who: [各单位], due: 2017-06-30}\n", "2017-04-21")


@contextmanager
def noted(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database meanwhile: each statement with its values."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, values: Any, *_: Any) -> None:
        asked.append((sql, values))

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def steps(database: Database, asked: list[tuple[str, Any]]) -> set[tuple[str, str]]:
    """How SQLite goes about each statement, and the statement."""
    return {
        (step["detail"], " ".join(sql.split()))
        for sql, values in asked
        if sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT"))
        for step in rows(database, f"EXPLAIN QUERY PLAN {sql}", *values)
    }


def read_in_full(steps: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The steps that read every row of a growing table."""
    return {step for step in steps if re.match(rf"SCAN ({'|'.join(GROWING)})\b", step[0])}


def test_a_tick_and_a_round_with_nothing_due_look_only_at_what_is_due(play: Play) -> None:
    with play.database.writing() as session, noted(play.database.engine) as asked:
        assert run_round(session, FRIDAY + timedelta(days=3), CALENDAR) is not None  # a Monday's
        assert run_round(session, FRIDAY + timedelta(days=4), CALENDAR) is not None
        assert run_round(session, FRIDAY + timedelta(days=4, hours=1), CALENDAR) is None
    assert read_in_full(steps(play.database, asked)) == set()


def test_a_campaigns_page_counts_no_rows(play: Play) -> None:
    with play.database.reading() as session, noted(play.database.engine) as asked:
        campaign = session.scalars(select(Campaign)).one()
        campaign_row(session, campaign)
        stage_rows(session, campaign, CALENDAR)
        waiting_for_office(session, campaign, FRIDAY.date())
    taken = steps(play.database, asked)
    assert read_in_full(taken) == set()
    assert {index for step, _ in taken for index in OF_FEW if index in step} == set(OF_FEW)
