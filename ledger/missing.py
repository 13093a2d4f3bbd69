"""The monthly list of the missing (未报名单): the end of a ladder that goes no higher."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from ledger.campaigns import Campaign, CampaignState
from ledger.deadlines import Clock, Deadline, LadderRow, LadderRung
from ledger.keys import sql_key
from ledger.messages import Item, ItemKind, Round
from ledger.obligations import Obligation, ObligationState
from ledger.sql import insert_new
from ledger.units import Post, valid_on
from ledger.workdays import WorkCalendar


def missing_list_due(session: Session, current: Round) -> bool:
    """This is the first round of its month, and not the first of all."""
    last = session.scalar(select(func.max(Round.day)).where(Round.id != current.id))
    return last is not None and last < current.day.replace(day=1)


def list_missing(session: Session, current: Round, cal: WorkCalendar) -> None:
    """Tell the ladder's last office what stands at its end, or has locked since last month."""
    first = current.day.replace(day=1)
    last_month = cal.start_of((first - timedelta(days=1)).replace(day=1))
    rung = aliased(LadderRung)
    higher = exists().where(rung.ladder_id == Deadline.ladder_id, rung.rung >= Deadline.next_rung)
    at_the_end = and_(Deadline.clock == Clock.RUNNING, ~higher)
    locked = and_(Obligation.state == ObligationState.MISSED, Obligation.locked_at >= last_month)
    rows = (
        select(
            sql_key("missing", first.isoformat(), Post.person_id, Obligation.id),
            Post.person_id,
            Post.id,
            literal(ItemKind.MISSING, Item.kind.type),
            literal(current.at, Item.at.type),
            Deadline.campaign_id,
            Deadline.id,
            Obligation.id,
            Deadline.due,
            literal("每月未报名单"),
        )
        .select_from(Deadline)
        .join(Obligation, Obligation.id == Deadline.obligation_id)
        .join(LadderRow, LadderRow.id == Deadline.ladder_id)
        .join(Campaign, Campaign.id == Deadline.campaign_id)
        .join(Post, and_(Post.role == LadderRow.monthly_to, valid_on(Post, current.day)))
        .where(or_(at_the_end, locked), Campaign.state == CampaignState.RUNNING)
        .order_by(Deadline.due, Obligation.id, Post.id)
    )
    columns = [Item.key, Item.person_id, Item.post_id, Item.kind, Item.at, Item.campaign_id]
    columns += [Item.deadline_id, Item.obligation_id, Item.due, Item.why]
    insert_new(session, Item, columns, rows)
