"""What moved when dates were projected anew: told to those it concerns, listed for the office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from ledger.campaigns import Campaign, Deliverable
from ledger.date_moves import DateMove, Moved
from ledger.deadlines import Deadline
from ledger.keys import sql_key
from ledger.messages import Item, ItemKind
from ledger.obligations import Obligation
from ledger.problems import Problem
from ledger.projection import Cause
from ledger.recipients import AS_CONTACT, recipients
from ledger.sql import Rows, insert_new
from ledger.titles import period_name, problem_title
from ledger.units import Unit


@dataclass(frozen=True)
class MoveRow:
    """So many dates that moved alike: of which campaign and matter, which date, from and to."""

    campaign: str
    what: str
    period: str
    moved: Moved
    old: date | None
    new: date | None
    count: int

    @property
    def dates(self) -> tuple[date | None, date | None]:
        """What stood, and what stands now."""
        return self.old, self.new

    @property
    def period_name(self) -> str:
        """The period as people say it; empty for a one-off or a problem."""
        return period_name(self.period) if self.period else ""


def move_rows(session: Session, after: int) -> list[MoveRow]:
    """The moves with ids above `after`, those alike counted together, by the new date."""
    rows = session.execute(
        select(
            Campaign.short,
            Deliverable.what,
            Obligation.period,
            *(Problem.number, Unit.name, Problem.title),
            *(DateMove.moved, DateMove.old, DateMove.new),
            func.count(DateMove.id),
        )
        .select_from(DateMove)
        .outerjoin(Obligation, Obligation.id == DateMove.obligation_id)
        .outerjoin(Deliverable, Deliverable.id == Obligation.deliverable_id)
        .outerjoin(Problem, Problem.id == DateMove.problem_id)
        .outerjoin(Unit, Unit.id == Problem.unit_id)
        .join(Campaign, Campaign.id == func.coalesce(Deliverable.campaign_id, Problem.campaign_id))
        .where(DateMove.id > after)
        .group_by(
            *(Campaign.short, Deliverable.id, Deliverable.what, Obligation.period),
            *(Problem.number, Unit.name, Problem.title),
            *(DateMove.moved, DateMove.old, DateMove.new),
        )
        .order_by(Campaign.short, func.min(DateMove.id))
    )
    return [
        MoveRow(
            campaign=short,
            what=what or problem_title(number, unit, title),
            period=period or "",
            moved=moved,
            old=old,
            new=new,
            count=count,
        )
        for short, what, period, number, unit, title, moved, old, new, count in rows
    ]


def tell_whose_due_moved(session: Session, after: int, cause: Cause) -> None:
    """The next round tells the contacts of whoever owes, and whoever was told of the case."""
    moves = (
        select(DateMove.id)
        .join(Deadline, Deadline.obligation_id == DateMove.obligation_id)
        .where(DateMove.id > after, DateMove.moved.in_((Moved.DUE, Moved.CORRECTION)))
    )
    contacts = moves.with_only_columns(Deadline.respondent_id, AS_CONTACT).distinct()
    found = recipients(contacts.cte("asked"), cause.today)
    owes = found.c.respondent_id == Deadline.respondent_id
    _tell(session, moves.join(found, owes), found.c, cause)
    told = aliased(Item)
    was_told = and_(
        told.deadline_id == Deadline.id,
        told.kind.in_((ItemKind.RUNG, ItemKind.WEEKLY)),
        told.message_id.is_not(None),
    )
    _tell(session, moves.join(told, was_told), told, cause)


def _tell(session: Session, moves: Rows, whom: Any, cause: Cause) -> None:
    """One line per move and person; who has it already gets no second one."""
    old, new = (_written(session, moves, day, cause) for day in (DateMove.old, DateMove.new))
    said = literal("的期限由 ") + old + literal(" 改为 ") + new + literal("：") + DateMove.why
    about = (Deadline.campaign_id, Deadline.id, Deadline.obligation_id, DateMove.new)
    rows = moves.with_only_columns(
        sql_key("moved", DateMove.id, whom.person_id),
        whom.person_id,
        func.min(whom.post_id),
        literal(ItemKind.REDATED, Item.kind.type),
        literal(cause.now, Item.at.type),
        *about,
        said,
    ).group_by(DateMove.id, whom.person_id, *about, DateMove.old, DateMove.why)
    columns = [Item.key, Item.person_id, Item.post_id, Item.kind, Item.at, Item.campaign_id]
    columns += [Item.deadline_id, Item.obligation_id, Item.due, Item.why]
    insert_new(session, Item, columns, rows)


def _written(
    session: Session, moves: Rows, day: InstrumentedAttribute[date | None], cause: Cause
) -> ColumnElement[str]:
    """The date in words; one of a year not published says 暂定."""
    days = session.scalars(moves.with_only_columns(day).distinct())
    uncertain = [day for day in days if day is not None and cause.after.provisional(day)]
    mark = case((day.in_(uncertain), literal("（暂定）")), else_=literal(""))
    return cast(day, String) + mark
