"""Who is behind an office: the posts and persons a rung, a list or a piece of news goes to.

Where a unit owes: its contacts, its heads, the leaders and supervision groups over it. Where a
post owes: rungs for contact and head go to its holder and deputy, those for leaders to the office.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, Date, and_, bindparam, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from ledger.roles import Role
from ledger.sql import Rows
from ledger.units import Post, PostUnit, Respondent, valid_on

OF_THE_UNIT = (Role.CONTACT, Role.HEAD)
OVER_THE_UNIT = (Role.LEADER, Role.SUPERVISION)
OF_THE_BUREAU = (Role.LEADING_GROUP, Role.OFFICE)


TODAY = bindparam("today", type_=Date)
"""The day on which posts are looked at; statements over `recipients` are executed with it."""


@lru_cache(maxsize=1)
def recipients() -> CTE:
    """Rows (respondent_id, role, post_id, person_id, why) as posts stand on the day `today`."""
    return union_all(
        _unit_posts(), _posts_over_units(), _bureau_posts(), *_own_post(), _office_for_posts()
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
    r = recipients()
    ids = select(r.c.post_id).where(r.c.respondent_id == respondent_id, r.c.role.in_(roles))
    posts = select(Post).where(Post.id.in_(ids)).order_by(Post.id)
    return list(session.scalars(posts, {"today": day}))


def _columns(role: Any, person: Any, why: str = "") -> tuple[Any, ...]:
    return (
        Respondent.id.label("respondent_id"),
        role,
        Post.id.label("post_id"),
        person,
        literal(why).label("why"),
    )


def _unit_posts() -> Rows:
    columns = _columns(Post.role.label("role"), Post.person_id.label("person_id"))
    return (
        select(*columns)
        .select_from(Respondent)
        .join(Post, Post.unit_id == Respondent.unit_id)
        .where(Post.role.in_(OF_THE_UNIT), valid_on(Post, TODAY))
    )


def _posts_over_units() -> Rows:
    columns = _columns(Post.role.label("role"), Post.person_id.label("person_id"))
    return (
        select(*columns)
        .select_from(Respondent)
        .join(PostUnit, PostUnit.unit_id == Respondent.unit_id)
        .join(Post, Post.id == PostUnit.post_id)
        .where(Post.role.in_(OVER_THE_UNIT), valid_on(Post, TODAY))
    )


def _bureau_posts() -> Rows:
    columns = _columns(Post.role.label("role"), Post.person_id.label("person_id"))
    return (
        select(*columns)
        .select_from(Respondent)
        .join(Post, Post.role.in_(OF_THE_BUREAU))
        .where(valid_on(Post, TODAY))
    )


def _own_post() -> list[Rows]:
    """The holder and the deputy of a post that itself owes."""
    found = []
    for role in OF_THE_UNIT:
        for person, why in ((Post.person_id, ""), (Post.deputy_id, "代理人")):
            columns = _columns(
                literal(role, Post.role.type).label("role"), person.label("person_id"), why
            )
            found.append(
                select(*columns)
                .select_from(Respondent)
                .join(Post, Post.id == Respondent.post_id)
                .where(person.is_not(None), valid_on(Post, TODAY))
            )
    return found


def _office_for_posts() -> Rows:
    holder = aliased(Post)
    columns = _columns(
        literal(Role.LEADER, Post.role.type).label("role"), Post.person_id.label("person_id")
    )
    return (
        select(*columns)
        .select_from(Respondent)
        .join(holder, holder.id == Respondent.post_id)
        .join(Post, and_(Post.role == Role.OFFICE, valid_on(Post, TODAY)))
    )
