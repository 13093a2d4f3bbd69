"""What a round does about messages nobody has signed for: told once more, then the head hears.

Who is told is whoever the message reached; carried on to another, it is the other. The limit runs
from the day a message left: nobody is chased for what is still on its way. Of what reached nobody
the head hears at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, null, select, update
from sqlalchemy.orm import Session, joinedload

from ledger.announcements import Announcement, superseded
from ledger.campaigns import Campaign
from ledger.families import carried_on
from ledger.keys import key
from ledger.messages import LEFT, Item, ItemKind, Message, MessageState, Round
from ledger.recipients import office
from ledger.roles import Role
from ledger.signatures import Signature
from ledger.signing import asked_of
from ledger.sql import Record
from ledger.units import Person, Post, valid_on
from ledger.workdays import WorkCalendar


@dataclass(frozen=True)
class Reader:
    """Who a message went to in the end, in which post; `left` None: it has not left.

    `lost`: nor will it, as nobody could be reached.
    """

    person_id: int
    post_id: int
    left: datetime | None
    lost: bool


@dataclass
class Late:
    """A message whose limit is over, unsigned; `over`: nobody needs to sign for it any more."""

    id: int
    within: int
    due: date
    again: bool
    title: str
    campaign_id: int | None
    person: str
    post_id: int | None
    over: bool
    readers: list[Reader] = field(default_factory=list)

    @property
    def lost(self) -> bool:
        """It reached nobody, so there is nobody to tell again."""
        return not self.again and all(reader.lost for reader in self.readers)

    @property
    def last_step(self) -> bool:
        """It is the head's turn to hear."""
        return self.again or self.lost


def chase_unsigned(session: Session, now: datetime, cal: WorkCalendar, batch: int) -> bool:
    """Settle what is to be done about at most `batch` late ones; False when there are none."""
    late = _late(session, now, batch)
    if not late:
        return False
    day = _round_day(session, now, cal)
    _leave_alone(session, now, [one for one in late if one.over])
    waiting = [one for one in late if not one.over]
    moved = {one.id: due for one in waiting if (due := _later_due(one, day, cal)) is not None}
    _postpone(session, now, cal, moved)
    waiting = [one for one in waiting if one.id not in moved]
    _tell_again(session, now, cal, day, [one for one in waiting if not one.last_step])
    _tell_heads(session, now, cal, [one for one in waiting if one.last_step])
    return True


def _late(session: Session, now: datetime, batch: int) -> list[Late]:
    post = select(func.min(Item.post_id)).where(Item.message_id == Message.id)
    rows = session.execute(
        select(
            Signature.id,
            Signature.within,
            Signature.due,
            Signature.again_at,
            func.coalesce(Announcement.title, Campaign.short + "启动通知").label("title"),
            Message.campaign_id,
            Person.name,
            post.scalar_subquery().label("post_id"),
            superseded(Message.announcement_id).label("settled"),
        )
        .join(Message, Message.id == Signature.message_id)
        .join(Person, Person.id == Message.person_id)
        .outerjoin(Announcement, Announcement.id == Message.announcement_id)
        .outerjoin(Campaign, Campaign.id == Message.campaign_id)
        .where(Signature.next_at <= now)
        .order_by(Signature.id)
        .limit(batch)
    ).all()
    readers = _readers(session, [row.id for row in rows])
    return [_one(row, readers.get(row.id, [])) for row in rows]


def _one(row: Record, readers: list[Reader]) -> Late:
    return Late(
        id=row.id,
        within=row.within,
        due=row.due,
        again=row.again_at is not None,
        title=row.title or "",
        campaign_id=row.campaign_id,
        person=row.name,
        post_id=row.post_id,
        over=bool(row.settled) or not readers,
        readers=readers,
    )


def _readers(session: Session, ids: Sequence[int]) -> dict[int, list[Reader]]:
    """Of each signature the messages in which it ends: its own, or those it was carried on as."""
    line = asked_of(ids)
    post = select(func.min(Item.post_id)).where(Item.message_id == Message.id).scalar_subquery()
    rows = session.execute(
        select(
            line.c.signature_id,
            Message.person_id,
            Message.state,
            Message.leaves_at,
            Message.sent_at,
            post.label("post_id"),
        )
        .join(Message, Message.id == line.c.id)
        .where(~carried_on())
        .order_by(line.c.signature_id, Message.id)
    )
    found: dict[int, list[Reader]] = defaultdict(list)
    for row in rows:
        left = (row.sent_at or row.leaves_at) if row.state in LEFT else None
        lost = row.state is MessageState.FAILED
        if row.post_id is not None and row.state is not MessageState.SKIPPED:
            found[row.signature_id].append(Reader(row.person_id, row.post_id, left, lost))
    return found


