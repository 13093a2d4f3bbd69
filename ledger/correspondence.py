"""What became of messages: the outbox in rows, and the whole life of one message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, null, or_, select
from sqlalchemy.orm import Session

from ledger.campaigns import Campaign, Deliverable, Stage
from ledger.deadlines import LadderRow, RungFire
from ledger.messages import Item, ItemKind, Message, MessageKind, MessageState, Round
from ledger.obligations import Obligation
from ledger.obligations import title as obligation_title
from ledger.problems import Problem
from ledger.queries import Where
from ledger.rectification import title as problem_title
from ledger.units import Person, Post, Unit


@dataclass(frozen=True)
class MessageRow:
    """A message in one line; `lines` counts what it is about."""

    id: int
    kind: MessageKind
    to: str
    state: MessageState
    created_at: datetime
    leaves_at: datetime
    sent_at: datetime | None
    attempts: int
    reason: str | None
    subject: str | None
    lines: int


@dataclass(frozen=True)
class ItemRow:
    """One thing a message is about: in which office the person hears it, and why.

    `what`: the case in words. `dropped`: why the line was left out.
    """

    kind: ItemKind
    at: datetime
    role: str
    unit: str | None
    campaign: str | None
    what: str
    due: date | None
    ladder: str | None
    rung: int | None
    repeat: int | None
    why: str
    dropped: str | None


@dataclass(frozen=True)
class Life:
    """All there is to know of one message; `body` as it left."""

    message: MessageRow
    key: str
    round_day: date | None
    sending_since: datetime | None
    email: str | None
    items: tuple[ItemRow, ...]
    body: str | None


def message_rows(session: Session, where: Where = ()) -> list[MessageRow]:
    """The messages that meet the conditions, in the order in which they leave."""
    lines = select(func.count(Item.id)).where(Item.message_id == Message.id).scalar_subquery()
    rows = session.execute(
        select(
            Message.id,
            Message.kind,
            Person.name,
            Message.state,
            Message.created_at,
            Message.leaves_at,
            Message.sent_at,
            Message.attempts,
            Message.reason,
            Message.subject,
            lines,
        )
        .join(Person, Person.id == Message.person_id)
        .where(*where)
        .order_by(Message.leaves_at, Message.id)
    )
    return [MessageRow(*row) for row in rows]


def to_unit(unit: Unit) -> ColumnElement[bool]:
    """Sent to someone with a post in the unit."""
    return Message.person_id.in_(select(Post.person_id).where(Post.unit_id == unit.id))


def about_campaign(campaign: Campaign) -> ColumnElement[bool]:
    """The message, or one of its lines, is about the campaign."""
    lines = select(Item.message_id).where(
        Item.campaign_id == campaign.id, Item.message_id.is_not(null())
    )
    return or_(Message.campaign_id == campaign.id, Message.id.in_(lines))


def life_of(session: Session, message: Message) -> Life:
    """The message with every line it was made of, the dropped ones included."""
    daily = session.get(Round, message.round_id) if message.round_id else None
    return Life(
        message=message_rows(session, [Message.id == message.id])[0],
        key=message.key,
        round_day=daily.day if daily else None,
        sending_since=message.sending_since,
        email=", ".join(known.value for known in message.person.addresses) or None,
        items=tuple(_item_row(session, item) for item in message.items),
        body=message.body,
    )


def _item_row(session: Session, item: Item) -> ItemRow:
    fire = session.get(RungFire, item.rung_fire_id) if item.rung_fire_id else None
    campaign = session.get(Campaign, item.campaign_id) if item.campaign_id else None
    return ItemRow(
        kind=item.kind,
        at=item.at,
        role=item.post.role,
        unit=item.post.unit.name if item.post.unit else None,
        campaign=campaign.slug if campaign else None,
        what=_what(session, item),
        due=item.due or (fire.due if fire else None),
        ladder=_ladder(session, fire) if fire else None,
        rung=fire.rung if fire else None,
        repeat=fire.repeat if fire else None,
        why=item.why,
        dropped=item.dropped,
    )


def _what(session: Session, item: Item) -> str:
    """The case a line is about, in words."""
    if item.obligation_id:
        return obligation_title(session.get_one(Obligation, item.obligation_id))
    if item.problem_id:
        return problem_title(session.get_one(Problem, item.problem_id))
    if item.deliverable_id:
        return session.get_one(Deliverable, item.deliverable_id).what
    return session.get_one(Stage, item.stage_id).name if item.stage_id else ""


def _ladder(session: Session, fire: RungFire) -> str:
    return session.get_one(LadderRow, fire.deadline.ladder_id).name
