"""What follows from an outcome: dead addresses, messages carried on, the office told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from ledger.addresses import ChannelKind
from ledger.messages import Message, MessageState
from ledger.reaching import disable
from ledger.undelivered import carry_on, note_failure
from ledger.workdays import WorkCalendar
from notifications.claims import Outcome


def bear(
    session: Session,
    id: int,
    outcome: Outcome,
    kinds: Collection[ChannelKind],
    now: datetime,
    cal: WorkCalendar,
) -> bool:
    """In the transaction that writes the outcome down; whether more is to be sent because of it.

    `kinds`: the channels set up here.
    """
    for address_id, why in outcome.dead:
        disable(session, address_id, why, now)
    if not outcome.dead and outcome.state is not MessageState.FAILED:
        return False
    message = session.get_one(Message, id, populate_existing=True)
    carried = carry_on(session, message, kinds, now, cal) if outcome.stranded else None
    if carried is not None:
        message.reason = f"{outcome.reason}；已改发给{carried.person.name}（消息 {carried.id}）"
    note_failure(session, message, _told(message, outcome, carried), now, cal)
    return True


def _told(message: Message, outcome: Outcome, carried: Message | None) -> str:
    """The sentence the office reads."""
    dead = "、".join(
        f"{one.address}（{one.said}）" for one in outcome.tries if one.address and outcome.dead
    )
    what = f"{message.person.name}的地址不能用，已停用：{dead}" if dead else str(outcome.reason)
    subject = f"“{outcome.words.subject}”" if outcome.words else f"消息 {message.id}"
    if outcome.state is not MessageState.FAILED:
        return f"{what}；{subject}已改用其他地址发出。"
    if carried is not None:
        return f"{message.person.name}没有收到{subject}：{what}；已改发给{carried.person.name}。"
    return f"{message.person.name}没有收到{subject}：{what}；也没有别人可以转发，请电话告知。"
