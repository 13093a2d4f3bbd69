"""Obligations (应报件): what each respondent owes, frozen when the period opens.

On time, accepted and locked are three facts: the first receipt decides "on time", acceptance
decides "done", the lock decides whether a late hand-in is still taken.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.base import Base, Word, index_of_few
from ledger.campaigns import Deliverable
from ledger.titles import obligation_title
from ledger.units import Respondent


class ObligationState(StrEnum):
    """Where an obligation stands. Late is never a state: it is derived from dates."""

    OWED = "待报"
    SUBMITTED = "待审"
    RETURNED = "退回"
    ACCEPTED = "已收"
    EXEMPT = "免报"
    MISSED = "未报"
    WITHDRAWN = "已撤销"


OBLIGATION_MOVES: dict[ObligationState, frozenset[ObligationState]] = {
    ObligationState.OWED: frozenset(
        {
            ObligationState.SUBMITTED,
            ObligationState.ACCEPTED,
            ObligationState.EXEMPT,
            ObligationState.MISSED,
            ObligationState.WITHDRAWN,
        }
    ),
    ObligationState.SUBMITTED: frozenset(
        {ObligationState.ACCEPTED, ObligationState.RETURNED, ObligationState.EXEMPT}
    ),
    ObligationState.RETURNED: frozenset(
        {
            ObligationState.SUBMITTED,
            ObligationState.ACCEPTED,
            ObligationState.EXEMPT,
            ObligationState.MISSED,
        }
    ),
    ObligationState.ACCEPTED: frozenset({ObligationState.RETURNED}),
    ObligationState.EXEMPT: frozenset(),
    ObligationState.MISSED: frozenset(),
    ObligationState.WITHDRAWN: frozenset({ObligationState.OWED}),
}

TAKES_HAND_IN = frozenset({ObligationState.OWED, ObligationState.RETURNED})
"""States in which a hand-in is taken and the clock runs."""


class Obligation(Base):
    """One respondent, one deliverable, one period (`once` when there is none).

    `scheduled_due` is never edited; `due` moves by extension; a None due is an undated row whose
    next step is the office's. `exempted_at` is when it was released (免报) or withdrawn. `lock_at`
    and `review_at` are the next stored moments, or None.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        UniqueConstraint("deliverable_id", "respondent_id", "period"),
        Index("ix_obligation_respondent_id_state", "respondent_id", "state"),
        index_of_few("ix_obligation_locked_at", "locked_at", "locked_at IS NOT NULL"),
        index_of_few("ix_obligation_waiting", "deliverable_id", "state = '待审'"),
        index_of_few("ix_obligation_undated", "deliverable_id", "due IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id"))
    respondent_id: Mapped[int] = mapped_column(ForeignKey("respondent.id"))
    respondent_class: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime]
    scheduled_due: Mapped[date | None]
    due: Mapped[date | None]
    state: Mapped[ObligationState] = mapped_column(
        Word(ObligationState), default=ObligationState.OWED
    )
    asked: Mapped[int] = mapped_column(default=1)
    received: Mapped[int] = mapped_column(default=0)
    first_received_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    exempted_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    lock_on: Mapped[date | None]
    lock_at: Mapped[datetime | None] = mapped_column(index=True)
    correction_due: Mapped[date | None]
    review_at: Mapped[datetime | None] = mapped_column(index=True)

    deliverable: Mapped[Deliverable] = relationship()
    respondent: Mapped[Respondent] = relationship()


def title(obligation: Obligation) -> str:
    """What people read: respondent, matter and period."""
    return obligation_title(
        obligation.respondent.name, obligation.deliverable.what, obligation.period
    )


def about(obligation: Obligation) -> dict[str, object]:
    """The columns that tie a history row or an item to the obligation."""
    return {
        "campaign_id": obligation.deliverable.campaign_id,
        "obligation_id": obligation.id,
        "due": obligation.due,
    }
