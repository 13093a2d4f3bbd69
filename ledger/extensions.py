"""Extensions (延期): more time is a case of its own; the old date stays beside the new."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.base import Base, Word
from ledger.obligations import Obligation
from ledger.problems import Problem


class ExtensionOutcome(StrEnum):
    """What became of a request for more time."""

    PENDING = "待批"
    GRANTED = "同意"
    REFUSED = "不同意"
    LAPSED = "逾期失效"


X = ExtensionOutcome

EXTENSION_MOVES: dict[ExtensionOutcome, frozenset[ExtensionOutcome]] = {
    X.PENDING: frozenset({X.GRANTED, X.REFUSED, X.LAPSED}),
    X.GRANTED: frozenset(),
    X.REFUSED: frozenset(),
    X.LAPSED: frozenset(),
}


class Extension(Base):
    """The n-th request for more time on an obligation or a problem. Undecided, it lapses."""

    __tablename__ = "extension"
    __table_args__ = (
        CheckConstraint("(obligation_id IS NULL) <> (problem_id IS NULL)", name="one_subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    obligation_id: Mapped[int | None] = mapped_column(ForeignKey("obligation.id"), index=True)
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("problem.id"), index=True)
    nth: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    old_due: Mapped[date]
    new_due: Mapped[date]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    lapses_at: Mapped[datetime | None] = mapped_column(index=True)
    outcome: Mapped[ExtensionOutcome] = mapped_column(Word(ExtensionOutcome), default=X.PENDING)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")

    obligation: Mapped[Obligation | None] = relationship()
    problem: Mapped[Problem | None] = relationship()
