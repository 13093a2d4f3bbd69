"""Whether the roster is complete enough to run in earnest, and what runs."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, exists, func, null, select
from sqlalchemy.orm import Session

from ledger.addresses import Address
from ledger.campaigns import OVER, Campaign
from ledger.messages import Round
from ledger.roles import Role
from ledger.units import Person, Post, PostUnit, Unit, valid_on


def units_there(session: Session, day: date) -> int:
    """How many units there are on that day."""
    return session.scalar(select(func.count(Unit.id)).where(valid_on(Unit, day))) or 0


def roles_not_held(session: Session, roles: tuple[Role, ...], day: date) -> list[Role]:
    """Those of the roles nobody holds on that day."""
    held = set(session.scalars(select(Post.role).where(valid_on(Post, day)).distinct()))
    return [role for role in roles if role not in held]


def units_without(session: Session, role: Role, day: date) -> list[str]:
    """Names of the units there on that day that have no post of this role then."""
    holds = exists().where(Post.unit_id == Unit.id, Post.role == role, valid_on(Post, day))
    return _units(session, ~holds, day)


def units_without_leader(session: Session, day: date) -> list[str]:
    """Names of the units there on that day that no responsible leader looks after then."""
    led = exists().where(
        PostUnit.unit_id == Unit.id,
        Post.id == PostUnit.post_id,
        Post.role == Role.LEADER,
        valid_on(Post, day),
    )
    return _units(session, ~led, day)


def persons_unreachable(session: Session, day: date) -> list[str]:
    """Names of those who hold a post on that day and have no address that may be used."""
    holds = exists().where(Post.person_id == Person.id, valid_on(Post, day))
    reached = Person.addresses.any(Address.disabled_at.is_(null()))
    rows = select(Person.name).where(holds, ~reached).order_by(Person.id)
    return list(session.scalars(rows))


def running_campaigns(session: Session) -> list[str]:
    """Short names of the campaigns not closed."""
    rows = select(Campaign.short).where(Campaign.state.not_in(OVER))
    return list(session.scalars(rows.order_by(Campaign.id)))


def last_round(session: Session) -> date | None:
    """The day of the last round that was sealed."""
    return session.scalar(select(func.max(Round.day)).where(Round.sealed_at.is_not(null())))


def _units(session: Session, condition: ColumnElement[bool], day: date) -> list[str]:
    rows = select(Unit.name).where(condition, valid_on(Unit, day))
    return list(session.scalars(rows.order_by(Unit.id)))
