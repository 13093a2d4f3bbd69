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


def disable_dead(session: Session, outcome: Outcome, now: datetime) -> None:
    """Nothing goes to a dead address any more, whatever became of the message."""
    for dead in outcome.dead:
        disable(session, dead.id, dead.why, now)


def bear(
    session: Session,
    id: int,
    outcome: Outcome,
    kinds: Collection[ChannelKind],
    now: datetime,
    cal: WorkCalendar,
) -> bool:
    """In the transaction that writes the outcome down; whether another is to hear instead.

    `kinds`: the channels set up here.
    """
    if not outcome.dead and outcome.state is not MessageState.FAILED:
        return False
    message = session.get_one(Message, id, populate_existing=True)
    carried = carry_on(session, message, kinds, now, cal) if outcome.stranded else None
    if carried is not None:
        message.reason = f"{outcome.reason}；已改发给{carried.person.name}（消息 {carried.id}）"
    note_failure(session, message, _told(message, outcome, carried), now, cal)
    return carried is not None


NOT_FAILED = {
    MessageState.SENT: "已改用其他地址发出",
    MessageState.READY: "正在改用其他地址发送",
    MessageState.UNKNOWN: "改用其他地址发了，不能确定是否已发出",
}


def _told(message: Message, outcome: Outcome, carried: Message | None) -> str:
    """The sentence the office reads."""
    name = message.person.name
    subject = f"“{outcome.words.subject}”" if outcome.words else f"消息 {message.id}"
    dead = "、".join(f"{one.value}（{one.why}）" for one in outcome.dead)
    disabled = f"{name}的地址不能用，已停用：{dead}" if dead else ""
    if outcome.state is not MessageState.FAILED:
        return f"{disabled}；{subject}{NOT_FAILED[outcome.state]}。"
    instead = f"已改发给{carried.person.name}" if carried else "也没有别人可以转发，请电话告知"
    return f"{name}没有收到{subject}：{disabled or outcome.reason}；{instead}。"
