"""The nightly self-audit: any open case with no next step, in Chinese sentences for the office.

Each finding counts the rows and names the first few; an empty list means that everything open has
a next moment stored somewhere and that nothing due was left undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, null, or_, select
from sqlalchemy.orm import Session

from ledger import gaps
from ledger.campaigns import Campaign, Decision
from ledger.families import lost
from ledger.gaps import RUNNING, said
from ledger.keys import key
from ledger.messages import ItemKind, Message, MessageKind, MessageState, Round
from ledger.recipients import office
from ledger.tallying import tally_anew
from ledger.telling import News, tell_with_the_round
from ledger.workdays import WorkCalendar

PATIENCE = timedelta(hours=1)
"""How long a decision, a round or a message on its way may take."""

REMEMBERED = timedelta(days=7)
"""How long a failure to tell the office is pointed out."""

UNSENT = timedelta(days=1)
"""How long after its hour a message may still wait to leave."""

Check = Callable[[Session, datetime, WorkCalendar], Iterable[str]]


def find_gaps(session: Session, now: datetime, cal: WorkCalendar) -> list[str]:
    """One sentence per kind of gap; empty when the ledger is clean."""
    return [sentence for check in CHECKS for sentence in check(session, now, cal)]


def report_gaps(session: Session, found: Sequence[str], now: datetime, cal: WorkCalendar) -> None:
    """The office hears of the findings in its next daily message; once per day of audit.

    Counters found wrong are put right.
    """
    tally_anew(session)
    today = cal.local_day(now)
    why = f"夜间自查发现 {len(found)} 个问题：" + "".join(found)
    news = News(ItemKind.AUDIT, key("self_audit", today.isoformat()), why, {})
    tell_with_the_round(session, news, office(session, today), now)


def _round_missing(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    """The last working day whose round should be over by now has none."""
    today = cal.local_day(now)
    over = cal.is_workday(today) and now >= cal.daily_moment(today) + PATIENCE
    wanted = today if over else cal.shift(today, -1)
    launched = session.scalar(select(func.min(Campaign.launched_at)).where(RUNNING))
    last = session.scalar(select(func.max(Round.day)).where(Round.sealed_at.is_not(null())))
    if launched is None or cal.daily_moment(wanted) + PATIENCE < launched:
        return
    if last is None or last < wanted:
        yield f"{wanted} 的日程轮没有跑完，请检查服务是否在运行，或运行 duban tick。"


def _rounds_unsealed(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    rows = session.scalars(
        select(Round.day).where(Round.sealed_at.is_(null()), Round.at < now - PATIENCE)
    )
    return said([str(day) for day in rows], "个日程轮没有收尾，下一轮会接着做，请留意")


def _decisions_waiting(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    rows = session.scalars(
        select(Decision)
        .where(Decision.carried_out_at.is_(null()), Decision.decided_at < now - PATIENCE)
        .order_by(Decision.id)
    )
    names = [
        f"{row.campaign.short}{row.move}{f'“{row.stage.name}”' if row.stage else ''}"
        for row in rows
    ]
    return said(names, "个决定作出一小时还没有执行，请检查服务是否在运行，或运行 duban tick")


def _messages_stuck(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    stuck = or_(
        and_(Message.state == MessageState.SENDING, Message.sending_since < now - PATIENCE),
        and_(Message.state == MessageState.READY, Message.leaves_at < now - UNSENT),
        and_(Message.state == MessageState.HELD, Message.created_at < now - PATIENCE),
        and_(Message.state == MessageState.DRAFT, Message.created_at < now - UNSENT),
    )
    rows = session.scalars(select(Message).where(stuck).order_by(Message.id))
    names = [f"{row.person.name}（消息 {row.id}）" for row in rows]
    return said(names, "条消息没有发出，请查看 duban messages list 并检查发信设置")


def _office_not_told(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    """The office is told of failures by message; here of those that did not reach it either."""
    untold = select(Message).where(
        Message.kind.in_((MessageKind.UNDELIVERED, MessageKind.HELD)),
        Message.created_at > now - REMEMBERED,
        lost(),
    )
    names = [f"{row.person.name}（消息 {row.id}）" for row in session.scalars(untold)]
    return said(names, "条告知活动办的消息没有送到，请查看 duban messages list --state 失败")


CHECKS: tuple[Check, ...] = (
    gaps.without_next_moment,
    gaps.set_aside,
    gaps.obligations_without_clock,
    gaps.reviews_forgotten,
    gaps.problems_without_clock,
    gaps.problems_unassigned,
    gaps.stages_unwatched,
    gaps.stages_not_opened,
    gaps.deliverables_unopened,
    gaps.tallies_wrong,
    _round_missing,
    _rounds_unsealed,
    _decisions_waiting,
    _messages_stuck,
    _office_not_told,
)
