"""Writing what people are to hear: items that wait for the round, messages that leave at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, func, literal, select
from sqlalchemy.orm import Session

from ledger.deadlines import Deadline
from ledger.keys import key, sql_key
from ledger.messages import (
    LEAVES,
    Item,
    ItemKind,
    Leaves,
    Message,
    MessageKind,
    MessageState,
)
from ledger.sql import insert_new
from ledger.standing_in import hearer, hearer_on
from ledger.units import Post
from ledger.workdays import WorkCalendar


@dataclass(frozen=True)
class News:
    """One thing to be heard, whoever hears it. `occasion` makes it one of its kind.

    `announcement_id`: the text of the office's own that it hands on.
    """

    kind: ItemKind
    occasion: str
    why: str
    about: dict[str, Any]
    announcement_id: int | None = None


def tell_with_the_round(session: Session, news: News, posts: Iterable[Post], now: datetime) -> None:
    """The next daily round takes it along, one message per person."""
    for post in posts:
        occasion = key(news.occasion, post.person_id)
        if session.scalar(select(Item.id).where(Item.key == occasion)) is None:
            session.add(
                Item(
                    key=occasion,
                    person_id=post.person_id,
                    post_id=post.id,
                    kind=news.kind,
                    at=now,
                    why=news.why,
                    **news.about,
                )
            )
            session.flush()


def told_of(session: Session, deadline: Deadline) -> list[Post]:
    """The posts whose holders have been told of a case by its ladder or a list, each once."""
    ids = (
        select(func.min(Item.post_id))
        .where(
            Item.deadline_id == deadline.id,
            Item.kind.in_((ItemKind.RUNG, ItemKind.WEEKLY)),
            Item.message_id.is_not(None),
        )
        .group_by(Item.person_id)
    )
    return list(session.scalars(select(Post).where(Post.id.in_(ids)).order_by(Post.id)))


def tell_one_at_once(
    session: Session,
    kind: MessageKind,
    news: News,
    post: Post,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """A message of its own for the holder of one post, or the deputy of one who is away.

    A receipt answers whoever did the thing.
    """
    leaves_at = _leaves_at(kind, now, cal)
    own = kind is MessageKind.RECEIPT
    person_id = post.person_id if own else hearer(session, post, cal.local_day(leaves_at))
    occasion = key(kind.value, news.occasion, person_id)
    item = Item(
        key=key("item", occasion),
        person_id=person_id,
        post_id=post.id,
        kind=news.kind,
        at=now,
        why=news.why,
        **news.about,
    )
    message = Message(
        key=occasion,
        kind=kind,
        person_id=person_id,
        campaign_id=news.about.get("campaign_id"),
        state=MessageState.READY,
        created_at=now,
        leaves_at=leaves_at,
        items=[item],
    )
    session.add(message)


def _leaves_at(kind: MessageKind, now: datetime, cal: WorkCalendar) -> datetime:
    return now if LEAVES[kind] is Leaves.AT_ANY_HOUR else cal.leaves_at(now)


def tell_at_once(
    session: Session,
    kind: MessageKind,
    news: News,
    posts: Select[Any],
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """A message of its own for every person behind the selected post ids."""
    hearer = hearer_on(cal.local_day(_leaves_at(kind, now, cal)))
    chosen = (
        select(hearer.label("person_id"), func.min(Post.id).label("post_id"))
        .where(Post.id.in_(posts))
        .group_by(hearer)
        .subquery()
    )
    tell_persons(session, kind, news, chosen, now, cal)


def tell_persons(
    session: Session,
    kind: MessageKind,
    news: News,
    chosen: Subquery,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """A message of its own for every (person_id, post_id) of `chosen`, one row for each person."""
    occasion = sql_key(kind.value, news.occasion, chosen.c.person_id)
    campaign_id = literal(news.about.get("campaign_id"), Message.campaign_id.type)
    messages = select(
        occasion,
        literal(kind, Message.kind.type),
        chosen.c.person_id,
        campaign_id,
        literal(MessageState.READY, Message.state.type),
        literal(now, Message.created_at.type),
        literal(_leaves_at(kind, now, cal), Message.leaves_at.type),
        literal(0),
        literal(news.announcement_id, Message.announcement_id.type),
    ).order_by(chosen.c.person_id)
    columns = [Message.key, Message.kind, Message.person_id, Message.campaign_id, Message.state]
    columns += [Message.created_at, Message.leaves_at, Message.attempts]
    columns += [Message.announcement_id]
    insert_new(session, Message, columns, messages)
    _write_items(session, news, chosen, occasion, now)


def _write_items(session: Session, news: News, chosen: Any, occasion: Any, now: datetime) -> None:
    about = {name: value for name, value in news.about.items() if value is not None}
    items = select(
        sql_key("item", occasion),
        Message.id,
        chosen.c.person_id,
        chosen.c.post_id,
        literal(news.kind, Item.kind.type),
        literal(now, Item.at.type),
        literal(news.why),
        *(literal(value, getattr(Item, name).type) for name, value in about.items()),
    ).join(Message, Message.key == occasion)
    columns = [Item.key, Item.message_id, Item.person_id, Item.post_id, Item.kind, Item.at]
    columns += [Item.why, *(getattr(Item, name) for name in about)]
    insert_new(session, Item, columns, items)
