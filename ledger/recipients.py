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


def recipients(asked: Rows, day: Day) -> CTE:
    """Rows (respondent_id, role, post_id, person_id, why) for the respondents whose ids `asked`
    selects, as posts stand on that day.
    """
    among = asked.distinct().cte("asked")
    return union_all(
        _unit_posts(among, day),
        _posts_over_units(among, day),
        _bureau_posts(among, day),
        *_own_post(among, day),
        _office_for_posts(among, day),
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
    r = recipients(select(literal(respondent_id).label("respondent_id")), day)
    ids = select(r.c.post_id).where(r.c.role.in_(roles))
    return list(session.scalars(select(Post).where(Post.id.in_(ids)).order_by(Post.id)))


def _rows(among: CTE, role: Any, person: Any, why: str = "") -> Rows:
    return (
        select(
            Respondent.id.label("respondent_id"),
            role.label("role"),
            Post.id.label("post_id"),
            person.label("person_id"),
            literal(why).label("why"),
        )
        .select_from(among)
        .join(Respondent, Respondent.id == among.c.respondent_id)
    )


def _unit_posts(among: CTE, day: Day) -> Rows:
    return (
        _rows(among, Post.role, Post.person_id)
        .join(Post, Post.unit_id == Respondent.unit_id)
        .where(Post.role.in_(OF_THE_UNIT), valid_on(Post, day))
    )


def _posts_over_units(among: CTE, day: Day) -> Rows:
    return (
        _rows(among, Post.role, Post.person_id)
        .join(PostUnit, PostUnit.unit_id == Respondent.unit_id)
        .join(Post, Post.id == PostUnit.post_id)
        .where(Post.role.in_(OVER_THE_UNIT), valid_on(Post, day))
    )


def _bureau_posts(among: CTE, day: Day) -> Rows:
    return (
        _rows(among, Post.role, Post.person_id)
        .join(Post, Post.role.in_(OF_THE_BUREAU))
        .where(valid_on(Post, day))
    )


def _own_post(among: CTE, day: Day) -> list[Rows]:
    """The holder and the deputy of a post that itself owes."""
    return [
        _rows(among, literal(role, Post.role.type), person, why)
        .join(Post, Post.id == Respondent.post_id)
        .where(person.is_not(None), valid_on(Post, day))
        for role in OF_THE_UNIT
        for person, why in ((Post.person_id, ""), (Post.deputy_id, "代理人"))
    ]


def _office_for_posts(among: CTE, day: Day) -> Rows:
    holder = aliased(Post)
    return (
        _rows(among, literal(Role.LEADER, Post.role.type), Post.person_id)
        .join(holder, holder.id == Respondent.post_id)
        .join(Post, and_(Post.role == Role.OFFICE, valid_on(Post, day)))
    )
