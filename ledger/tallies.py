"""Tallies: the counts that pages show, kept in the transaction that changes what they count."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.base import Base


class Tally(Base):
    """The obligations of one deliverable, period and class of respondents, counted as rates are."""

    __tablename__ = "tally"

    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id"), primary_key=True)
    period: Mapped[str] = mapped_column(String(20), primary_key=True)
    respondent_class: Mapped[str] = mapped_column(String(40), primary_key=True)
    owed: Mapped[int] = mapped_column(default=0)
    received: Mapped[int] = mapped_column(default=0)
    on_time: Mapped[int] = mapped_column(default=0)
    accepted: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0)
    exempt: Mapped[int] = mapped_column(default=0)
