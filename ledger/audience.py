"""Who is to hear: of a campaign the posts of units that owe in it, or whom the office means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import CTE, ColumnElement, Select, and_, literal, or_, select, union_all
from sqlalchemy.orm import Session

from ledger.campaigns import Deliverable, DeliverableTarget
from ledger.recipients import OF_THE_UNIT, recipients
from ledger.roles import Role
from ledger.units import Post, Respondent, Unit, valid_on


def campaign_posts(campaign_id: int, roles: tuple[Role, ...], day: date) -> Select[int]:
    """Ids of posts in these roles on a day: of units that owe in the campaign, and above them."""
    t = DeliverableTarget
    asked = (
        select(t.id)
        .join(Deliverable, Deliverable.id == t.deliverable_id)
        .where(
            Deliverable.campaign_id == campaign_id,
            ~t.excluded,
            or_(t.unit_class == Unit.unit_class, t.unit_id == Unit.id),
        )
    )
    return (
        select(Post.id)
        .outerjoin(Unit, Unit.id == Post.unit_id)
        .where(
            Post.role.in_(roles),
            or_(Post.role.not_in(OF_THE_UNIT), asked.exists()),
            valid_on(Post, day),
        )
    )


def stage_posts(campaign_id: int, day: date) -> Select[int]:
    """Who hears of a stage that moves: the contacts and the office."""
    return campaign_posts(campaign_id, (Role.CONTACT, Role.OFFICE), day)


@dataclass(frozen=True)
class Chosen:
    """Whom the office means: posts named, and the holders of roles, in units or anywhere.

    Units may be named or all of some classes; without units and classes the roles are meant
    wherever they are held.
    """

    units: Sequence[int] = ()
    classes: Sequence[str] = ()
    roles: Sequence[Role] = (Role.CONTACT,)
    posts: Sequence[int] = ()

    @property
    def of_units(self) -> bool:
        """Whether units are named, one by one or by class."""
        return bool(self.units or self.classes)


def chosen_posts(chosen: Chosen, day: date) -> Select[int]:
    """The ids of the posts meant, as units and posts stand on that day."""
    held = Post.role.in_(chosen.roles)
    if chosen.of_units:
        found = recipients(_asked(chosen, day), day)
        held = Post.id.in_(select(found.c.post_id).where(found.c.why == ""))
    return select(Post.id).where(or_(held, Post.id.in_(chosen.posts)), valid_on(Post, day))


def units_without(session: Session, chosen: Chosen, day: date) -> list[str]:
    """The names of units meant in which nobody holds any of the roles."""
    if not chosen.of_units:
        return []
    found = recipients(_asked(chosen, day), day)
    reached = select(found.c.respondent_id).where(found.c.why == "")
    rows = (
        select(Unit.name)
        .join(Respondent, Respondent.unit_id == Unit.id)
        .where(_meant(chosen, day), Respondent.id.not_in(reached))
        .order_by(Unit.id)
    )
    return list(session.scalars(rows))


def _asked(chosen: Chosen, day: date) -> CTE:
    rows = (
        select(Respondent.id.label("respondent_id"), literal(role, Post.role.type).label("role"))
        .join(Unit, Unit.id == Respondent.unit_id)
        .where(_meant(chosen, day))
        for role in chosen.roles
    )
    return union_all(*rows).cte("asked")


def _meant(chosen: Chosen, day: date) -> ColumnElement[bool]:
    of_class = and_(Unit.unit_class.in_(chosen.classes), valid_on(Unit, day))
    return or_(Unit.id.in_(chosen.units), of_class)
