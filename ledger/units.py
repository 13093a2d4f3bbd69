"""Units, persons, and the posts that tie them: people change, offices stay."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.base import Base, Word
from ledger.roles import Role

if TYPE_CHECKING:
    from ledger.addresses import Address

BUREAU_CLASS = "本局"
LONGEST_NAME = 120
"""Characters of a unit's name."""


class Unit(Base):
    """A school, department, institution or branch (报送单位)."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), unique=True)
    unit_class: Mapped[str] = mapped_column(String(40), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class UnitFate(StrEnum):
    """What becomes of a unit."""

    RENAMED = "更名"
    MERGED = "合并"
    CLOSED = "撤销"


class UnitChange(Base):
    """A unit renamed, merged into another or closed: from which day, and by whose word."""

    __tablename__ = "unit_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    fate: Mapped[UnitFate] = mapped_column(Word(UnitFate))
    into_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    on: Mapped[date]
    old_name: Mapped[str] = mapped_column(String(120))
    new_name: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))


class Person(Base):
    """A human being; two posts of one person are one person."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    mobile: Mapped[str | None] = mapped_column(String(30))

    addresses: Mapped[list[Address]] = relationship(
        back_populates="person", order_by="Address.position"
    )


class Post(Base):
    """A person in a role, for a unit or over units, between two dates (both included)."""

    __tablename__ = "post"
    __table_args__ = (Index("ix_post_role_unit_id", "role", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role] = mapped_column(Word(Role))
    title: Mapped[str] = mapped_column(String(60), default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    deputy: Mapped[Person | None] = relationship(foreign_keys=[deputy_id])
    unit: Mapped[Unit | None] = relationship()


class PostUnit(Base):
    """The units a responsible leader or a supervision group looks after (分管、包联、督导)."""

    __tablename__ = "post_unit"

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)


class Respondent(Base):
    """Who can owe something (报送主体): a unit or a post, under one key."""

    __tablename__ = "respondent"
    __table_args__ = (
        CheckConstraint("(unit_id IS NULL) <> (post_id IS NULL)", name="unit_or_post"),
        UniqueConstraint("unit_id"),
        UniqueConstraint("post_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    name: Mapped[str] = mapped_column(String(120))

    unit: Mapped[Unit | None] = relationship()
    post: Mapped[Post | None] = relationship()


Day: TypeAlias = date | ColumnElement[date]
"""A day, or what stands for it in a statement."""


def valid_on(table: type[Unit] | type[Post], day: Day) -> ColumnElement[bool]:
    """The row is there and holds on that day (both ends included)."""
    return and_(
        table.id.is_not(None),
        or_(table.valid_from.is_(None), table.valid_from <= day),
        or_(table.valid_until.is_(None), table.valid_until >= day),
    )
