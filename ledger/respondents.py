"""Of whom a deliverable is asked, as units and posts stand on a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from ledger.campaigns import DeliverableTarget
from ledger.recipients import OF_THE_UNIT
from ledger.units import Post, Respondent, Unit, valid_on


def respondents(deliverable_id: int, day: date) -> Select[int]:
    """The ids of those asked, as units and posts stand on that day."""
    post_unit = aliased(Unit)

    def matches(t: type[DeliverableTarget]) -> ColumnElement[bool]:
        anywhere = and_(t.unit_class.is_(None), t.unit_id.is_(None))
        is_unit = and_(t.role.is_(None), or_(t.unit_class == Unit.unit_class, t.unit_id == Unit.id))
        is_post = and_(
            t.role == Post.role,
            or_(anywhere, t.unit_class == post_unit.unit_class, t.unit_id == post_unit.id),
        )
        return and_(t.deliverable_id == deliverable_id, or_(is_unit, is_post))

    asking, sparing = DeliverableTarget, aliased(DeliverableTarget)
    asked = exists().where(matches(asking), ~asking.excluded)
    spared = exists().where(matches(sparing), sparing.excluded)
    return (
        select(Respondent.id)
        .outerjoin(Unit, Respondent.unit_id == Unit.id)
        .outerjoin(Post, Respondent.post_id == Post.id)
        .outerjoin(post_unit, Post.unit_id == post_unit.id)
        .where(asked, ~spared, or_(valid_on(Unit, day), valid_on(Post, day)))
    )


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
