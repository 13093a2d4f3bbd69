"""Who did what (留痕): append-only; the history row of every act."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ledger.base import Base, Word
from ledger.units import Post


class Act(StrEnum):
    """What was done; also the kinds of event a rehearsal tells."""

    LAUNCHED = "launched"
    STAGE_OPENED = "stage_opened"
    STAGE_DUE = "stage_due"
    STAGE_WAITING = "stage_waiting"
    STAGE_MOVED = "stage_moved"
    STAGE_EXTENDED = "stage_extended"
    PAUSED = "paused"
    RESUMED = "resumed"
    CAMPAIGN_CLOSED = "campaign_closed"
    CAMPAIGN_CANCELLED = "campaign_cancelled"
    FIXED_DATE = "fixed_date"
    RECEIVED = "received"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    EXEMPTED = "exempted"
    REGISTERED = "registered"
    ASSIGNED = "assigned"
    CLOSE_ASKED = "close_asked"
    CLOSE_REFUSED = "close_refused"
    CLOSED = "closed"
    REOPENED = "reopened"
    EXTENSION = "extension"
    REFUSED = "refused"
    IMPORTED = "imported"
    AMENDED = "plan_amended"
    WITHDRAWN = "withdrawn"
    ASKED_AGAIN = "asked_again"
    REDATED = "redated"
    UNIT_CHANGED = "unit_changed"
    DAY_CLOSED = "day_closed"
    ANNOUNCED = "announced"
    CORRECTED = "corrected"
    RECALLED = "recalled"
    SIGNED_FOR = "signed_for"
    RELEASED = "released"
    DROPPED = "dropped"
    RETRIED = "retried"
    ADDRESS_CHANGED = "address_changed"
    WENT_AWAY = "went_away"
    CAME_BACK = "came_back"
    DEPUTY_SET = "deputy_set"


@dataclass(frozen=True)
class Actor:
    """Who acts: a post of the ledger (None: the plan itself), and the system's user."""

    post: Post | None
    system_user: str

    @property
    def name(self) -> str:
        """The name people read."""
        return self.post.person.name if self.post else "计划"


def actor(post: Post) -> Actor:
    """The given post, at the hands of the user the system knows."""
    return Actor(post, system_user())


def system_user() -> str:
    """The account at the keyboard; its number where the system has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


PLAN = Actor(None, "duban")
"""What the plan does by itself."""


class Audit(Base):
    """One act: when, by which post, at whose hands, about what."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_campaign_id_at", "campaign_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    act: Mapped[Act] = mapped_column(Word(Act))
    by_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    system_user: Mapped[str] = mapped_column("system_user", String(60), quote=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id"))
    obligation_id: Mapped[int | None] = mapped_column(ForeignKey("obligation.id"), index=True)
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("problem.id"), index=True)
    due: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")

    by_post: Mapped[Post | None] = relationship()


def record(session: Session, by: Actor, act: Act, at: datetime, **about: object) -> Audit:
    """Write the history row of an act, in the transaction of the act itself."""
    row = Audit(
        at=at,
        act=act,
        by_post_id=by.post.id if by.post else None,
        system_user=by.system_user,
        **about,
    )
    session.add(row)
    return row


def last_audit(session: Session) -> int:
    """The id of the last history row; 0 where there is none."""
    return session.scalar(select(func.max(Audit.id))) or 0
