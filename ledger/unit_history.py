"""What has become of units so far: the names they had, and whether and how they ended."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from ledger.obligations import Obligation
from ledger.units import Post, Respondent, Unit, UnitChange, UnitFate

ENDS = (UnitFate.MERGED, UnitFate.CLOSED)


def unit_named(session: Session, name: str) -> Unit | None:
    """The unit that bears the name, else the one that bore it last."""
    unit = session.scalar(select(Unit).where(Unit.name == name))
    if unit is not None:
        return unit
    return session.scalar(
        select(Unit)
        .join(UnitChange, UnitChange.unit_id == Unit.id)
        .where(UnitChange.fate == UnitFate.RENAMED, UnitChange.old_name == name)
        .order_by(UnitChange.id.desc())
        .limit(1)
    )


def end_of(session: Session, unit: Unit) -> str | None:
    """How a closed or merged unit ended, in words; None for one that did not end by a decision."""
    if unit.valid_until is None:
        return None
    change = session.scalar(
        select(UnitChange)
        .where(UnitChange.unit_id == unit.id, UnitChange.fate.in_(ENDS))
        .order_by(UnitChange.id.desc())
        .limit(1)
    )
    if change is None:
        return None
    into = session.get(Unit, change.into_id) if change.into_id else None
    how = f"并入{into.name}" if into else "撤销"
    return f"“{unit.name}”已于 {unit.valid_until} {how}"


def gone(session: Session, unit: Unit, today: date) -> str | None:
    """How a unit that is no more ended, in words; None for one that is still there."""
    if unit.valid_until is None or unit.valid_until >= today:
        return None
    return end_of(session, unit) or f"“{unit.name}”已于 {unit.valid_until} 撤销"


def respondents_of(unit: Unit) -> Select[Respondent]:
    """The unit itself, and those of its posts that answer in their own name."""
    return (
        select(Respondent)
        .outerjoin(Post, Post.id == Respondent.post_id)
        .where(or_(Respondent.unit_id == unit.id, Post.unit_id == unit.id))
    )


def may_change_from(session: Session, unit: Unit, today: date) -> date | None:
    """The first day from which a change of the unit touches nothing past; None: any day.

    It exists, has not been changed later, and what fell due before is in the rates already.
    """
    owed = select(func.max(Obligation.due)).where(
        Obligation.respondent_id.in_(respondents_of(unit).with_only_columns(Respondent.id)),
        Obligation.due < today,
    )
    due = session.scalar(owed)
    changed = select(func.max(UnitChange.on)).where(UnitChange.unit_id == unit.id)
    days = (unit.valid_from, session.scalar(changed), due + timedelta(days=1) if due else None)
    return max(filter(None, days), default=None)
