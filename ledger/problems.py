"""Problems (问题): from register (立项) to close-out (销号) by a second person. The tables."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.base import Base, Word
from ledger.campaigns import Campaign
from ledger.units import Person, Post, Unit


class ProblemState(StrEnum):
    """Where a problem stands. Late is never a state: it is derived from dates."""

    REGISTERED = "已登记"
    ASSIGNED = "已交办"
    SIGNED = "已签收"
    RECTIFYING = "整改中"
    CLOSE_ASKED = "申请销号"
    VERIFYING = "核验中"
    CLOSED = "已销号"
    ARCHIVED = "已归档"
    WITHDRAWN = "已撤销"


P = ProblemState

PROBLEM_MOVES: dict[ProblemState, frozenset[ProblemState]] = {
    P.REGISTERED: frozenset({P.ASSIGNED, P.WITHDRAWN}),
    P.ASSIGNED: frozenset({P.SIGNED, P.WITHDRAWN}),
    P.SIGNED: frozenset({P.RECTIFYING, P.WITHDRAWN}),
    P.RECTIFYING: frozenset({P.CLOSE_ASKED, P.WITHDRAWN}),
    P.CLOSE_ASKED: frozenset({P.VERIFYING, P.WITHDRAWN}),
    P.VERIFYING: frozenset({P.CLOSED, P.RECTIFYING}),
    P.CLOSED: frozenset({P.RECTIFYING, P.ARCHIVED}),
    P.ARCHIVED: frozenset(),
    P.WITHDRAWN: frozenset(),
}

CLOCK_RUNS = frozenset({P.ASSIGNED, P.SIGNED, P.RECTIFYING})
"""States in which the ladder climbs; under close-out and verification it stands still."""

CLOCK_STANDS = frozenset({P.CLOSE_ASKED, P.VERIFYING})

SETTLED = frozenset({P.CLOSED, P.ARCHIVED, P.WITHDRAWN})
"""States in which nothing is left to be done."""


class Problem(Base):
    """A problem on the ledger. `start_rung` is where its ladder begins (a grave case: above 0)."""

    __tablename__ = "problem"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(60), default="")
    problem_class: Mapped[str] = mapped_column(String(60), default="")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    state: Mapped[ProblemState] = mapped_column(Word(ProblemState), default=P.REGISTERED)
    due: Mapped[date | None]
    start_rung: Mapped[int] = mapped_column(default=0)
    registered_at: Mapped[datetime]
    assigned_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    review_at: Mapped[datetime | None] = mapped_column(index=True)

    campaign: Mapped[Campaign] = relationship()
    unit: Mapped[Unit] = relationship()


class ProblemEvent(Base):
    """One step in a problem's life; append-only."""

    __tablename__ = "problem_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"), index=True)
    at: Mapped[datetime]
    from_state: Mapped[ProblemState | None] = mapped_column(Word(ProblemState))
    to_state: Mapped[ProblemState] = mapped_column(Word(ProblemState))
    by_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    note: Mapped[str] = mapped_column(Text, default="")


class Closure(Base):
    """A close-out case (销号): nobody strikes off their own problem."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("applicant_id <> verifier_id", name="another_person_verifies"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"), index=True)
    applicant_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    applied_by_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    evidence: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime]
    verifier_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    decided_at: Mapped[datetime | None]
    struck_off: Mapped[bool | None]
    note: Mapped[str] = mapped_column(Text, default="")

    problem: Mapped[Problem] = relationship()
    applicant: Mapped[Person] = relationship(foreign_keys=[applicant_id])
    verified_by: Mapped[Post | None] = relationship(foreign_keys=[verified_by_id])
