"""Whom a whole campaign is to hear: the posts of units that owe in it, and above them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, or_, select

from ledger.campaigns import Deliverable, DeliverableTarget
from ledger.recipients import OF_THE_UNIT
from ledger.roles import Role
from ledger.units import Post, Unit, valid_on


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
