"""What could not be delivered: carried on to another, and told to the office the same day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import null, select
from sqlalchemy.orm import Session

from ledger.addresses import ChannelKind
from ledger.keys import key
from ledger.messages import (
    LEAVES,
    Item,
    ItemKind,
    Leaves,
    Message,
    MessageKind,
    MessageState,
)
from ledger.reaching import StandIn, stand_in
from ledger.recipients import office
from ledger.standing_in import hearer
from ledger.telling import News, tell_with_the_round
from ledger.workdays import WorkCalendar

WAITING = (
    Item.kind == ItemKind.UNDELIVERED,
    Item.message_id.is_(null()),
    Item.dropped.is_(null()),
)


def carry_on(
    session: Session,
    message: Message,
    kinds: Collection[ChannelKind],
    now: datetime,
    cal: WorkCalendar,
) -> Message | None:
    """A message of the same content for whoever hears in this person's place; None: nobody can.

    It leaves at once, in office hours; `kinds`: the channels that are set up here.
    """
    other = stand_in(session, message, kinds, cal.local_day(now))
    if other is None:
        return None
    at_any_hour = LEAVES[message.kind] is Leaves.AT_ANY_HOUR
    carried = Message(
        key=key("carried", message.id, other.person_id),
        kind=message.kind,
        person_id=other.person_id,
        campaign_id=message.campaign_id,
        round_id=message.round_id,
        announcement_id=message.announcement_id,
        origin_id=message.id,
        state=MessageState.READY,
        created_at=now,
        leaves_at=now if at_any_hour else cal.leaves_at(now),
        items=[_copy(item, other) for item in message.items if item.dropped is None],
    )
    session.add(carried)
    session.flush()
    return carried


def _copy(item: Item, other: StandIn) -> Item:
    """The same line, said to another: as the post's deputy, else in that person's own post."""
    return Item(
        key=key("carried", item.id, other.person_id),
        person_id=other.person_id,
        post_id=item.post_id if other.of_the_post else other.post.id,
        kind=item.kind,
        at=item.at,
        campaign_id=item.campaign_id,
        rung_fire_id=item.rung_fire_id,
        deadline_id=item.deadline_id,
        obligation_id=item.obligation_id,
        problem_id=item.problem_id,
        deliverable_id=item.deliverable_id,
        stage_id=item.stage_id,
        signature_id=item.signature_id,
        epoch=item.epoch,
        due=item.due,
        count=item.count,
        why=item.why,
    )


def note_failure(
    session: Session, message: Message, why: str, now: datetime, cal: WorkCalendar
) -> None:
    """The office is to hear that this message did not arrive; `tell_of_failures` tells it.

    That a message about failures failed is not told in another one: doctor and the audit show it.
    """
    if message.kind is MessageKind.UNDELIVERED:
        return
    about = {"campaign_id": message.campaign_id}
    occasion = key("undelivered", message.id, now.isoformat())
    news = News(ItemKind.UNDELIVERED, occasion, why, about)
    tell_with_the_round(session, news, office(session, cal.local_day(now)), now)


def failures_untold(session: Session) -> bool:
    """Whether the office has yet to hear of a failure."""
    return session.scalar(select(Item.id).where(*WAITING).limit(1)) is not None


def tell_of_failures(session: Session, now: datetime, cal: WorkCalendar) -> int:
    """One message to each person of the office with all failures not told yet; how many."""
    found: dict[int, list[Item]] = defaultdict(list)
    today = cal.local_day(cal.leaves_at(now))
    for item in session.scalars(select(Item).where(*WAITING).order_by(Item.id)):
        item.person_id = hearer(session, item.post, today)
        found[item.person_id].append(item)
    for person_id, items in found.items():
        session.add(
            Message(
                key=key(MessageKind.UNDELIVERED.value, items[0].id, person_id),
                kind=MessageKind.UNDELIVERED,
                person_id=person_id,
                state=MessageState.READY,
                created_at=now,
                leaves_at=cal.leaves_at(now),
                items=items,
            )
        )
    return len(found)
