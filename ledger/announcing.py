"""Announcing (临时通知): what the office sends by hand, one message to each person, at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ledger.announcements import AnnouncedFile, Announcement, Telling
from ledger.audit import Act, Actor, record
from ledger.campaigns import Campaign
from ledger.errors import Refused
from ledger.intake import HandedFile
from ledger.messages import ItemKind, Message, MessageKind
from ledger.signing import ask_to_sign
from ledger.telling import News, tell_at_once
from ledger.wording import Wording, text_of, title_of
from ledger.workdays import WorkCalendar


def announce(
    session: Session,
    said: Wording,
    posts: Select[int],
    by: Actor,
    now: datetime,
    cal: WorkCalendar,
    campaign: Campaign | None = None,
    sign_within: int | None = None,
) -> Announcement:
    """One message to every person behind the posts, at the next opening.

    `sign_within`: working days in which it is to be signed for. Raises Refused when nothing is
    said, the title is too long or of several lines, or nobody would hear.
    """
    row = Announcement(
        telling=Telling.NOTICE,
        title=title_of(said),
        body=text_of(said),
        campaign_id=campaign.id if campaign else None,
        sign_within=sign_within,
    )
    write_announcement(session, row, said.files, by, now)
    news = news_of(row, row.title)
    tell_at_once(session, MessageKind.NOTICE, news, posts, now, cal)
    number = _told(session, row)
    if not number:
        raise Refused(
            "没有一个收件人：没有写明发给谁，或所选的单位没有这样的岗位；"
            "请用 --unit、--class、--role 或 --to 写明。"
        )
    ask_readers_to_sign(session, row, now, cal)
    record_announcement(session, row, by, Act.ANNOUNCED, now, f"{number} 人")
    return row


def write_announcement(
    session: Session, row: Announcement, files: Sequence[HandedFile], by: Actor, now: datetime
) -> None:
    """The row and its files, in the name of the post that acts."""
    if by.post is None:
        raise Refused("发通知要写明以哪个岗位的名义。")
    row.at, row.by_post_id = now, by.post.id
    row.files = [AnnouncedFile(name=one.name, sha256=one.sha256, size=one.size) for one in files]
    session.add(row)
    session.flush()


def ask_readers_to_sign(
    session: Session, row: Announcement, now: datetime, cal: WorkCalendar
) -> None:
    """Every one of its messages is to be signed for, where the announcement is."""
    if row.sign_within is not None:
        mine = Message.announcement_id == row.id
        ask_to_sign(session, mine, row.sign_within, cal.leaves_at(now), cal)


def record_announcement(
    session: Session, row: Announcement, by: Actor, act: Act, now: datetime, words: str
) -> None:
    """The history row of it."""
    note = f"第 {row.id} 号“{row.title}”：{words}"
    record(session, by, act, now, campaign_id=row.campaign_id, note=note)


def news_of(row: Announcement, words: str) -> News:
    """The line each reader gets."""
    about = {"campaign_id": row.campaign_id}
    return News(ItemKind.ANNOUNCED, str(row.id), words, about, row.id)


def _told(session: Session, row: Announcement) -> int:
    mine = select(func.count(Message.id)).where(Message.announcement_id == row.id)
    return session.scalar(mine) or 0
