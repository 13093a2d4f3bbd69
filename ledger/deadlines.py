"""Deadlines (期限): the clock of each open case, with its ladder and its epoch. The tables."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.base import Base, Word, index_of_few
from ledger.obligations import Obligation
from ledger.problems import Problem
from ledger.roles import Role


class LadderRow(Base):
    """A ladder (逐级提醒) as it stood when cases opened; never edited, found by its digest."""

    __tablename__ = "ladder"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    monthly_to: Mapped[Role | None] = mapped_column(Word(Role))

    rungs: Mapped[list[LadderRung]] = relationship(order_by="LadderRung.rung")


class LadderRung(Base):
    """One rung: `offset` working days from due, repeated every `every` working days."""

    __tablename__ = "ladder_rung"

    ladder_id: Mapped[int] = mapped_column(ForeignKey("ladder.id"), primary_key=True)
    rung: Mapped[int] = mapped_column(primary_key=True)
    offset: Mapped[int]
    every: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(40))


class LadderRole(Base):
    """Which offices a rung goes to."""

    __tablename__ = "ladder_role"

    ladder_id: Mapped[int] = mapped_column(ForeignKey("ladder.id"), primary_key=True)
    rung: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[Role] = mapped_column(Word(Role), primary_key=True)


class Clock(StrEnum):
    """What a deadline's clock does."""

    RUNNING = "计时"
    STANDING = "停表"
    ENDED = "终止"


class Deadline(Base):
    """The clock of one obligation or problem.

    `epoch` is raised by extension, send-back, reopening and close, so that rungs fire afresh.
    `armed_on` is the day the present epoch began. `told` is the highest rung whose offices have
    been told in this epoch (-1: none). `next_at` is the next rung's moment; None: nothing climbs.
    `set_aside` says why a bad row was taken out of the rounds until someone looks at it.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        CheckConstraint("(obligation_id IS NULL) <> (problem_id IS NULL)", name="one_subject"),
        UniqueConstraint("obligation_id"),
        UniqueConstraint("problem_id"),
        Index("ix_deadline_clock_due", "clock", "due"),
        index_of_few("ix_deadline_set_aside", "campaign_id", "set_aside IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    obligation_id: Mapped[int | None] = mapped_column(ForeignKey("obligation.id"))
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("problem.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    respondent_id: Mapped[int] = mapped_column(ForeignKey("respondent.id"))
    ladder_id: Mapped[int] = mapped_column(ForeignKey("ladder.id"))
    due: Mapped[date]
    opened_on: Mapped[date]
    armed_on: Mapped[date]
    epoch: Mapped[int] = mapped_column(default=0)
    start_rung: Mapped[int] = mapped_column(default=0)
    told: Mapped[int] = mapped_column(default=-1)
    next_rung: Mapped[int] = mapped_column(default=0)
    next_repeat: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    clock: Mapped[Clock] = mapped_column(Word(Clock), default=Clock.RUNNING)
    stopped_since: Mapped[datetime | None]
    set_aside: Mapped[str | None] = mapped_column(String(200))

    obligation: Mapped[Obligation | None] = relationship()
    problem: Mapped[Problem | None] = relationship()


RUNS = Deadline.clock.not_in((Clock.STANDING, Clock.ENDED))
"""The clock runs; said so that SQLite does not look for all clocks that run, most of them idle."""


class Fired(StrEnum):
    """What became of a rung whose moment came."""

    SENT = "sent"
    SUPERSEDED = "superseded"
    SUPPRESSED = "suppressed"


class RungFire(Base):
    """The claim of one rung of one case: the INSERT decides who acts.

    `from_rung` is the lowest rung whose offices hear of it in the same round.
    """

    __tablename__ = "rung_fire"
    __table_args__ = (UniqueConstraint("deadline_id", "epoch", "rung", "repeat"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"))
    epoch: Mapped[int]
    rung: Mapped[int]
    repeat: Mapped[int]
    from_rung: Mapped[int]
    fired: Mapped[Fired] = mapped_column(Word(Fired))
    due: Mapped[date]
    planned_on: Mapped[date]
    decided_at: Mapped[datetime]
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"), index=True)

    deadline: Mapped[Deadline] = relationship()
