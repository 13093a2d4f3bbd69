"""What earlier rounds left behind: daily messages that never left, or that may not have arrived.

One message a day: what still holds of them goes with the round that comes next.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, and_, bindparam, exists, literal, null, or_, select, true, update
from sqlalchemy.orm import Session

from ledger.keys import sql_key
from ledger.messages import TOLD_ONCE, Item, ItemKind, Message, MessageKind, MessageState, Round
from ledger.sql import insert_new
from ledger.workdays import WorkCalendar

ROUND = bindparam("of_round", type_=Integer)

OLD = (Message.kind == MessageKind.DIGEST, Message.round_id != ROUND)

NEVER_LEFT = select(Message.id).where(
    *OLD,
    or_(
        and_(Message.state == MessageState.READY, Message.resends == 0),
        Message.state == MessageState.HELD,
    ),
)
MAY_HAVE_LEFT = select(Message.id).where(
    *OLD,
    or_(
        and_(Message.state == MessageState.READY, Message.resends > 0),
        and_(Message.state == MessageState.UNKNOWN, Message.again),
    ),
)
"""Nobody can say whether they arrived, and they were to leave once more on their own day."""

ANY_NEVER_LEFT, ANY_MAY_HAVE_LEFT = NEVER_LEFT.limit(1), MAY_HAVE_LEFT.limit(1)

COPIED = (
    *(Item.person_id, Item.post_id, Item.kind, Item.at, Item.campaign_id, Item.rung_fire_id),
    *(Item.deadline_id, Item.obligation_id, Item.problem_id, Item.deliverable_id, Item.stage_id),
    *(Item.signature_id, Item.epoch, Item.due, Item.count, Item.why),
)


def take_along(session: Session, current: Round, cal: WorkCalendar) -> None:
    """What earlier rounds left behind waits for this one."""
    of_round = {"of_round": current.id}
    if session.scalar(ANY_MAY_HAVE_LEFT, of_round) is not None:
        _say_again(session, current)
    if session.scalar(ANY_NEVER_LEFT, of_round) is not None:
        _inherit_release(session, current)
        _take_back(session, current, cal)


def _say_again(session: Session, current: Round) -> None:
    """Lines that must not be missed are said once more; the old message stays unknown."""
    doubtful = MAY_HAVE_LEFT.params(of_round=current.id)
    rows = select(sql_key("again", Item.id), true(), *COPIED).where(
        Item.message_id.in_(doubtful),
        Item.dropped.is_(null()),
        Item.kind.not_in(TOLD_ONCE),
        ~Item.again,
    )
    insert_new(session, Item, [Item.key, Item.again, *COPIED], rows)
    session.execute(
        update(Message)
        .where(Message.id.in_(doubtful))
        .values(
            state=MessageState.UNKNOWN,
            again=False,
            reason=f"不能确定是否已发出；有关事项已并入 {current.day} 的每日消息",
        )
        .execution_options(synchronize_session=False)
    )


def _inherit_release(session: Session, current: Round) -> None:
    """What the office has let go is not held again for being much."""
    mine = Message.round_id == Round.id
    let_go = exists().where(mine, Message.id.in_(NEVER_LEFT.params(of_round=current.id)))
    if session.scalar(select(Round.id).where(Round.released_at.is_not(null()), let_go).limit(1)):
        current.released_at = current.at


def _take_back(session: Session, current: Round, cal: WorkCalendar) -> None:
    """A weekly list of a week that is over is dropped with that reason."""
    stale = NEVER_LEFT.params(of_round=current.id)
    items = update(Item).execution_options(synchronize_session=False)
    monday = cal.start_of(current.day - timedelta(days=current.day.weekday()))
    old_list: Any = (Item.kind == ItemKind.WEEKLY, Item.at < monday)
    session.execute(items.where(Item.message_id.in_(stale), *old_list).values(dropped="本周已过"))
    session.execute(
        items.where(Item.message_id.in_(stale), Item.dropped.is_(null())).values(message_id=None)
    )
    reason = f"未及发出，已并入 {current.day} 的每日消息"
    session.execute(
        update(Message)
        .where(Message.id.in_(stale))
        .values(state=MessageState.SKIPPED, reason=literal(reason))
        .execution_options(synchronize_session=False)
    )
