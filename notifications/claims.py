"""Claiming messages by conditional updates, and writing down what became of them.

A claim is committed before its message is sent. What became of one message and the claim of the
next are one transaction, so a killed process leaves at most one message nobody can speak for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    Integer,
    Text,
    Update,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from config.database import Database
from ledger.addresses import ChannelKind
from ledger.messages import (
    LEAVES,
    MESSAGE_MOVES,
    TOLD_ONCE,
    Attempt,
    Item,
    Leaves,
    Message,
    MessageKind,
    MessageState,
    Round,
    Tried,
)
from ledger.sql import changed
from ledger.states import move
from ledger.workdays import WorkCalendar
from notifications.rendering import Rendered

STALLED = timedelta(minutes=10)
"""After so long in sending, the process that claimed the message is taken to be dead."""

INTERRUPTED = "发送中断，不能确定是否已发出"

MOMENT = Message.leaves_at.type

AT_ANY_HOUR = tuple(kind for kind, leaves in LEAVES.items() if leaves is Leaves.AT_ANY_HOUR)

WAITS = or_(
    Message.state == MessageState.READY,
    and_(Message.state == MessageState.UNKNOWN, Message.again),
)
"""It is to leave, or to leave once more."""

WORTH_REPEATING = (
    select(Item.id)
    .where(
        Item.message_id == Message.id,
        Item.dropped.is_(null()),
        Item.kind.not_in(TOLD_ONCE),
        ~Item.again,
    )
    .exists()
)

NOTE = insert(Attempt)


@dataclass(frozen=True)
class Waiting:
    """A message that waits, as it stands; messages leave by their moment, then their number."""

    leaves_at: datetime
    id: int
    state: MessageState
    attempts: int
    resends: int


@dataclass(frozen=True)
class Dead:
    """An address at which nobody is reached any more, and why."""

    id: int
    value: str
    why: str


@dataclass(frozen=True)
class Try:
    """One attempt at one address, and what was said to it."""

    channel: ChannelKind
    address: str
    outcome: Tried
    said: str


@dataclass(frozen=True)
class Outcome:
    """What became of a claimed message; READY is given back, to leave at `leaves_at`.

    `dead`: the addresses to be disabled, with why. `stranded`: the person was not reached, so
    another is to hear instead.
    """

    state: MessageState
    reason: str | None = None
    words: Rendered | None = None
    tries: tuple[Try, ...] = ()
    counts: bool = False
    leaves_at: datetime | None = None
    dead: tuple[Dead, ...] = ()
    stranded: bool = False


def waiting(
    session: Session, now: datetime, cal: WorkCalendar, after: Waiting | None, most: int
) -> list[Waiting]:
    """The next messages that may leave, at most `most`, none of them claimed yet."""
    todays = select(Round.id).where(Round.day == cal.local_day(now))
    may = [
        Message.state.in_((MessageState.READY, MessageState.UNKNOWN)),
        Message.leaves_at <= now,
        WAITS,
        or_(Message.kind != MessageKind.DIGEST, Message.round_id.in_(todays)),
    ]
    if cal.leaves_at(now) != now:
        may.append(Message.kind.in_(AT_ANY_HOUR))
    if after is not None:
        later = and_(Message.leaves_at == after.leaves_at, Message.id > after.id)
        may.append(or_(Message.leaves_at > after.leaves_at, later))
    columns = (Message.leaves_at, Message.id, Message.state, Message.attempts, Message.resends)
    rows = select(*columns).where(*may).order_by(Message.leaves_at, Message.id)
    return [Waiting(*row) for row in session.execute(rows.limit(most))]


def claim(session: Session, one: Waiting, now: datetime) -> bool:
    """Move a waiting message to sending, if it still stands as it did.

    False when another process was faster, whatever came of it there.
    """
    seen = {
        "its_id": one.id,
        "moment": one.leaves_at,
        "was": one.state,
        "tries": one.attempts,
        "sent": one.resends,
    }
    return _touched(session, _claiming(), now=now, **seen) == 1


@cache
def _claiming() -> Update:
    once_more = case((Message.state == MessageState.UNKNOWN, 1), else_=0)
    return (
        update(Message)
        .where(
            Message.id == bindparam("its_id", type_=Integer),
            WAITS,
            Message.leaves_at == bindparam("moment", type_=MOMENT),
            Message.state == bindparam("was", type_=Message.state.type),
            Message.attempts == bindparam("tries", type_=Integer),
            Message.resends == bindparam("sent", type_=Integer),
        )
        .values(
            state=MessageState.SENDING,
            sending_since=bindparam("now", type_=MOMENT),
            resends=Message.resends + once_more,
            again=False,
        )
    )


def postponed(kind: MessageKind, moment: datetime, cal: WorkCalendar) -> datetime:
    """When a message put off until `moment` may leave."""
    return moment if kind in AT_ANY_HOUR else cal.leaves_at(moment)


def give_up_stalled(database: Database, now: datetime) -> int:
    """Messages a killed process left in sending become unknown; how many.

    One that must not be missed leaves once more.
    """
    stalled = (Message.state == MessageState.SENDING, Message.sending_since < now - STALLED)
    with database.reading() as session:
        if session.scalar(select(Message.id).where(*stalled).limit(1)) is None:
            return 0
    with database.writing() as session:
        _note_the_killed(session, stalled, now)
        given_up = (
            update(Message)
            .where(*stalled)
            .values(
                state=MessageState.UNKNOWN,
                reason=INTERRUPTED,
                sending_since=None,
                again=and_(Message.resends == 0, WORTH_REPEATING),
            )
        )
        return changed(session, given_up.execution_options(synchronize_session=False))


def _note_the_killed(session: Session, stalled: Sequence[Any], now: datetime) -> None:
    tried = select(
        Message.id,
        literal(now, Attempt.at.type),
        literal(Tried.UNCLEAR, Attempt.outcome.type),
        literal(INTERRUPTED),
    ).where(*stalled)
    columns = ["message_id", "at", "outcome", "said"]
    session.execute(insert(Attempt).from_select(columns, tried))


def conclude(session: Session, id: int, claimed: datetime, outcome: Outcome, now: datetime) -> bool:
    """Write down what became of a message claimed at `claimed`; False when it was given up.

    One given up as unknown meanwhile becomes sent if it was: only that is known better.
    """
    target = move(f"消息 {id} ", MessageState.SENDING, outcome.state, MESSAGE_MOVES)
    if outcome.tries:
        tries = [_attempt(id, one, now) for one in outcome.tries]
        session.connection().execute(NOTE, tries)
    words = outcome.words
    values = {
        "its_id": id,
        "claimed": claimed,
        "new_state": target,
        "new_reason": outcome.reason,
        "tried": int(outcome.counts),
        "new_leaves_at": outcome.leaves_at,
        "new_subject": words.subject if words else None,
        "new_body": words.text if words else None,
        "new_sent_at": now if target is MessageState.SENT else None,
    }
    if _touched(session, _concluding(MessageState.SENDING), **values):
        return True
    if target is MessageState.SENT:
        _touched(session, _concluding(MessageState.UNKNOWN), **values)
    return False


def _touched(session: Session, statement: Update, **values: Any) -> int:
    """How many rows it changed; past the session, which holds none of them and takes its time."""
    return session.connection().execute(statement, values).rowcount


def _attempt(id: int, one: Try, now: datetime) -> dict[str, Any]:
    about = {"message_id": id, "at": now, "channel": one.channel, "address": one.address}
    return {**about, "outcome": one.outcome, "said": one.said}


@cache
def _concluding(current: MessageState) -> Update:
    """From sending only by whoever claimed it; from unknown by whoever knows that it left."""
    mine = [Message.id == bindparam("its_id", type_=Integer), Message.state == current]
    if current is MessageState.SENDING:
        mine.append(Message.sending_since == bindparam("claimed", type_=MOMENT))
    state = bindparam("new_state", type_=Message.state.type)
    unclear = state == MessageState.UNKNOWN
    return (
        update(Message)
        .where(*mine)
        .values(
            state=state,
            reason=bindparam("new_reason", type_=Text),
            sending_since=None,
            attempts=Message.attempts + bindparam("tried", type_=Integer),
            leaves_at=func.coalesce(bindparam("new_leaves_at", type_=MOMENT), Message.leaves_at),
            subject=func.coalesce(bindparam("new_subject", type_=Text), Message.subject),
            body=func.coalesce(bindparam("new_body", type_=Text), Message.body),
            sent_at=bindparam("new_sent_at", type_=MOMENT),
            again=and_(unclear, Message.resends == 0, WORTH_REPEATING),
        )
    )
