"""Ladders as rows: copied into the case when it opens, never edited."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.climb import Offset
from ledger.deadlines import LadderRole, LadderRow, LadderRung
from ledger.plan import Ladder


def keep_ladder(session: Session, name: str, ladder: Ladder) -> LadderRow:
    """The row of this very ladder: an equal one is shared, a changed one is a new row."""
    digest = _digest(name, ladder)
    row = session.scalar(select(LadderRow).where(LadderRow.digest == digest))
    if row is not None:
        return row
    row = LadderRow(digest=digest, name=name, monthly_to=ladder.monthly_to)
    session.add(row)
    session.flush()
    for number, rung in enumerate(ladder.rungs):
        session.add(
            LadderRung(
                ladder_id=row.id,
                rung=number,
                offset=rung.offset,
                every=rung.every,
                name=rung.name,
            )
        )
        session.add_all(
            LadderRole(ladder_id=row.id, rung=number, role=role) for role in set(rung.to)
        )
    session.flush()
    return row


def offsets(session: Session, ladder_id: int) -> tuple[Offset, ...]:
    """The rungs' places, lowest first."""
    rows = session.execute(
        select(LadderRung.offset, LadderRung.every)
        .where(LadderRung.ladder_id == ladder_id)
        .order_by(LadderRung.rung)
    )
    return tuple(Offset(offset, every) for offset, every in rows)


def _digest(name: str, ladder: Ladder) -> str:
    words = json.dumps([name, ladder.model_dump(mode="json")], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()
