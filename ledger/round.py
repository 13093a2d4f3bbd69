"""The round (日程轮): the one loop that explains the product.

Open what has come due, mark, climb the ladders, add the weekly list, group what each person is to
hear into messages. Every step works in batches with a commit each and may be repeated: a round
killed in between is continued by the next one, and two at once end as one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial

from sqlalchemy import Date, Select, bindparam, null, or_, select, update
from sqlalchemy.orm import Session

from ledger.calendars import calendar_of
from ledger.campaigns import Decision, Deliverable, Stage
from ledger.climbing import climb, due_rungs
from ledger.entries import write_obligations
from ledger.extensions import Extension
from ledger.grouping import group_one_batch, seal
from ledger.keys import iso_week
from ledger.left_over import take_along
from ledger.marking import due_locks, lock, mark_one_stage, remind_of_reviews
from ledger.messages import Item, ItemKind, Round
from ledger.missing import list_missing, missing_list_due
from ledger.more_time import lapse_one_batch
from ledger.obligations import Obligation
from ledger.opening import Begun, first_begun, is_to_open, opening_of_begun, plan_next_opening
from ledger.problems import Problem
from ledger.respondents import EVERYONE
from ledger.rung_news import fired_rungs, tell_of_rungs
from ledger.signatures import Signature
from ledger.spans import Span
from ledger.stages import carry_out_all
from ledger.standing_in import hand_to_deputies
from ledger.storm import Brake
from ledger.unsigned import chase_unsigned
from ledger.weekly import close_week, list_span, list_undated, listed_spans, weekly_list_due
from ledger.workdays import WorkCalendar

BATCH = 4000
"""Rows per commit."""

Calendars = Callable[[], WorkCalendar]
"""Gives the calendar to go by in the transaction at hand."""


def run_round(
    session: Session,
    now: datetime,
    calendar: WorkCalendar,
    batch: int = BATCH,
    brake: Brake | None = None,
) -> Round | None:
    """Do all that is due at `now`; the daily round sealed by this call, if it was its time.

    Any tick carries out decisions, opens and marks. Rungs and the weekly list are claimed in the
    daily round: the first tick at or after 09:00 of a working day. The session is committed.
    A list imported or a day closed while the round runs counts from its next transaction on. With
    a brake, messages far more than usual are held for the office's word.
    """
    cal = partial(calendar_of, session, calendar)
    if _anything_due(session, now, calendar):
        _until_done(session, lambda: carry_out_all(session, now, cal()) > 0)
        _until_done(session, lambda: mark_one_stage(session, now, cal()))
        _open(session, now, cal, batch)
        _each(session, due_locks(session, now, batch), lambda span: lock(session, now, span))
        _until_done(session, lambda: lapse_one_batch(session, now, cal(), batch))
        _until_done(session, lambda: remind_of_reviews(session, now, cal(), batch))
        _until_done(session, lambda: chase_unsigned(session, now, cal(), batch))
    current = begin_daily_round(session, now, cal())
    if current is None:
        session.commit()
        return None
    _climb(session, current, cal, batch)
    _list(session, current, cal, batch)
    hand_to_deputies(session, current)
    session.commit()
    while group_one_batch(session, current, cal(), batch):
        session.commit()
    sealed = seal(session, current, cal(), brake)
    session.commit()
    return current if sealed else None


def _anything_due(session: Session, now: datetime, calendar: WorkCalendar) -> bool:
    """One look at the stored next moments: a quiet tick costs no more than this."""
    return bool(session.scalar(_moments(), {"now": now, "today": calendar.local_day(now)}))


@cache
def _moments() -> Select[bool]:
    now = bindparam("now", type_=Stage.next_at.type)
    moments = (
        select(Decision.id).where(Decision.carried_out_at.is_(null())),
        select(Stage.id).where(Stage.next_at <= now),
        select(Obligation.id).where(Obligation.lock_at <= now),
        select(Deliverable.id).where(Deliverable.next_open_on <= bindparam("today", type_=Date)),
        select(Extension.id).where(Extension.lapses_at <= now),
        select(Obligation.id).where(Obligation.review_at <= now),
        select(Problem.id).where(Problem.review_at <= now),
        select(Signature.id).where(Signature.next_at <= now),
    )
    return select(or_(*(moment.exists() for moment in moments)))


def _until_done(session: Session, step: Callable[[], bool]) -> None:
    """Repeat a batch, with a commit each, until it says that there is nothing left."""
    while step():
        session.commit()
    session.commit()


def _each(session: Session, spans: list[Span], step: Callable[[Span], object]) -> None:
    """Do a step for each span, with a commit each."""
    for span in spans:
        step(span)
        session.commit()


def _open(session: Session, now: datetime, cal: Calendars, batch: int) -> None:
    """Open what has begun. What the office changes meanwhile counts from the next commit on."""
    while (begun := first_begun(session, now, cal())) is not None:
        write = partial(_write, session, begun, now, cal)
        written = all(map(write, EVERYONE.spans(session, batch)))
        if written and is_to_open(session, begun, now, cal()):
            plan_next_opening(begun, cal())
        session.commit()
    session.commit()


def _write(session: Session, begun: Begun, now: datetime, cal: Calendars, span: Span) -> bool:
    """Write what a span of respondents owes; False when it is no longer to be opened."""
    calendar = cal()
    if not is_to_open(session, begun, now, calendar):
        return False
    opening = opening_of_begun(begun, now, calendar)
    if opening is not None:
        write_obligations(session, opening, span, now, calendar)
    session.commit()
    return True


def begin_daily_round(session: Session, now: datetime, calendar: WorkCalendar) -> Round | None:
    """The round to work on: one left unsealed, else today's if its time has come and none was."""
    today = calendar.local_day(now)
    if not calendar.is_workday(today) or now < calendar.daily_moment(today):
        return None
    current = session.scalar(select(Round).where(Round.sealed_at.is_(null())))
    if current is not None:
        _continue(session, current, now, calendar)
        return current
    if session.scalar(select(Round.id).where(Round.day == today)) is not None:
        return None
    current = Round(day=today, at=now)
    session.add(current)
    session.flush()
    take_along(session, current, calendar)
    return current


def _continue(session: Session, current: Round, now: datetime, calendar: WorkCalendar) -> None:
    """One left by an earlier day goes on as today's, so that nobody hears twice in a day.

    A weekly list it had begun in a week that is over is dropped with that reason.
    """
    today = calendar.local_day(now)
    if current.day == today:
        return
    waiting = update(Item).where(Item.at == current.at, Item.kind == ItemKind.WEEKLY)
    if iso_week(current.day) != iso_week(today):
        session.execute(waiting.values(dropped="本周已过"))
    else:
        session.execute(waiting.values(at=now))
    current.day, current.at = today, now


def _climb(session: Session, current: Round, cal: Calendars, batch: int) -> None:
    due = due_rungs(session, current, batch)
    _each(session, due, lambda span: climb(session, current, span, cal()))
    fired = fired_rungs(session, current, batch)
    _each(session, fired, lambda span: tell_of_rungs(session, current, span))


def _list(session: Session, current: Round, cal: Calendars, batch: int) -> None:
    if missing_list_due(session, current):
        list_missing(session, current, cal())
        session.commit()
    if weekly_list_due(session, current):
        listed = listed_spans(session, current, cal(), batch)
        _each(session, listed, lambda span: list_span(session, current, cal(), span))
        list_undated(session, current)
        close_week(session, current, cal())
        session.commit()
