"""Absences (外出): who is away, from which day to which; their deputies hear in their stead."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from ledger.base import Base
from ledger.units import Day


class Absence(Base):
    """A person is out of office between two days, both included; without a last day until told."""

    __tablename__ = "absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    first: Mapped[date]
    last: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))


def away_on(person: Any, day: Day) -> ColumnElement[bool]:
    """The person, a column or a number, is away on that day."""
    return (
        select(Absence.id)
        .where(
            Absence.person_id == person,
            Absence.first <= day,
            or_(Absence.last.is_(None), Absence.last >= day),
        )
        .exists()
    )
