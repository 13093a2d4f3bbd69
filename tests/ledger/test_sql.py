from __future__ import annotations

from sqlalchemy import literal, select

from ledger.sql import insert_new
from ledger.units import Unit
from tests import store


def test_an_insertion_counts_what_was_new_and_leaves_the_rest_alone() -> None:
    with store.empty().writing() as session:
        session.add(Unit(name="一中", unit_class="学校"))
        session.flush()
        twice = select(literal("一中"), literal("机构")).union_all(
            select(literal("二中"), literal("机构"))
        )
        rows = select(*twice.subquery().c)
        columns = (Unit.name, Unit.unit_class)
        assert insert_new(session, Unit, columns, rows) == 1
        assert insert_new(session, Unit, columns, rows) == 0
        found = select(Unit.name, Unit.unit_class).order_by(Unit.id)
        assert session.execute(found).all() == [("一中", "学校"), ("二中", "机构")]
