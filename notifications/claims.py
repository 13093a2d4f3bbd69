"""Claiming messages by conditional updates, and writing down what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from config.database import Database
from ledger.errors import IllegalMove
from ledger.messages import (
    LEAVES,
    MESSAGE_MOVES,
    Leaves,
    Message,
    MessageKind,
    MessageState,
    Round,
)
from ledger.sql import changed
from ledger.states import move
from ledger.workdays import WorkCalendar
from notifications.rendering import Rendered

STALLED = timedelta(minutes=10)
"""After so long in sending, the process that claimed the message is taken to be dead."""

AT_ANY_HOUR = tuple(kind for kind, leaves in LEAVES.items() if leaves is Leaves.AT_ANY_HOUR)


@dataclass(frozen=True)
class Outcome:
    """What became of a claimed message; READY is given back, to leave at `leaves_at`."""

    state: MessageState
    reason: str | None = None
    words: Rendered | None = None
    tried: bool = False
    leaves_at: datetime | None = None


def claim(database: Database, now: datetime, cal: WorkCalendar, most: int) -> list[int] | None:
    """Move at most `most` messages from ready to sending, and commit.

    None: nothing is ready. An empty list: others were faster, ask again.
    """
    ready = (
        select(Message.id)
        .where(*_may_leave(now, cal))
        .order_by(Message.leaves_at, Message.id)
        .limit(most)
    )
    with database.reading() as session:
        ids = session.scalars(ready).all()
    if not ids:
        return None
    mine = (
        update(Message)
        .where(Message.id.in_(ids), Message.state == MessageState.READY)
        .values(state=MessageState.SENDING, sending_since=now)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    with database.writing() as session:
        won = set(session.scalars(mine))
    return [id for id in ids if id in won]


def _may_leave(now: datetime, cal: WorkCalendar) -> tuple[Any, ...]:
    """Ready and due to leave, in office hours where the kind asks for it; a digest on its day."""
    todays = select(Round.id).where(Round.day == cal.local_day(now))
    may = (
        Message.state == MessageState.READY,
        Message.leaves_at <= now,
        or_(Message.kind != MessageKind.DIGEST, Message.round_id.in_(todays)),
    )
    return may if cal.leaves_at(now) == now else (*may, Message.kind.in_(AT_ANY_HOUR))


def postponed(kind: MessageKind, moment: datetime, cal: WorkCalendar) -> datetime:
    """When a message put off until `moment` may leave."""
    return moment if kind in AT_ANY_HOUR else cal.leaves_at(moment)


def give_up_stalled(database: Database, now: datetime, reason: str) -> int:
    """Messages a killed process left in sending become unknown; how many."""
    stalled = (Message.state == MessageState.SENDING, Message.sending_since < now - STALLED)
    with database.reading() as session:
        if session.scalar(select(Message.id).where(*stalled).limit(1)) is None:
            return 0
    with database.writing() as session:
        return changed(
            session,
            update(Message)
            .where(*stalled)
            .values(state=MessageState.UNKNOWN, reason=reason)
            .execution_options(synchronize_session=False),
        )


def conclude(database: Database, outcomes: Mapping[int, Outcome], now: datetime) -> None:
    """Write down what became of claimed messages, in one transaction."""
    mine = select(Message).where(Message.id.in_(outcomes))
    with database.writing() as session:
        for message in session.scalars(mine.with_for_update()):
            _write(message, outcomes[message.id], now)


def _write(message: Message, outcome: Outcome, now: datetime) -> None:
    try:
        message.state = _moved(message, outcome.state)
    except IllegalMove:
        return  # given up as unknown in the meantime; only "sent" is known better than that
    if outcome.tried or outcome.reason:
        message.reason = outcome.reason
    message.sending_since = None
    message.attempts += int(outcome.tried)
    message.leaves_at = outcome.leaves_at or message.leaves_at
    if outcome.words is not None:
        message.subject, message.body = outcome.words.subject, outcome.words.text
    if outcome.state is MessageState.SENT:
        message.sent_at = now


def _moved(message: Message, target: MessageState) -> MessageState:
    return move(f"消息 {message.id} ", message.state, target, MESSAGE_MOVES)
