"""The weekly list: in the first round of an ISO week, one per person, over all campaigns.

It holds what is overdue, or due up to the next weekly list and at least 7 calendar days ahead.
Missed, the next round of the same week makes it; a week that is over is skipped with that reason.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from sqlalchemy import Date, Integer, Select, String, and_, bindparam, func, literal, null, select
from sqlalchemy.orm import Session

from ledger.campaigns import Campaign, CampaignState, Deliverable
from ledger.deadlines import Clock, Deadline
from ledger.keys import iso_week, sql_key
from ledger.messages import Item, ItemKind, Round, WeeklyList, WeeklyRound
from ledger.obligations import Obligation, ObligationState
from ledger.recipients import AS_CONTACT, recipients
from ledger.roles import Role
from ledger.sql import Insertion, insert_new
from ledger.units import Post, valid_on
from ledger.workdays import WorkCalendar

AHEAD = timedelta(days=7)


def weekly_list_due(session: Session, current: Round) -> bool:
    """No round has made this ISO week's lists yet, and a campaign is running."""
    if session.get(WeeklyRound, iso_week(current.day)) is not None:
        return False
    running = select(Campaign.id).where(Campaign.state == CampaignState.RUNNING).limit(1)
    return session.scalar(running) is not None


def horizon(day: date, cal: WorkCalendar) -> date:
    """The last due date a list made on `day` looks ahead to."""
    return max(cal.next_list(day), day + AHEAD)


def list_one_batch(
    session: Session, current: Round, cal: WorkCalendar, after: int, batch: int
) -> int | None:
    """Write the list's lines for open cases with ids above `after`; the last id, or None."""
    values = {"after": after, "horizon": horizon(current.day, cal)}
    last: int | None = session.scalar(_last_of_batch(), {**values, "batch": batch})
    if last is not None:
        values |= {"last": last, "week": iso_week(current.day)}
        _lines().into(session, **values, at=current.at, today=current.day)
    return last


AFTER, LAST = bindparam("after", type_=Integer), bindparam("last", type_=Integer)

LISTED = (
    Deadline.clock == Clock.RUNNING,
    Deadline.due <= bindparam("horizon", type_=Date),
    Deadline.id > AFTER,
    Campaign.state == CampaignState.RUNNING,
)


@cache
def _last_of_batch() -> Select[int]:
    ids = select(Deadline.id).join(Campaign, Campaign.id == Deadline.campaign_id).where(*LISTED)
    batch = ids.order_by(Deadline.id).limit(bindparam("batch", type_=Integer)).subquery()
    return select(func.max(batch.c.id))


@cache
def _lines() -> Insertion:
    """A line for each contact of whoever is to answer, built once for every round."""
    listed = (
        select(Deadline.respondent_id)
        .join(Campaign, Campaign.id == Deadline.campaign_id)
        .where(*LISTED, Deadline.id <= LAST)
    )
    asked = listed.add_columns(AS_CONTACT).distinct()
    found = recipients(asked.cte("asked"), bindparam("today", type_=Date))
    rows = (
        listed.with_only_columns(
            sql_key("week", bindparam("week", type_=String), found.c.person_id, Deadline.id),
            found.c.person_id,
            found.c.post_id,
            literal(ItemKind.WEEKLY, Item.kind.type),
            bindparam("at", type_=Item.at.type),
            Deadline.campaign_id,
            Deadline.id,
            Deadline.obligation_id,
            Deadline.problem_id,
            Deadline.epoch,
            Deadline.due,
            literal(""),
        )
        .join(
            found,
            and_(
                found.c.respondent_id == Deadline.respondent_id,
                found.c.why == "",
            ),
        )
        .order_by(Deadline.due, Deadline.id, found.c.post_id)
    )
    columns = [Item.key, Item.person_id, Item.post_id, Item.kind, Item.at, Item.campaign_id]
    columns += [Item.deadline_id, Item.obligation_id, Item.problem_id, Item.epoch, Item.due]
    return Insertion(Item, [*columns, Item.why], rows)


def list_undated(session: Session, current: Round) -> None:
    """The office's own lines: what has no date yet (活动办定期), counted per deliverable."""
    undated = (
        select(Deliverable.campaign_id, Deliverable.id, func.count(Obligation.id).label("number"))
        .join(Obligation, Obligation.deliverable_id == Deliverable.id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .where(
            Obligation.due.is_(None),
            Obligation.state == ObligationState.OWED,
            Campaign.state == CampaignState.RUNNING,
        )
        .group_by(Deliverable.campaign_id, Deliverable.id)
        .subquery()
    )
    rows = (
        select(
            sql_key("undated", iso_week(current.day), Post.person_id, undated.c.id),
            Post.person_id,
            Post.id,
            literal(ItemKind.UNDATED, Item.kind.type),
            literal(current.at, Item.at.type),
            undated.c.campaign_id,
            undated.c.id,
            undated.c.number,
            literal("没有期限，待活动办定期"),
        )
        .join(undated, Post.role == Role.OFFICE)
        .where(valid_on(Post, current.day))
        .order_by(Post.id, undated.c.id)
    )
    columns = [Item.key, Item.person_id, Item.post_id, Item.kind, Item.at, Item.campaign_id]
    columns += [Item.deliverable_id, Item.count, Item.why]
    insert_new(session, Item, columns, rows)


def close_week(session: Session, current: Round, cal: WorkCalendar) -> None:
    """Record the lists made: one per person and week; and the weeks that passed without."""
    week = iso_week(current.day)
    persons = (
        select(Item.person_id, literal(week), literal(current.id))
        .where(
            Item.kind.in_((ItemKind.WEEKLY, ItemKind.UNDATED)),
            Item.at == current.at,
            Item.message_id.is_(null()),
        )
        .distinct()
        .order_by(Item.person_id)
    )
    columns = (WeeklyList.person_id, WeeklyList.iso_week, WeeklyList.round_id)
    insert_new(session, WeeklyList, columns, persons)
    for missed in _missed_weeks(session, current, cal):
        _record_week(session, current, missed, "本周已过")
    _record_week(session, current, week, None)


def _record_week(session: Session, current: Round, week: str, skipped: str | None) -> None:
    """Two rounds at once may both come here: the first is recorded, the second changes nothing."""
    t = WeeklyRound
    row = select(
        literal(week),
        literal(current.id),
        literal(skipped, t.skipped.type),
        literal(current.at, t.decided_at.type),
    )
    insert_new(session, t, [t.iso_week, t.round_id, t.skipped, t.decided_at], row)


def _missed_weeks(session: Session, current: Round, cal: WorkCalendar) -> list[str]:
    """ISO weeks with a working day that passed since the last list, none made."""
    last = session.scalar(
        select(func.max(Round.day)).join(WeeklyRound, WeeklyRound.round_id == Round.id)
    )
    if last is None:
        return []
    days = (last + timedelta(days=n) for n in range(7, (current.day - last).days, 7))
    weeks = {iso_week(day) for day in days if cal.week_opens(day)}
    return sorted(weeks - {iso_week(current.day), iso_week(last)})
