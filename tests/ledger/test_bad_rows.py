"""One bad row never stops the rest: it is set aside with a reason, and the office is told."""

from __future__ import annotations

from sqlalchemy import select, update

from ledger.deadlines import Deadline, RungFire
from tests.ledger.play import Play, played

ITEMS = "  - {id: r, what: 总结, who: [各单位], due: 2017-04-28}\n"
REFUSES = {
    "sqlite": "CREATE TRIGGER spoil BEFORE INSERT ON rung_fire WHEN NEW.deadline_id = 2 "
    "BEGIN SELECT RAISE(ABORT, 'this row is bad'); END",
    "postgresql": 'ALTER TABLE rung_fire ADD CONSTRAINT "this row is bad" CHECK (deadline_id <> 2)',
}


def broken(play: Play, **columns: object) -> int:
    """Spoil the second unit's clock; its id."""
    with play.database.writing() as session:
        id = session.scalars(select(Deadline.id).order_by(Deadline.id).offset(1)).first()
        assert id is not None
        session.execute(update(Deadline).where(Deadline.id == id).values(**columns))
    return id


def clock(play: Play, id: int) -> Deadline:
    with play.database.reading() as session:
        return session.get_one(Deadline, id)


def test_a_clock_on_a_rung_its_ladder_does_not_have_is_set_aside_alone():
    play = played(ITEMS, "2017-04-24")
    id = broken(play, next_rung=-9)
    play.run("2017-05-02")
    assert [row[3] for row in play.rungs("总结") if row[1] == 0] == ["联一", "联馆"]
    assert [row[3] for row in play.rungs("总结") if row[1] == 1] == ["联一", "主一", "联馆", "主馆"]
    assert (clock(play, id).next_at, bool(clock(play, id).set_aside)) == (None, True)
    told = [event.to.name for event in play.of("message") if clock(play, id).set_aside in event.why]
    assert told == ["办一", "代乙"]


def test_a_row_the_database_refuses_is_found_by_halving_a_batch_of_alike_ones():
    play = played(ITEMS, "2017-04-24")
    with play.database.writing() as session:
        session.connection().exec_driver_sql(REFUSES[session.get_bind().dialect.name])
    play.run("2017-04-25")
    with play.database.reading() as session:
        assert session.scalars(select(RungFire.deadline_id)).all() == [1, 3]
    assert "this row is bad" in (clock(play, 2).set_aside or "")
    assert clock(play, 1).set_aside is None
