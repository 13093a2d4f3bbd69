"""What the rounds to come will open of a deliverable, as it stands now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.campaigns import Deliverable
from ledger.obligations import Obligation
from ledger.opening import Begun, opening_of_begun
from ledger.respondents import respondents
from ledger.units import Respondent
from ledger.workdays import WorkCalendar


@dataclass(frozen=True)
class Coming:
    """The next rows: of which period (None: none are coming), due and opened when, and whose."""

    period: str | None
    due: date | None
    opens_on: date | None
    asked: frozenset[int]

    def beside(self, was: Coming) -> frozenset[int]:
        """Whose row comes now and was not coming before."""
        if self.period is None:
            return frozenset()
        return self.asked - was.asked if self.period == was.period else self.asked


NOTHING = Coming(None, None, None, frozenset())


def coming(session: Session, row: Deliverable, now: datetime, cal: WorkCalendar) -> Coming:
    """The next rows of a deliverable; who has one already is not asked for another."""
    begun = Begun(row, row.next_open_on) if row.next_open_on else None
    opening = opening_of_begun(begun, now, cal) if begun else None
    if opening is None:
        return NOTHING
    there = select(Obligation.respondent_id).where(
        Obligation.deliverable_id == row.id, Obligation.period == opening.period
    )
    asked = respondents(row.id, cal.local_day(now)).where(Respondent.id.not_in(there))
    return Coming(opening.period, opening.due, row.next_open_on, frozenset(session.scalars(asked)))
