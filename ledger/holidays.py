"""The lists of holidays as imported (放假安排), and days on which the bureau itself is closed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ledger.base import Base, Word
from ledger.workdays import YearStatus


class HolidayYear(Base):
    """The list of one year, as last imported; `source` is the file or the document's number."""

    __tablename__ = "holiday_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[YearStatus] = mapped_column(Word(YearStatus))
    source: Mapped[str] = mapped_column(String(200))
    imported_at: Mapped[datetime]
    by_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))


class HolidayDay(Base):
    """A day a list names: a weekday off, or a rest day worked. December's may be a year early."""

    __tablename__ = "holiday_day"

    list_year: Mapped[int] = mapped_column(ForeignKey("holiday_year.year"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    works: Mapped[bool]


class ClosureDay(Base):
    """A working day on which the bureau is closed (停止办公), by whose word and why."""

    __tablename__ = "closure_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime]
    by_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
