"""The counters: right after every kind of change, whichever way it is made."""

from __future__ import annotations

import ast
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import ledger
from config.clock import SHANGHAI
from ledger.base import Base
from ledger.campaigns import Campaign, Deliverable
from ledger.obligations import Obligation, ObligationState
from ledger.rates import Counts, counts_by
from ledger.self_audit import report_gaps
from ledger.tallies import Tally
from ledger.tallying import change_many, mistallied, recount
from ledger.workdays import WorkCalendar
from tests.ledger.play import Play, played

ITEMS = "  - {id: a, what: 方案, who: [各单位], due: 2017-04-28}\n"
LAST_MINUTE = datetime(2017, 4, 28, 23, 59, 59, tzinfo=SHANGHAI)
MIDNIGHT = datetime(2017, 4, 29, tzinfo=SHANGHAI)
NIGHT = datetime(2017, 4, 17, 22, 30, tzinfo=SHANGHAI)


@pytest.fixture
def play() -> Play:
    """Three units owe a plan by 2017-04-28."""
    return played(ITEMS, "2017-04-17")


def counts(play: Play) -> Counts:
    """What pages show of the one item."""
    with play.database.reading() as session:
        return counts_in(session)


def counts_in(session: Session) -> Counts:
    """The same, which a recount must confirm."""
    assert mistallied(session) == []
    campaign = session.scalars(select(Campaign)).one()
    (found,) = counts_by(session, campaign, Deliverable.id).values()
    assert found == sum(recount(session).values(), Counts())
    return found


def rows(session: Session) -> list[Obligation]:
    return list(session.scalars(select(Obligation).order_by(Obligation.id)))


@pytest.mark.parametrize(("at", "on_time"), [(LAST_MINUTE, 1), (MIDNIGHT, 0)])
def test_one_row_changed_through_its_object_is_noticed(
    play: Play, at: datetime, on_time: int
) -> None:
    with play.database.writing() as session:
        first, second, third = rows(session)
        first.first_received_at, first.state = at, ObligationState.ACCEPTED
        second.exempted_at, second.state = at, ObligationState.EXEMPT
        session.flush()
        third.state = ObligationState.MISSED
    released = on_time
    assert counts(play) == Counts(3 - released, 1, on_time, accepted=1, missed=1, exempt=released)


def test_an_extension_makes_what_came_late_come_in_time(play: Play) -> None:
    with play.database.writing() as session:
        rows(session)[0].first_received_at = MIDNIGHT
    assert counts(play).on_time == 0
    with play.database.writing() as session:
        rows(session)[0].due = date(2017, 4, 29)
    assert counts(play).on_time == 1


def test_what_was_rolled_back_was_never_counted(play: Play) -> None:
    with play.database.writing() as session:
        rows(session)[0].state = ObligationState.MISSED
        session.flush()
        session.rollback()
    assert counts(play) == Counts(owed=3)


def test_a_row_written_or_removed_through_its_object_is_noticed(play: Play) -> None:
    copied = ("deliverable_id", "respondent_id", "respondent_class", "opened_at", "due")
    with play.database.writing() as session:
        first, *_ = rows(session)
        more = Obligation(period="more", **{name: getattr(first, name) for name in copied})
        session.add(more)
        session.flush()
        assert counts_in(session) == Counts(owed=4)
        session.delete(more)
        session.flush()
        assert counts_in(session) == Counts(owed=3)


def test_many_rows_changed_at_once_are_counted_by_the_difference(play: Play) -> None:
    given = {"first_received_at": MIDNIGHT, "state": ObligationState.ACCEPTED}
    with play.database.writing() as session:
        change_many(session, Obligation.respondent_class == "学校", **given)
    assert counts(play) == Counts(owed=3, received=2, accepted=2)
    with play.database.writing() as session:
        change_many(session, Obligation.first_received_at.is_not(None), due=date(2017, 4, 29))
    assert counts(play) == Counts(owed=3, received=2, on_time=2, accepted=2)
    with play.database.writing() as session:
        change_many(session, due=None, exempted_at=MIDNIGHT)
    assert counts(play) == Counts(accepted=2, exempt=3)


def test_a_day_ends_in_the_zone_of_the_campaign(play: Play) -> None:
    """In 乌鲁木齐 it is still the 28th."""
    with play.database.writing() as session:
        session.execute(update(Campaign).values(timezone="Asia/Urumqi"))
        rows(session)[0].first_received_at = MIDNIGHT
        session.flush()
        change_many(session, Obligation.id == rows(session)[1].id, first_received_at=MIDNIGHT)
    assert counts(play) == Counts(owed=3, received=2, on_time=2)


def test_counters_found_wrong_are_put_right_when_the_office_is_told(play: Play) -> None:
    with play.database.writing() as session:
        session.execute(update(Tally).values(received=7))
        report_gaps(session, ["计数不符。"], NIGHT, WorkCalendar())
    assert counts(play) == Counts(owed=3)


PAST_THE_TALLIES = {
    "projection.py": "moves dates of rows of which nothing has been received or released, and so "
    "counts nothing otherwise",
    "rescheduling.py": "moves when a review is asked after, which is counted in nothing",
}
"""Modules that change by statement a table known only when they run, which may be obligation."""


def changed_by_statement(file: Path) -> set[str]:
    """What tables a module updates, inserts into or deletes from, as written there."""
    tree = ast.parse(file.read_text("utf-8"))
    return {
        ast.unparse(call.args[0])
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("update", "insert", "delete")
        and call.args
    }


def test_no_module_changes_obligations_past_their_tallies() -> None:
    files = Path(ledger.__file__).parent.glob("*.py")
    changed = {file.name: changed_by_statement(file) for file in files}
    tables = {mapper.class_.__name__ for mapper in Base.registry.mappers} - {"Obligation"}
    found = {name for name, targets in changed.items() if targets - tables}
    # sql.py only writes new rows, and the opening adds up those it has written.
    assert found == {"tallying.py", "sql.py", *PAST_THE_TALLIES}
