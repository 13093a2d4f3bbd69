"""Who is behind an office: the posts and persons a rung, a list or a piece of news goes to.

Where a unit owes: its contacts, its heads, the leaders and supervision groups over it. Where a
post owes: rungs for contact and head go to its holder and deputy, those for leaders to the office.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CTE, and_, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from ledger.roles import Role
from ledger.sql import Rows
from ledger.units import Day, Post, PostUnit, Respondent, valid_on

OF_THE_UNIT = (Role.CONTACT, Role.HEAD)
OVER_THE_UNIT = (Role.LEADER, Role.SUPERVISION)
OF_THE_BUREAU = (Role.LEADING_GROUP, Role.OFFICE)

AS_CONTACT = literal(Role.CONTACT, Post.role.type).label("role")
"""The office asked for, where only the contacts are."""


def recipients(asked: CTE, day: Day) -> CTE:
    """Who is behind each respondent and office that `asked` names as (respondent_id, role).

    Rows of `asked`, whatever else they hold, with post_id, person_id and why beside, as posts
    stand on that day.
    """
    return union_all(
        _unit_posts(asked, day),
        _posts_over_units(asked, day),
        _bureau_posts(asked, day),
        *_own_post(asked, day),
        _office_for_posts(asked, day),
    ).cte("recipient")


def office(session: Session, day: date) -> list[Post]:
    """The office's posts on that day."""
    return list(
        session.scalars(
            select(Post).where(Post.role == Role.OFFICE, valid_on(Post, day)).order_by(Post.id)
        )
    )


def posts_for(
    session: Session, respondent_id: int, roles: tuple[Role, ...], day: date
) -> list[Post]:
    """The posts behind some roles of one respondent."""
    asked = (
        select(
            literal(respondent_id).label("respondent_id"),
            literal(role, Post.role.type).label("role"),
        )
        for role in roles
    )
    r = recipients(union_all(*asked).cte("asked"), day)
    return list(
        session.scalars(select(Post).where(Post.id.in_(select(r.c.post_id))).order_by(Post.id))
    )


def _rows(asked: CTE, roles: tuple[Role, ...], person: Any = Post.person_id, why: str = "") -> Rows:
    return (
        select(
            *asked.c,
            Post.id.label("post_id"),
            person.label("person_id"),
            literal(why).label("why"),
        )
        .select_from(asked)
        .join(Respondent, Respondent.id == asked.c.respondent_id)
        .where(asked.c.role.in_(roles))
    )


def _unit_posts(asked: CTE, day: Day) -> Rows:
    return (
        _rows(asked, OF_THE_UNIT)
        .join(Post, and_(Post.role == asked.c.role, Post.unit_id == Respondent.unit_id))
        .where(valid_on(Post, day))
    )


def _posts_over_units(asked: CTE, day: Day) -> Rows:
    return (
        _rows(asked, OVER_THE_UNIT)
        .join(PostUnit, PostUnit.unit_id == Respondent.unit_id)
        .join(Post, and_(Post.id == PostUnit.post_id, Post.role == asked.c.role))
        .where(valid_on(Post, day))
    )


def _bureau_posts(asked: CTE, day: Day) -> Rows:
    return (
        _rows(asked, OF_THE_BUREAU).join(Post, Post.role == asked.c.role).where(valid_on(Post, day))
    )


def _own_post(asked: CTE, day: Day) -> list[Rows]:
    """The holder and the deputy of a post that itself owes."""
    return [
        _rows(asked, OF_THE_UNIT, person, why)
        .join(Post, Post.id == Respondent.post_id)
        .where(person.is_not(None), valid_on(Post, day))
        for person, why in ((Post.person_id, ""), (Post.deputy_id, "代理人"))
    ]


def _office_for_posts(asked: CTE, day: Day) -> Rows:
    holder = aliased(Post)
    return (
        _rows(asked, (Role.LEADER,))
        .join(holder, holder.id == Respondent.post_id)
        .join(Post, and_(Post.role == Role.OFFICE, valid_on(Post, day)))
    )
