"""Releasing a respondent from what is owed, and asking again; a past rate never changes by it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import null, update
from sqlalchemy.orm import Session

from ledger.audit import Act, Actor, record
from ledger.clocks import end_clock
from ledger.date_moves import DateMove, Moved
from ledger.messages import Item
from ledger.obligations import OBLIGATION_MOVES, Obligation, ObligationState, about, title
from ledger.redating import Dates, date_by_plan, deadline_of
from ledger.states import move
from ledger.workdays import WorkCalendar


def release(session: Session, obligation: Obligation, to: ObligationState, now: datetime) -> None:
    """Nothing more is asked: no clock, no lock. Raises IllegalMove."""
    obligation.state = move(f"“{title(obligation)}”", obligation.state, to, OBLIGATION_MOVES)
    obligation.exempted_at = now
    obligation.lock_at = obligation.review_at = None
    deadline = deadline_of(session, obligation)
    if deadline is not None:
        end_clock(deadline)


def withdraw(session: Session, obligation: Obligation, by: Actor, why: str, now: datetime) -> None:
    """The plan no longer asks for it; what waits to be said about it is not said."""
    release(session, obligation, ObligationState.WITHDRAWN, now)
    session.execute(
        update(Item)
        .where(Item.obligation_id == obligation.id, Item.message_id.is_(null()))
        .values(dropped="已撤销")
        .execution_options(synchronize_session=False)
    )
    record(session, by, Act.WITHDRAWN, now, **about(obligation), note=why)


def ask_again(
    session: Session,
    obligation: Obligation,
    dates: Dates | None,
    by: Actor,
    why: str,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """What had been withdrawn is asked once more; None: its date is not set yet."""
    obligation.state = move(
        f"“{title(obligation)}”", obligation.state, ObligationState.OWED, OBLIGATION_MOVES
    )
    obligation.exempted_at = None
    if dates is not None:
        date_by_plan(session, obligation, dates, now, cal)
    record(session, by, Act.ASKED_AGAIN, now, **about(obligation), note=why)


def redate(
    session: Session,
    obligation: Obligation,
    dates: Dates,
    by: Actor,
    why: str,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """Another due date by the plan: the old one stays beside the new, and the clock starts anew."""
    session.add(
        DateMove(
            obligation_id=obligation.id,
            moved=Moved.DUE,
            old=obligation.due,
            new=dates.due,
            why=why,
            at=now,
            by_post_id=by.post.id if by.post else None,
        )
    )
    was = obligation.due or "未定"
    date_by_plan(session, obligation, dates, now, cal)
    record(
        session, by, Act.REDATED, now, **about(obligation), note=f"由 {was} 改为 {dates.due}；{why}"
    )
