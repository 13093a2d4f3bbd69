from __future__ import annotations

from sqlalchemy import select

from ledger.sql import insert_new
from ledger.units import Person, Unit
from tests import store


def test_an_insertion_counts_what_was_new_and_leaves_the_rest_alone() -> None:
    with store.empty().writing() as session:
        session.add(Unit(name="一中", unit_class="学校"))
        session.add_all([Person(name="一中", mobile="机构"), Person(name="二中", mobile="机构")])
        session.flush()
        rows = select(Person.name, Person.mobile).where(Person.name != "").order_by(Person.id)
        columns = (Unit.name, Unit.unit_class)
        assert insert_new(session, Unit, columns, rows) == 1
        assert insert_new(session, Unit, columns, rows) == 0
        found = session.execute(select(Unit.name, Unit.unit_class).order_by(Unit.id)).all()
    assert found == [("一中", "学校"), ("二中", "机构")]
