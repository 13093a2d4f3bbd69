"""What has become of units so far: the names they had, and whether and how they ended."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.units import Unit, UnitChange, UnitFate

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
