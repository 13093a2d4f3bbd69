"""What a deliverable, as it stands now, says of the dates of rows already written and to come."""

from __future__ import annotations

from datetime import date, datetime

from ledger.campaigns import Deliverable
from ledger.obligations import Obligation
from ledger.opening import Opening, first_opening, last_day, lock_on, one_off_due, opening_of
from ledger.periods import REPEATING, Period, next_period, period_named, period_of
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


def opening_again(
    deliverable: Deliverable, period: str, opened_at: datetime, cal: WorkCalendar
) -> Opening:
    """The due date and the lock that a period already opened would have by this calendar."""
    if deliverable.cycle not in REPEATING or not period[0].isdecimal():
        return opening_of(deliverable, None, opened_at, cal)
    window = (deliverable.first_on, last_day(deliverable))
    return opening_of(deliverable, period_named(deliverable.cycle, period, *window), opened_at, cal)


def next_opening(deliverable: Deliverable, opened: str | None, cal: WorkCalendar) -> date | None:
    """The first day of the next period to open by this calendar, `opened` being the last opened."""
    if opened is None:
        return first_opening(deliverable, cal.local_day(deliverable.campaign.launched_at), cal)
    window = (deliverable.first_on, last_day(deliverable))
    last = period_named(deliverable.cycle, opened, *window)
    day = deliverable.next_open_on
    if day is not None and last.first <= day <= last.last:
        return day
    following = next_period(deliverable.cycle, last.first, *window, cal)
    return following.first if following else None
