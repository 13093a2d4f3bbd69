from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.database import Database
from ledger.audit import Act, Actor, Audit
from ledger.errors import Refused
from ledger.messages import Item, ItemKind, Message, MessageKind, MessageState, Round
from ledger.roles import Role
from ledger.round import run_round
from ledger.storm import Brake, drop, held_lines, held_round, release
from ledger.units import Post
from ledger.workdays import WorkCalendar
from tests.ledger.play import bureau

CAL = WorkCalendar()
HELD, READY, SKIPPED = MessageState.HELD, MessageState.READY, MessageState.SKIPPED
FIRST = date(2017, 4, 17)
BRAKE = Brake(3, 6)

Told = Callable[[int], Round]


@pytest.fixture
def database() -> Database:
    return bureau()


@pytest.fixture
def told(database: Database) -> Told:
    """Run the next working day's round with news for so many people; brake at 3 times, from 6."""
    days = iter(range(100))

    def run(people: int, brake: Brake | None = BRAKE) -> Round:
        day = CAL.shift(FIRST, next(days))
        now = datetime.combine(day, time(9), CAL.tz)
        with database.writing() as session:
            left = update(Message).where(Message.state == READY)
            session.execute(left.values(state=MessageState.SENT))
            for post in posts(session)[:people]:
                item = Item(key=f"{day}:{post.id}", person_id=post.person_id, post_id=post.id)
                item.kind, item.at, item.why = ItemKind.ACT, now, "会议改期"
                session.add(item)
            session.flush()
            done = run_round(session, now, CAL, brake=brake)
            assert done is not None
            return done

    return run


def posts(session: Session) -> list[Post]:
    return list(session.scalars(select(Post).order_by(Post.id)))


def office(session: Session) -> Actor:
    return Actor(session.scalars(select(Post).where(Post.role == Role.OFFICE)).first(), "test")


def states(database: Database, round_: Round) -> set[MessageState]:
    with database.reading() as session:
        rows = session.scalars(select(Message.state).where(Message.round_id == round_.id))
        return set(rows)


def history(told: Told) -> None:
    for people in (2, 0, 1, 2):
        told(people)


def test_a_round_far_beyond_the_usual_is_held_and_the_office_is_asked_at_once(
    database: Database, told: Told
) -> None:
    history(told)
    round_ = told(9)
    assert states(database, round_) == {HELD}
    assert round_.held_why == "这一轮要发 9 条消息，以往最多的一轮是 2 条"
    with database.reading() as session:
        asked = session.scalars(select(Message).where(Message.kind == MessageKind.HELD)).all()
        assert [(m.state, m.leaves_at) for m in asked] == [(READY, round_.at)] * 2
        assert "duban messages release" in asked[0].items[0].why
        assert held_round(session).id == round_.id
        assert held_lines(session, held_round(session)) == [(ItemKind.ACT, 9, 9)]


@pytest.mark.parametrize("people, brake", [(6, Brake(3, 6)), (9, Brake(3, 10)), (9, Brake(0, 1))])
def test_a_round_is_not_held(database: Database, told: Told, people: int, brake: Brake) -> None:
    """Of no more than so many times, of fewer than the least, or where nothing is ever held."""
    history(told)
    assert states(database, told(people, brake)) == {READY}


def test_without_a_brake_nothing_is_held(database: Database, told: Told) -> None:
    history(told)
    assert states(database, told(9, None)) == {READY}


def test_a_ledger_with_little_history_is_not_held_up(database: Database, told: Told) -> None:
    told(1)
    told(1)
    assert states(database, told(9)) == {READY}


def test_a_held_round_does_not_make_the_next_storm_usual(database: Database, told: Told) -> None:
    history(told)
    told(9)
    assert states(database, told(9)) == {HELD}


def test_the_office_lets_them_go(database: Database, told: Told) -> None:
    history(told)
    round_ = told(9)
    with database.writing() as session:
        _, number = release(session, office(session), round_.at + timedelta(minutes=5))
        assert number == 9
        assert session.scalars(select(Audit.act)).all() == [Act.RELEASED]
    assert states(database, round_) == {READY}


def test_the_office_drops_them_with_a_reason(database: Database, told: Told) -> None:
    history(told)
    round_ = told(9)
    with database.writing() as session:
        with pytest.raises(Refused, match="理由"):
            drop(session, office(session), " ", round_.at)
        drop(session, office(session), "导错了表", round_.at)
    assert states(database, round_) == {SKIPPED}
    with database.reading() as session:
        reasons = session.scalars(select(Message.reason).where(Message.round_id == round_.id))
        assert set(reasons) == {"活动办作废：导错了表"}
        with pytest.raises(Refused, match="没有被暂停"):
            held_round(session)


def test_what_is_held_over_night_is_merged_into_the_next_round(
    database: Database, told: Told
) -> None:
    history(told)
    first = told(9)
    second = told(3)
    assert (states(database, first), states(database, second)) == ({SKIPPED}, {HELD})
    with database.reading() as session:
        sizes = [
            len(message.items)
            for message in session.scalars(select(Message).where(Message.round_id == second.id))
        ]
    assert sorted(sizes) == [1] * 6 + [2] * 3, "and one message per person still"


def test_what_the_office_lets_go_in_the_evening_leaves_with_the_next_round(
    database: Database, told: Told
) -> None:
    history(told)
    held = told(9)
    with database.writing() as session:
        release(session, office(session), held.at + timedelta(hours=10))
    tomorrow = datetime.combine(CAL.shift(held.day, 1), time(9), CAL.tz)
    with database.writing() as session:
        done = run_round(session, tomorrow, CAL, brake=BRAKE)
        assert done is not None and done.held_why is None
    assert (states(database, held), states(database, done)) == ({SKIPPED}, {READY})
