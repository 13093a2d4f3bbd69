"""The weekly list: in the first round of an ISO week, one per person, over all campaigns.

It holds what is overdue, or due up to the next weekly list and at least 7 calendar days ahead.
Missed, the next round of the same week makes it; a week that is over is skipped with that reason.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from sqlalchemy import Date, Integer, String, bindparam, func, literal, null, select
from sqlalchemy.orm import Session

from ledger.campaigns import Campaign, CampaignState, Deliverable
from ledger.deadlines import RUNS, Clock, Deadline
from ledger.keys import iso_week, sql_key
from ledger.messages import Item, ItemKind, Round, WeeklyList, WeeklyRound
from ledger.obligations import Obligation, ObligationState
from ledger.recipients import AS_CONTACT, recipients
from ledger.roles import Role
from ledger.spans import Ids, Span
from ledger.sql import Insertion, Rows, insert_new
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


HORIZON = bindparam("horizon", type_=Date)
OPEN = Ids(select(Deadline.id).where(Deadline.clock == Clock.RUNNING, Deadline.due <= HORIZON))


def listed_spans(session: Session, current: Round, cal: WorkCalendar, batch: int) -> list[Span]:
    """The open cases the lists may hold, at most `batch` to a span."""
    return OPEN.spans(session, batch, horizon=horizon(current.day, cal))


def list_span(session: Session, current: Round, cal: WorkCalendar, span: Span) -> None:
    """Write the list's lines for the open cases of a span."""
    _lines().into(
        session,
        **span._asdict(),
        horizon=horizon(current.day, cal),
        week=iso_week(current.day),
        at=current.at,
        today=current.day,
    )


@cache
def _lines() -> Insertion:
    """A line for each contact of whoever is to answer, built once for every round."""
    found = recipients(_listed().cte("asked"), bindparam("today", type_=Date))
    of = found.c
    rows = (
        select(
            sql_key("week", bindparam("week", type_=String), of.person_id, of.deadline_id),
            of.person_id,
            of.post_id,
            literal(ItemKind.WEEKLY, Item.kind.type),
            bindparam("at", type_=Item.at.type),
            of.campaign_id,
            of.deadline_id,
            of.obligation_id,
            of.problem_id,
            of.epoch,
            of.due,
            literal(""),
        )
        .where(of.why == "")
        .order_by(of.due, of.deadline_id, of.post_id)
    )
    columns = [Item.key, Item.person_id, Item.post_id, Item.kind, Item.at, Item.campaign_id]
    columns += [Item.deadline_id, Item.obligation_id, Item.problem_id, Item.epoch, Item.due]
    return Insertion(Item, [*columns, Item.why], rows)


def _listed() -> Rows:
    return select(
        Deadline.id.label("deadline_id"),
        Deadline.respondent_id,
        AS_CONTACT,
        Deadline.campaign_id,
        Deadline.obligation_id,
        Deadline.problem_id,
        Deadline.epoch,
        Deadline.due,
    ).where(
        Deadline.id.between(bindparam("first", type_=Integer), bindparam("last", type_=Integer)),
        RUNS,
        Deadline.due <= HORIZON,
        Deadline.campaign_id.in_(
            select(Campaign.id).where(Campaign.state == CampaignState.RUNNING)
        ),
    )


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
