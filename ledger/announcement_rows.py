"""What the office asks about its announcements: how each stands, who got it, who signed for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from ledger.announcements import Announcement, Telling
from ledger.campaigns import Campaign
from ledger.correcting import messages_of
from ledger.errors import Ambiguous, NotFound
from ledger.finding import SHOWN, near_names
from ledger.messages import LEFT, Item, Message, MessageState
from ledger.signatures import Signature
from ledger.sql import Rows
from ledger.units import Person, Post, Unit


@dataclass(frozen=True)
class AnnouncementRow:
    """An announcement in one line. `about`: the one it puts right; `settled_by`: what did so to it.

    `asked` and `signed` count messages that are to be signed for, and that were.
    """

    id: int
    telling: Telling
    title: str
    campaign: str | None
    at: datetime
    by: str
    about: int | None
    reason: str
    sign_within: int | None
    messages: int
    sent: int
    asked: int
    signed: int
    settled_by: int | None
    settled: Telling | None


@dataclass(frozen=True)
class ReaderRow:
    """One message of an announcement, and its signature where one is asked for.

    `instead_of`: who could not be reached, so that it came here; `carried_to`: who got it instead.
    `signer` signed, through `signed_message`: this one, or another of those it was carried on as.
    """

    message: int
    name: str
    role: str
    unit: str | None
    state: MessageState
    reason: str | None
    leaves_at: datetime
    sent_at: datetime | None
    sign_due: date | None
    signed_at: datetime | None
    signed_from: str | None
    signed_message: int | None
    signer: str | None
    told_again_at: datetime | None
    head_told_at: datetime | None
    instead_of: str | None
    carried_to: tuple[str, ...]

    @property
    def reached(self) -> bool:
        """Whether it left, as far as anyone knows."""
        return self.state in LEFT

    @property
    def signed_by_another(self) -> bool:
        """Whether it was signed for, and by someone else in its reader's place."""
        return self.signed_message not in (None, self.message)

    @property
    def unreachable(self) -> bool:
        """Whether it failed and nobody else got it."""
        return self.state is MessageState.FAILED and not self.carried_to


def announcement_rows(session: Session, *, only: int | None = None) -> list[AnnouncementRow]:
    """The announcements, oldest first, or the one of that number."""
    rows = _announcements()
    if only is not None:
        rows = rows.where(Announcement.id == only)
    return [AnnouncementRow(**row._mapping) for row in session.execute(rows)]


def _announcements() -> Rows:
    later = aliased(Announcement)
    mine = (Message.announcement_id == Announcement.id, Message.origin_id.is_(None))
    messages = select(func.count(Message.id)).where(*mine)
    asked = select(func.count(Signature.id)).join(Signature.message).where(*mine)
    return (
        select(
            Announcement.id,
            Announcement.telling,
            Announcement.title,
            Campaign.short.label("campaign"),
            Announcement.at,
            Person.name.label("by"),
            Announcement.about_id.label("about"),
            Announcement.reason,
            Announcement.sign_within,
            messages.scalar_subquery().label("messages"),
            messages.where(Message.sent_at.is_not(None)).scalar_subquery().label("sent"),
            asked.scalar_subquery().label("asked"),
            asked.where(Signature.signed_at.is_not(None)).scalar_subquery().label("signed"),
            later.id.label("settled_by"),
            later.telling.label("settled"),
        )
        .join(Post, Post.id == Announcement.by_post_id)
        .join(Person, Person.id == Post.person_id)
        .outerjoin(Campaign, Campaign.id == Announcement.campaign_id)
        .outerjoin(later, later.about_id == Announcement.id)
        .order_by(Announcement.id)
    )


def reader_rows(session: Session, announcement: Announcement) -> list[ReaderRow]:
    """Everyone an announcement went to or was to go to, with what came of it."""
    rows = session.execute(_readers(announcement)).all()
    names = {row.message: row.name for row in rows}
    carried: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        if row.origin_id is not None:
            carried[row.origin_id].append(row.name)
    return [
        ReaderRow(
            **{name: value for name, value in row._mapping.items() if name != "origin_id"},
            instead_of=names.get(row.origin_id),
            carried_to=tuple(carried[row.message]),
        )
        for row in rows
    ]


def _readers(announcement: Announcement) -> Rows:
    family = messages_of([announcement.id])
    post = select(func.min(Item.post_id)).where(Item.message_id == Message.id).scalar_subquery()
    through, signer = aliased(Message), aliased(Person)
    return (
        select(
            Message.id.label("message"),
            Person.name,
            Post.role,
            Unit.name.label("unit"),
            Message.state,
            Message.reason,
            Message.leaves_at,
            Message.sent_at,
            Signature.due.label("sign_due"),
            Signature.signed_at,
            Signature.signed_from,
            Signature.signed_message_id.label("signed_message"),
            signer.name.label("signer"),
            Signature.again_at.label("told_again_at"),
            Signature.head_at.label("head_told_at"),
            Message.origin_id,
        )
        .select_from(family)
        .join(Message, Message.id == family.c.id)
        .join(Person, Person.id == Message.person_id)
        .outerjoin(Signature, Signature.message_id == family.c.first)
        .outerjoin(through, through.id == Signature.signed_message_id)
        .outerjoin(signer, signer.id == through.person_id)
        .outerjoin(Post, Post.id == post)
        .outerjoin(Unit, Unit.id == Post.unit_id)
        .order_by(Unit.id, Post.id, Message.id)
    )


def find_reader(session: Session, announcement: Announcement, word: str) -> Message:
    """The message of one of its readers: by the name, or by the number of the message."""
    rows = reader_rows(session, announcement)
    found = [row for row in rows if word in (row.name, str(row.message))]
    if len(found) == 1:
        return session.get_one(Message, found[0].message)
    if found:
        could_be = "、".join(f"{row.message} {row.unit or row.role}" for row in found[:SHOWN])
        raise Ambiguous(f"有 {len(found)} 个“{word}”：{could_be}；请改写消息的编号。")
    near = near_names(word, [row.name for row in rows]) or "请用 duban notice show 查看发给了谁"
    raise NotFound(f"第 {announcement.id} 号没有发给“{word}”；{near}。")


def signing_counts(rows: Sequence[ReaderRow]) -> tuple[int, int]:
    """Of those first written to: how many are to sign, and how many have."""
    asked = [row for row in rows if row.sign_due is not None and row.instead_of is None]
    return len(asked), sum(row.signed_at is not None for row in asked)
