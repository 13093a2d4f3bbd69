"""What a deliverable, as it stands now, says of the dates of a row already written."""

from __future__ import annotations

from datetime import date, datetime

from ledger.campaigns import Deliverable
from ledger.obligations import Obligation
from ledger.opening import last_day, lock_on, one_off_due, opening_of
from ledger.periods import REPEATING, Period, period_of
from ledger.redating import Dates
from ledger.workdays import WorkCalendar


def current_period(deliverable: Deliverable, today: date, cal: WorkCalendar) -> Period | None:
    """The period of a cycle that holds today; None outside the window, and without a cycle."""
    if deliverable.cycle not in REPEATING:
        return None
    return period_of(deliverable.cycle, today, deliverable.first_on, last_day(deliverable), cal)


def dates_of(
    obligation: Obligation, current: Period | None, now: datetime, cal: WorkCalendar
) -> Dates | None:
    """The due date and lock of a row of the current period, or of a one-off; None: undated."""
    deliverable = obligation.deliverable
    if current is not None:
        opening = opening_of(deliverable, current, now, cal)
        due, locks = opening.due, opening.lock_on
    else:
        due = one_off_due(deliverable, cal.local_day(obligation.opened_at), cal)
        locks = lock_on(due, None, cal) if due else None
    return Dates(due, locks) if due and locks else None
