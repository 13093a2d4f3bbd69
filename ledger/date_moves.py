"""Dates that moved (期限变动): what stood, what stands now, why, and by whose word. Append-only."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from ledger.base import Base, Word


class Moved(StrEnum):
    """Which date of a row moved."""

    DUE = "期限"
    CORRECTION = "补正期限"
    RUNG = "提醒日"
    LOCK = "锁定日"


class DateMove(Base):
    """One date of one obligation or problem; None: there was none, or there is none any more."""

    __tablename__ = "date_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    obligation_id: Mapped[int | None] = mapped_column(ForeignKey("obligation.id"), index=True)
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("problem.id"), index=True)
    moved: Mapped[Moved] = mapped_column(Word(Moved))
    old: Mapped[date | None]
    new: Mapped[date | None]
    why: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