def _round_day(session: Session, now: datetime, cal: WorkCalendar) -> date:
    """The day of the round that takes along what is told now."""
    today = cal.local_day(now)
    held = session.scalar(select(Round.id).where(Round.day == today))
    return today if cal.is_workday(today) and held is None else cal.shift(today, 1)


def _later_due(one: Late, day: date, cal: WorkCalendar) -> date | None:
    """The due day of a message that left later than it should have, or not yet; else None."""
    if one.again or one.lost:
        return None
    left = [cal.local_day(reader.left) for reader in one.readers if reader.left is not None]
    due = cal.shift(max(left, default=day), one.within)
    return due if due > one.due else None


def _leave_alone(session: Session, now: datetime, late: Sequence[Late]) -> None:
    _claim(session, now, [one.id for one in late], next_at=None)


def _postpone(
    session: Session, now: datetime, cal: WorkCalendar, moved: Mapping[int, date]
) -> None:
    for due in sorted(set(moved.values())):
        ids = [id for id, day in moved.items() if day == due]
        _claim(session, now, ids, due=due, next_at=cal.end_of(due))


def _tell_again(
    session: Session, now: datetime, cal: WorkCalendar, day: date, late: Sequence[Late]
) -> None:
    """Whoever has it hears once more, and has as long again."""
    lines: list[Item] = []
    for within in sorted({one.within for one in late}):
        due = cal.shift(day, within)
        alike = {one.id: one for one in late if one.within == within}
        claimed = _claim(session, now, alike, again_at=now, next_at=cal.end_of(due))
        for one in (alike[id] for id in claimed):
            why = f"“{one.title}”还没有签收，期限 {one.due} 已过；请于 {due} 前签收"
            lines += [
                _said(one, "again", reader.person_id, reader.post_id, why, now, due)
                for reader in one.readers
            ]
    _leave(session, lines)


def _tell_heads(session: Session, now: datetime, cal: WorkCalendar, late: Sequence[Late]) -> None:
    """The heads of the unit hear; where there is nobody else to be its head, the office does."""
    posts = _posts(session, late)
    today = cal.local_day(now)
    heads = _heads(session, {post.unit_id for post in posts.values()}, today)
    offices = office(session, today)
    by_id = {one.id: one for one in late}
    lines: list[Item] = []
    for one in (by_id[id] for id in _claim(session, now, by_id, head_at=now, next_at=None)):
        post = posts[one.post_id]
        readers = {reader.person_id for reader in one.readers}
        above = [head for head in heads.get(post.unit_id, []) if head.person_id not in readers]
        why = _told_above(one, f"{post.unit.name}的" if post.unit else "", post.role)
        lines += [
            _said(one, "head", head.person_id, head.id, why, now, None) for head in above or offices
        ]
    _leave(session, lines)


def _told_above(one: Late, unit: str, role: Role) -> str:
    if one.lost:
        who = f"{unit}{role}{one.person}"
        return f"“{one.title}”没有送到{who}，期限 {one.due} 已过，没有人签收；请转告本人"
    return f"{unit}{role}{one.person}没有签收“{one.title}”，期限 {one.due}，已再次提醒"


def _posts(session: Session, late: Iterable[Late]) -> dict[int | None, Post]:
    ids = {one.post_id for one in late}
    rows = select(Post).options(joinedload(Post.unit)).where(Post.id.in_(ids))
    return {post.id: post for post in session.scalars(rows)}


def _heads(session: Session, units: set[int | None], day: date) -> dict[int | None, list[Post]]:
    found: dict[int | None, list[Post]] = defaultdict(list)
    rows = select(Post).where(Post.role == Role.HEAD, Post.unit_id.in_(units), valid_on(Post, day))
    for post in session.scalars(rows.order_by(Post.id)):
        found[post.unit_id].append(post)
    return found


def _said(
    one: Late, step: str, person_id: int, post_id: int, why: str, now: datetime, due: date | None
) -> Item:
    """A line for the next round. Its key is of the person: who holds two posts hears once."""
    return Item(
        key=key("unsigned", one.id, step, person_id),
        person_id=person_id,
        post_id=post_id,
        kind=ItemKind.UNSIGNED,
        at=now,
        campaign_id=one.campaign_id,
        signature_id=one.id,
        due=due,
        why=why,
    )


def _leave(session: Session, lines: Iterable[Item]) -> None:
    """For the next round to take along; each once."""
    session.add_all({line.key: line for line in lines}.values())
    session.flush()


def _claim(session: Session, now: datetime, ids: Iterable[int], **values: Any) -> list[int]:
    """Write down what is decided about those still late and unsigned; which those are.

    Whoever comes second finds none: what is decided always moves the moment they are looked at.
    """
    mine = (
        update(Signature)
        .where(
            Signature.id.in_(list(ids)), Signature.next_at <= now, Signature.signed_at.is_(null())
        )
        .values(values)
        .returning(Signature.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(mine))
