"""Keeping the tallies: whatever changes an obligation changes them in the same transaction.

One obligation changed, written or removed through its object is noticed here; many at once are
changed only by `change_many` and written only by the opening, which adds what is `opened`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    bindparam,
    delete,
    event,
    func,
    inspect,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Mapper, Session

from ledger.campaigns import Campaign, Deliverable
from ledger.counting import KEY, STORED, Facts, counted, counts_of, difference
from ledger.obligations import Obligation
from ledger.rates import NUMBERS, Counts
from ledger.sql import Insertion, Rows, add_row
from ledger.tallies import Tally

TallyKey: TypeAlias = tuple[int, str, str]
"""A deliverable, a period, a class of respondents."""

TALLY_KEY = (Tally.deliverable_id, Tally.period, Tally.respondent_class)


def opened(*where: ColumnElement[bool]) -> Insertion:
    """Add rows just written, those that meet the conditions: they owe, nothing has come in."""
    nothing = [literal(0)] * (len(NUMBERS) - 1)
    rows = select(*KEY, func.count(), *nothing).where(*where).group_by(*KEY)
    return _addition(rows)


def change_many(session: Session, *where: ColumnElement[bool], **change: Any) -> None:
    """Change obligations by one statement, and their tallies by the difference it makes."""
    deciding = {name: value for name, value in change.items() if name in Facts._fields}
    if deciding:
        _addition(difference(session, where, deciding)).into(session)
    session.execute(
        update(Obligation)
        .where(*where)
        .values(**change)
        .execution_options(synchronize_session=False)
    )


def recount(session: Session) -> dict[TallyKey, Counts]:
    """What the tallies should be: every obligation counted one by one."""
    return _read(session, counted(session))


def mistallied(session: Session) -> list[int]:
    """Deliverables whose tallies are not what a recount gives."""
    kept, right = _read(session, select(*TALLY_KEY, *NUMBERS)), recount(session)
    keys = kept.keys() | right.keys()
    return sorted({key[0] for key in keys if kept.get(key, Counts()) != right.get(key, Counts())})


def tally_anew(session: Session) -> None:
    """Put a recount in the place of the tallies."""
    session.execute(delete(Tally))
    _addition(counted(session)).into(session)


def _addition(rows: Rows) -> Insertion:
    """Counts that are added to those kept."""
    return Insertion(Tally, (*TALLY_KEY, *NUMBERS), rows, add_up=True)


def _read(session: Session, rows: Rows) -> dict[TallyKey, Counts]:
    found = session.execute(rows)
    return {(item, period, of): Counts(*numbers) for item, period, of, *numbers in found}


@event.listens_for(Obligation, "after_insert")
def _written(_: Mapper[Obligation], connection: Connection, row: Obligation) -> None:
    key, facts, timezone = _stored(connection, row)
    _add(connection, key, counts_of(facts, timezone))


@event.listens_for(Obligation, "before_update")
def _changed(_: Mapper[Obligation], connection: Connection, row: Obligation) -> None:
    history = inspect(row).attrs
    names = [name for name in Facts._fields if history[name].history.has_changes()]
    if not names:
        return
    key, facts, timezone = _stored(connection, row)
    changed = facts._replace(**{name: getattr(row, name) for name in names})
    _add(connection, key, counts_of(changed, timezone) - counts_of(facts, timezone))


@event.listens_for(Obligation, "before_delete")
def _removed(_: Mapper[Obligation], connection: Connection, row: Obligation) -> None:
    key, facts, timezone = _stored(connection, row)
    _add(connection, key, Counts() - counts_of(facts, timezone))


def _stored(connection: Connection, row: Obligation) -> tuple[Sequence[Any], Facts, str]:
    """Its key, its facts and its campaign's zone as the table has them now."""
    *key, due, state, first, exempted, timezone = connection.execute(_row(), {"id": row.id}).one()
    return key, Facts(due, state, first, exempted), timezone


@cache
def _row() -> Rows:
    return (
        select(*KEY, *STORED, Campaign.timezone)
        .join(Deliverable, Deliverable.id == Obligation.deliverable_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .where(Obligation.id == bindparam("id", type_=Integer))
    )


def _add(connection: Connection, key: Sequence[Any], counts: Counts) -> None:
    if counts == Counts():
        return
    names = [column.key for column in KEY]
    add_row(connection, Tally, dict(zip(names, key, strict=True)) | vars(counts))
