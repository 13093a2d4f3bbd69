"""Putting right what the office sent by hand: correcting (更正) and recalling (撤回).

Either reaches whoever had the wrong text, or may have had it; from whoever had not, it is kept
back. The record keeps both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CTE, ColumnElement, Subquery, case, func, select, update
from sqlalchemy.orm import Session

from ledger.announcements import Announcement, Telling
from ledger.announcing import (
    ask_readers_to_sign,
    news_of,
    record_announcement,
    write_announcement,
)
from ledger.audit import Act, Actor
from ledger.errors import Refused
from ledger.families import carried_on, onwards
from ledger.intake import HandedFile
from ledger.messages import LEFT, Item, Message, MessageKind, MessageState
from ledger.signatures import Signature
from ledger.signing import drop_waiting
from ledger.telling import tell_persons
from ledger.wording import Wording, reason_of, text_of, title_of
from ledger.workdays import WorkCalendar

KEPT_BACK = (MessageState.READY, MessageState.HELD)
"""States in which a message has not begun to leave."""

MAY_BE_THERE = (MessageState.SENDING, *LEFT)
"""States in which the text was read by its reader, or may have been or will be."""


@dataclass(frozen=True)
class PutRight:
    """A correction or a recall: how many had the wrong text, how many now never get it."""

    announcement: Announcement
    had: int
    kept_back: int


def correct(
    session: Session,
    wrong: Announcement,
    said: Wording,
    reason: str,
    by: Actor,
    now: datetime,
    cal: WorkCalendar,
) -> PutRight:
    """Put an announcement right, for everyone it was meant for; once, and as often as it is wrong.

    Without files those of the wrong one go along. Whoever had to sign signs for the right text
    instead. Raises Refused when it was put right or taken back before, or nothing differs.
    """
    _check_standing(session, wrong, "更正")
    row = Announcement(
        telling=Telling.CORRECTION,
        title=title_of(said),
        body=text_of(said),
        campaign_id=wrong.campaign_id,
        sign_within=wrong.sign_within,
        about_id=wrong.id,
        reason=reason_of(reason),
    )
    if (row.title, row.body) == (wrong.title, wrong.body) and not said.files:
        raise Refused(f"更正后的内容与第 {wrong.id} 号相同；请核对后再更正。")
    files = said.files or [HandedFile(kept.name, kept.sha256, kept.size) for kept in wrong.files]
    kept_back = _keep_back(session, wrong, "已更正，不再发出")
    write_announcement(session, row, files, by, now)
    readers = _readers(session, wrong)
    seen = f"“{row.title}”有更正，请以更正后的内容为准"
    unseen = f"“{row.title}”（更正前的一稿没有发给您，这是更正后的内容）"
    for words, mine in ((seen, readers.c.had == 1), (unseen, readers.c.had == 0)):
        chosen = select(readers).where(mine).subquery()
        news = news_of(row, words)
        tell_persons(session, MessageKind.CORRECTION, news, chosen, now, cal)
    ask_readers_to_sign(session, row, now, cal)
    record_announcement(session, row, by, Act.CORRECTED, now, row.reason)
    return PutRight(row, _number(session, readers, readers.c.had == 1), kept_back)


def recall(
    session: Session, wrong: Announcement, reason: str, by: Actor, now: datetime, cal: WorkCalendar
) -> PutRight:
    """Take an announcement back. Whoever had it is told; nobody needs to sign for it any more.

    Raises Refused when it was put right or taken back before.
    """
    _check_standing(session, wrong, "撤回")
    row = Announcement(
        telling=Telling.RECALL,
        title=wrong.title,
        body="",
        campaign_id=wrong.campaign_id,
        about_id=wrong.id,
        reason=reason_of(reason),
    )
    kept_back = _keep_back(session, wrong, "已撤回，不再发出")
    write_announcement(session, row, (), by, now)
    readers = _readers(session, wrong)
    had = readers.c.had == 1
    news = news_of(row, f"“{row.title}”已撤回")
    chosen = select(readers).where(had).subquery()
    tell_persons(session, MessageKind.RECALL, news, chosen, now, cal)
    record_announcement(session, row, by, Act.RECALLED, now, row.reason)
    return PutRight(row, _number(session, readers, had), kept_back)


def messages_of(announcement_ids: Sequence[int]) -> CTE:
    """An announcement's messages and those they were carried on as: their `id`, and the `first`."""
    own = select(Message.id, Message.id.label("first")).where(
        Message.announcement_id.in_(announcement_ids), Message.origin_id.is_(None)
    )
    return onwards(own)


def _readers(session: Session, wrong: Announcement) -> Subquery:
    """Everyone an announcement, or what it put right, was meant for: person, post, whether `had`.

    Who could not be reached is left out where another got it instead.
    """
    given_up = (Message.state == MessageState.FAILED) & carried_on()
    family = messages_of(_line(session, wrong))
    return (
        select(
            Message.person_id,
            func.min(Item.post_id).label("post_id"),
            func.max(case((Message.state.in_(MAY_BE_THERE), 1), else_=0)).label("had"),
        )
        .join(family, family.c.id == Message.id)
        .join(Item, Item.message_id == Message.id)
        .where(~given_up)
        .group_by(Message.person_id)
        .subquery()
    )


def _line(session: Session, announcement: Announcement) -> list[int]:
    """The announcement and what it put right, back to the first."""
    line = [announcement.id]
    about = announcement.about_id
    while about is not None:
        line.append(about)
        about = session.get_one(Announcement, about).about_id
    return line


def _keep_back(session: Session, wrong: Announcement, why: str) -> int:
    """What has not begun to leave does not, and nobody waits for signatures; how many messages.

    What is on its way now may arrive, but is not sent a second time.
    """
    family = select(messages_of([wrong.id]).c.id)
    mine = (
        update(Message).where(Message.id.in_(family)).execution_options(synchronize_session=False)
    )
    stopped = mine.where(Message.state.in_(KEPT_BACK)).returning(Message.id)
    skipped = stopped.values(state=MessageState.SKIPPED, reason=why)
    number = len(session.scalars(skipped).all())
    session.execute(mine.where(Message.again).values(again=False))
    asked = select(Signature.id).where(Signature.message_id.in_(family))
    session.execute(
        update(Signature)
        .where(Signature.id.in_(asked))
        .values(next_at=None)
        .execution_options(synchronize_session=False)
    )
    drop_waiting(session, Item.signature_id.in_(asked), why.partition("，")[0])
    return number


def _check_standing(session: Session, wrong: Announcement, verb: str) -> None:
    if wrong.telling is Telling.RECALL:
        raise Refused(f"第 {wrong.id} 号本身是撤回，不能{verb}；有话要说请另发一份通知。")
    later = session.scalar(select(Announcement).where(Announcement.about_id == wrong.id))
    if later is None:
        return
    if later.telling is Telling.RECALL:
        raise Refused(
            f"第 {wrong.id} 号已经撤回（第 {later.id} 号），不能再{verb}；有话要说请另发一份通知。"
        )
    raise Refused(f"第 {wrong.id} 号已由第 {later.id} 号更正；要再{verb}，请写第 {later.id} 号。")


def _number(session: Session, readers: Subquery, which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(readers).where(which)) or 0
