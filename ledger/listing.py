"""The roster in rows: units, and posts as they are held on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload

from ledger.addresses import ChannelKind
from ledger.queries import Where
from ledger.roles import Role
from ledger.units import Person, Post, PostUnit, Unit, valid_on


@dataclass(frozen=True)
class UnitRow:
    """A unit."""

    id: int
    name: str
    unit_class: str
    parent: str | None
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True)
class PostRow:
    """A post; `covers`: the units its holder looks after."""

    id: int
    name: str
    role: Role
    title: str
    unit: str | None
    covers: tuple[str, ...]
    mobile: str | None
    email: str | None
    wecom: str | None
    deputy: str | None
    valid_from: date | None
    valid_until: date | None


def unit_rows(session: Session) -> list[UnitRow]:
    """Every unit, in the order of import."""
    parent = aliased(Unit)
    columns = (Unit.id, Unit.name, Unit.unit_class, parent.name, Unit.valid_from, Unit.valid_until)
    rows = select(*columns).outerjoin(parent, parent.id == Unit.parent_id).order_by(Unit.id)
    return [UnitRow(*row) for row in session.execute(rows)]


def post_rows(session: Session, day: date, where: Where = ()) -> list[PostRow]:
    """The posts held on that day, in the order of import."""
    covered: dict[int, list[str]] = {}
    pairs = select(PostUnit.post_id, Unit.name).join(Unit, Unit.id == PostUnit.unit_id)
    for post_id, name in session.execute(pairs.order_by(Unit.id)):
        covered.setdefault(post_id, []).append(name)
    posts = session.scalars(
        select(Post)
        .options(
            joinedload(Post.person).selectinload(Person.addresses),
            joinedload(Post.deputy),
            joinedload(Post.unit),
        )
        .where(valid_on(Post, day), *where)
        .order_by(Post.id)
    )
    return [_post_row(post, tuple(covered.get(post.id, ()))) for post in posts]


def _post_row(post: Post, covers: tuple[str, ...]) -> PostRow:
    return PostRow(
        id=post.id,
        name=post.person.name,
        role=post.role,
        title=post.title,
        unit=post.unit.name if post.unit else None,
        covers=covers,
        mobile=post.person.mobile,
        email=_first(post.person, ChannelKind.EMAIL),
        wecom=_first(post.person, ChannelKind.WECOM),
        deputy=post.deputy.name if post.deputy else None,
        valid_from=post.valid_from,
        valid_until=post.valid_until,
    )


def _first(person: Person, channel: ChannelKind) -> str | None:
    """The first address of this kind, disabled or not."""
    return next((known.value for known in person.addresses if known.channel is channel), None)
