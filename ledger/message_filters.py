"""Which messages are meant: by unit, person, campaign and day. Conditions for statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, func, null, or_, select, true
from sqlalchemy.orm import Session

from ledger.campaigns import OVER, Campaign
from ledger.families import onwards
from ledger.messages import Item, Message
from ledger.units import Person, Post, Unit
from ledger.workdays import WorkCalendar

left_at = func.coalesce(Message.sent_at, Message.leaves_at)
"""When a message left; where it has not, when it is to leave or was to."""


def to_person(person: Person) -> ColumnElement[bool]:
    """Written to that person."""
    return Message.person_id == person.id


def to_unit(session: Session, unit: Unit, cal: WorkCalendar) -> ColumnElement[bool]:
    """To whoever held a post in the unit when it left, and what was carried on from such a one.

    To deputies, too, where a line of it is for a post of the unit.
    """
    posts = session.scalars(select(Post).where(Post.unit_id == unit.id)).all()
    if not posts:
        return Message.id.is_(null())
    theirs = select(Message.id).where(
        Message.person_id.in_({*_holders(posts), *_deputies(posts)}),
        or_(*(_while_held(post, cal) for post in posts), _as_deputy(posts)),
    )
    return Message.id.in_(select(onwards(theirs).c.id))


def _holders(posts: Sequence[Post]) -> set[int]:
    return {post.person_id for post in posts}


def _deputies(posts: Sequence[Post]) -> set[int]:
    return {post.deputy_id for post in posts if post.deputy_id is not None}


def _while_held(post: Post, cal: WorkCalendar) -> ColumnElement[bool]:
    since = left_at >= cal.start_of(post.valid_from) if post.valid_from else true()
    until = left_at < cal.end_of(post.valid_until) if post.valid_until else true()
    return and_(Message.person_id == post.person_id, since, until)


def _as_deputy(posts: Sequence[Post]) -> ColumnElement[bool]:
    """To a deputy of one of the posts, with a line for one of them."""
    heard = select(Item.id).where(
        Item.message_id == Message.id, Item.post_id.in_([post.id for post in posts])
    )
    return and_(Message.person_id.in_(_deputies(posts)), heard.exists())


def about_campaign(campaign: Campaign, among_few: bool = False) -> ColumnElement[bool]:
    """The message, or one of its lines, is about the campaign.

    `among_few`: other conditions leave so few that each is best looked at.
    """
    own = Message.campaign_id == campaign.id
    line = Item.campaign_id == campaign.id
    # None is older than the campaign: what came before need not be looked at.
    since = Message.leaves_at >= campaign.launched_at
    if campaign.state in OVER and not among_few:
        # Its messages lie far back: to go through the newer ones, line by line, takes longer.
        its = select(Item.message_id).where(line, Item.message_id.is_not(null()))
        return Message.id.in_(select(Message.id).where(since, own).union(its))
    return and_(since, or_(own, exists().where(Item.message_id == Message.id, line)))


def between(first: date | None, last: date | None, cal: WorkCalendar) -> ColumnElement[bool]:
    """Left within these local days, both included; what has not left was or is to leave then."""
    since = left_at >= cal.start_of(first) if first else true()
    return and_(since, _before(cal.end_of(last)) if last else true())


def _before(end: datetime) -> ColumnElement[bool]:
    # Nothing leaves before it is to: so the index of what is to leave narrows the search.
    return and_(Message.leaves_at < end, left_at < end)
