"""Trying again what has failed, once the cause is mended: by the office's word."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.audit import Act, Actor, record
from ledger.errors import Refused
from ledger.families import lost
from ledger.messages import MESSAGE_MOVES, Message, MessageState
from ledger.states import move
from ledger.workdays import WorkCalendar


def failed_for_good(session: Session) -> list[Message]:
    """The messages that failed and were carried on to nobody."""
    return list(session.scalars(select(Message).where(lost()).order_by(Message.id)))


def retry(session: Session, message: Message, by: Actor, now: datetime, cal: WorkCalendar) -> None:
    """The message is ready once more; a daily one of an earlier day goes with the next round.

    Raises IllegalMove when it has not failed, Refused when another heard instead.
    """
    other = session.scalar(select(Message).where(Message.origin_id == message.id).limit(1))
    if other is not None:
        raise Refused(
            f"消息 {message.id} 已改发给{other.person.name}（消息 {other.id}），不必再发。"
        )
    message.state = move(f"消息 {message.id} ", message.state, MessageState.READY, MESSAGE_MOVES)
    message.attempts, message.leaves_at = 0, cal.leaves_at(now)
    note = f"消息 {message.id}（{message.person.name}）：{message.reason or ''}"
    record(session, by, Act.RETRIED, now, campaign_id=message.campaign_id, note=note)
