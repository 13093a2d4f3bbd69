"""Reviewing what was handed in: accept it, or send it back (退回) for correction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.audit import Act, Actor, record
from ledger.clocks import end_clock
from ledger.errors import Refused
from ledger.keys import key
from ledger.messages import ItemKind, MessageKind
from ledger.obligations import OBLIGATION_MOVES, Obligation, ObligationState, about, title
from ledger.redating import deadline_of, hold_lock_until, time_correction
from ledger.states import move
from ledger.submissions import Outcome, Submission
from ledger.telling import News, tell_one_at_once
from ledger.units import Post
from ledger.workdays import WorkCalendar


def accept(session: Session, obligation: Obligation, by: Actor, now: datetime) -> None:
    """Acceptance decides "done"."""
    if obligation.state is not ObligationState.SUBMITTED:
        raise Refused(f"“{title(obligation)}”现在是“{obligation.state}”，没有待审的报送。")
    obligation.state = move(
        f"“{title(obligation)}”", obligation.state, ObligationState.ACCEPTED, OBLIGATION_MOVES
    )
    obligation.accepted_at = now
    obligation.review_at = None
    _judge(session, obligation, by, Outcome.ACCEPTED, "", now)
    deadline = deadline_of(session, obligation)
    if deadline is not None:
        end_clock(deadline)
    record(session, by, Act.ACCEPTED, now, **about(obligation))


def send_back(
    session: Session,
    obligation: Obligation,
    by: Actor,
    reason: str,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """Back for correction, by default within 3 working days; a new epoch of the ladder.

    The first receipt stands: what was on time stays on time.
    """
    if not reason.strip():
        raise Refused("退回要写明理由，好让对方知道改什么。")
    if obligation.deliverable.withdrawn_at is not None:
        raise Refused(f"“{title(obligation)}”已由后来的方案撤去，不再退回补正；请收下。")
    obligation.state = move(
        f"“{title(obligation)}”", obligation.state, ObligationState.RETURNED, OBLIGATION_MOVES
    )
    days = obligation.deliverable.correction_days
    obligation.correction_due = cal.shift(cal.local_day(now), days)
    obligation.accepted_at = obligation.review_at = None
    last = _judge(session, obligation, by, Outcome.RETURNED, reason, now)
    obligation.received = max(0, obligation.received - last.count)
    lock_on = max(obligation.lock_on or obligation.correction_due, obligation.correction_due)
    hold_lock_until(obligation, lock_on, cal)
    time_correction(session, obligation, obligation.correction_due, now, cal)
    note = f"{reason}（{obligation.correction_due} 前改正）"
    record(session, by, Act.SENT_BACK, now, **about(obligation), note=note)
    _tell_sender(session, obligation, last, note, now, cal)


def _judge(
    session: Session,
    obligation: Obligation,
    by: Actor,
    outcome: Outcome,
    note: str,
    now: datetime,
) -> Submission:
    """Write the outcome on the submissions not yet judged; returns the last version."""
    versions = session.scalars(
        select(Submission)
        .where(Submission.obligation_id == obligation.id)
        .order_by(Submission.version)
    ).all()
    for submission in versions:
        if submission.outcome is Outcome.PENDING or submission is versions[-1]:
            submission.outcome = outcome
            submission.reviewed_by_id = by.post.id if by.post else None
            submission.reviewed_at = now
            submission.review_note = note
    return versions[-1]


def _tell_sender(
    session: Session,
    obligation: Obligation,
    last: Submission,
    note: str,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    why = f"“{title(obligation)}”退回：{note}"
    news = News(ItemKind.ACT, key("return", last.id), why, about(obligation))
    sender = session.get_one(Post, last.by_post_id)
    tell_one_at_once(session, MessageKind.SEND_BACK, news, sender, now, cal)
