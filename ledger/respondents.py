"""Of whom a deliverable is asked, as units and posts stand on a day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from ledger.campaigns import DeliverableTarget
from ledger.recipients import OF_THE_UNIT
from ledger.spans import Ids
from ledger.units import Day, Post, Respondent, Unit, valid_on

AT_ONCE = 500
"""Respondents named in one statement."""

EVERYONE = Ids(select(Respondent.id))
"""All who may ever be asked."""


def respondents(deliverable_id: int | ColumnElement[int], day: Day) -> Select[int]:
    """The ids of those asked, as units and posts stand on that day."""
    post_unit = aliased(Unit)

    def named(excluded: bool) -> ColumnElement[bool]:
        """One of the targets is the unit or its class, or the post's role, there or anywhere."""
        t = DeliverableTarget
        mine = (t.deliverable_id == deliverable_id, t.excluded.is_(excluded))

        # None of these looks at the respondent: the database works each out once, not per row.
        def targets(*columns: Any, where: ColumnElement[bool]) -> Select[Any]:
            present = (column.is_not(None) for column in columns)
            return select(*columns).where(*mine, where, *present)

        anywhere = and_(t.unit_class.is_(None), t.unit_id.is_(None))
        units, posts = t.role.is_(None), t.role.is_not(None)
        return or_(
            Unit.unit_class.in_(targets(t.unit_class, where=units)),
            Unit.id.in_(targets(t.unit_id, where=units)),
            Post.role.in_(targets(t.role, where=anywhere)),
            tuple_(Post.role, post_unit.unit_class).in_(targets(t.role, t.unit_class, where=posts)),
            tuple_(Post.role, post_unit.id).in_(targets(t.role, t.unit_id, where=posts)),
        )

    return (
        select(Respondent.id)
        .outerjoin(Unit, Respondent.unit_id == Unit.id)
        .outerjoin(Post, Respondent.post_id == Post.id)
        .outerjoin(post_unit, Post.unit_id == post_unit.id)
        .where(
            named(excluded=False),
            named(excluded=True).is_not(true()),
            or_(valid_on(Unit, day), valid_on(Post, day)),
        )
    )


def names_of(session: Session, ids: Collection[int]) -> list[str]:
    """The names of these respondents, in the order of their ids."""
    found: list[str] = []
    for some in in_parts(sorted(ids)):
        rows = select(Respondent.name).where(Respondent.id.in_(some)).order_by(Respondent.id)
        found += session.scalars(rows)
    return found


def in_parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """No more at once than a statement bears."""
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def answering(
    session: Session, deliverable_id: int, persons: Collection[int], day: date
) -> set[int]:
    """Those of the persons who answer for it: contacts and heads of units asked, posts asked."""
    of_the_unit = and_(Post.unit_id == Respondent.unit_id, Post.role.in_(OF_THE_UNIT))
    rows = (
        select(Post.person_id)
        .join(Respondent, or_(of_the_unit, Post.id == Respondent.post_id))
        .where(
            Post.person_id.in_(persons),
            valid_on(Post, day),
            Respondent.id.in_(respondents(deliverable_id, day)),
        )
    )
    return set(session.scalars(rows))
