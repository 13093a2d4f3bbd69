"""By what ways a person can be reached, and who is reached instead when there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import null, or_, select, update
from sqlalchemy.orm import Session

from ledger.absences import away_on
from ledger.addresses import Address, ChannelKind
from ledger.messages import Item, Message
from ledger.recipients import office
from ledger.roles import Role
from ledger.sql import changed
from ledger.units import Post, valid_on


@dataclass(frozen=True)
class Way:
    """One address that may be used."""

    id: int
    channel: ChannelKind
    value: str


def ways_of(session: Session, message_ids: Sequence[int]) -> dict[int, list[Way]]:
    """The addresses each message may go to, in the order in which they are tried."""
    about_another = (
        select(Item.id)
        .where(Item.message_id == Message.id, Item.post_id != Address.post_id)
        .exists()
    )
    rows = session.execute(
        select(Message.id, Address.id, Address.channel, Address.value)
        .join(Address, Address.person_id == Message.person_id)
        .where(
            Message.id.in_(message_ids),
            Address.disabled_at.is_(null()),
            or_(Address.post_id.is_(null()), ~about_another),
        )
        .order_by(Message.id, Address.post_id.is_(null()), Address.position, Address.id)
    )
    found: dict[int, list[Way]] = defaultdict(list)
    for message_id, id, channel, value in rows:
        found[message_id].append(Way(id, channel, value))
    return found


def disable(session: Session, address_id: int, why: str, now: datetime) -> bool:
    """Nothing goes to this address any more until someone mends it; False when it was so."""
    return (
        changed(
            session,
            update(Address)
            .where(Address.id == address_id, Address.disabled_at.is_(null()))
            .values(disabled_at=now, disabled_why=why),
        )
        == 1
    )


@dataclass(frozen=True)
class StandIn:
    """Who hears in another's place, and in which post; `of_the_post`: as its deputy."""

    person_id: int
    post: Post
    of_the_post: bool = False


def stand_in(
    session: Session, message: Message, kinds: Collection[ChannelKind], day: date
) -> StandIn | None:
    """The deputy, else the head of the unit, else the office: the first who can be reached.

    `kinds`: the channels that are set up here. Whoever the message was for already is not asked
    again. None: nobody is left.
    """
    tried = _tried(message)
    for other in _others(session, message, day):
        if other.person_id not in tried and _reachable(session, other, kinds, day):
            return other
    return None


def _tried(message: Message) -> set[int]:
    """The persons this message and those it carries on were for."""
    tried: set[int] = set()
    current: Message | None = message
    while current is not None:
        tried.add(current.person_id)
        current = current.origin
    return tried


def _others(session: Session, message: Message, day: date) -> Iterator[StandIn]:
    ids = dict.fromkeys(item.post_id for item in message.items)
    posts = [session.get_one(Post, id) for id in ids]
    for post in posts:
        if post.deputy_id is not None:
            yield StandIn(post.deputy_id, post, of_the_post=True)
    units = list(dict.fromkeys(post.unit_id for post in posts if post.unit_id is not None))
    heads = select(Post).where(Post.role == Role.HEAD, valid_on(Post, day)).order_by(Post.id)
    for unit_id in units:
        for head in session.scalars(heads.where(Post.unit_id == unit_id)):
            yield StandIn(head.person_id, head)
    for post in office(session, day):
        yield StandIn(post.person_id, post)


def _reachable(session: Session, other: StandIn, kinds: Collection[ChannelKind], day: date) -> bool:
    """There, not away, and with an address for what is said in that post."""
    there = select(Address.id).where(
        Address.person_id == other.person_id,
        or_(Address.post_id.is_(null()), Address.post_id == other.post.id),
        Address.channel.in_(kinds),
        Address.disabled_at.is_(null()),
        ~away_on(day, Address.person_id),
    )
    return session.scalar(there.limit(1)) is not None
