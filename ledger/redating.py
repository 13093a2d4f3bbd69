"""Moving due dates of many rows at once: a stage extended, a campaign paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.campaigns import Campaign, CampaignState, Deliverable, Stage
from ledger.clocks import end_clock, go_on, rearm, start_clock, stood
from ledger.deadlines import Clock, Deadline
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.opening import LOCK_AFTER_DUE, lock_on
from ledger.problems import CLOCK_RUNS
from ledger.workdays import WorkCalendar


@dataclass(frozen=True)
class Dates:
    """What the plan says of one row: due on this day, locked at 24:00 of that."""

    due: date
    lock_on: date


def date_by_plan(
    session: Session, obligation: Obligation, dates: Dates, now: datetime, cal: WorkCalendar
) -> None:
    """An amended plan sets or moves the date of an open obligation; its lock goes along."""
    _redate(session, obligation, dates.due, dates.lock_on, now, cal)
    hold_lock_until(obligation, dates.lock_on, cal)


def date_obligation(
    session: Session, obligation: Obligation, due: date, now: datetime, cal: WorkCalendar
) -> None:
    """The plan's own date of an open obligation is set or moves: its clock starts anew."""
    _redate(session, obligation, due, lock_on(due, None, cal), now, cal)


def extend_obligation(
    session: Session, obligation: Obligation, due: date, now: datetime, cal: WorkCalendar
) -> None:
    """More time was granted: no lock before the new due date + 5 working days."""
    _redate(session, obligation, due, cal.shift(due, LOCK_AFTER_DUE), now, cal)


def _redate(
    session: Session,
    obligation: Obligation,
    due: date,
    not_before: date,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    _set_due(obligation, due)
    hold_lock_until(obligation, max(not_before, obligation.lock_on or not_before), cal)
    deadline = deadline_of(session, obligation)
    if deadline is not None:
        rearm(session, deadline, due, now, cal)
        return
    obligation.scheduled_due = due
    start_clock(session, _new_deadline(obligation, due, now, cal), now, cal)


def time_correction(
    session: Session, obligation: Obligation, due: date, now: datetime, cal: WorkCalendar
) -> None:
    """A correction has a due date of its own; an undated row gets its first clock by it."""
    deadline = deadline_of(session, obligation)
    if deadline is not None:
        rearm(session, deadline, due, now, cal)
    else:
        start_clock(session, _new_deadline(obligation, due, now, cal), now, cal)


def hold_lock_until(obligation: Obligation, day: date, cal: WorkCalendar) -> None:
    """The obligation locks at 24:00 of the day."""
    obligation.lock_on = day
    paused = obligation.deliverable.campaign.state is CampaignState.PAUSED
    if obligation.state in TAKES_HAND_IN and not paused:
        obligation.lock_at = cal.end_of(day)


def deadline_of(session: Session, obligation: Obligation) -> Deadline | None:
    """The obligation's clock; an undated one has none."""
    return session.scalar(select(Deadline).where(Deadline.obligation_id == obligation.id))


def _new_deadline(obligation: Obligation, due: date, now: datetime, cal: WorkCalendar) -> Deadline:
    day = cal.local_day(now)
    return Deadline(
        obligation_id=obligation.id,
        campaign_id=obligation.deliverable.campaign_id,
        respondent_id=obligation.respondent_id,
        ladder_id=obligation.deliverable.ladder_id,
        due=due,
        opened_on=cal.local_day(obligation.opened_at),
        armed_on=day,
        epoch=0,
        start_rung=0,
        told=-1,
        clock=Clock.RUNNING,
    )


def redate_stage_end(
    session: Session, stage: Stage, due: date, now: datetime, cal: WorkCalendar
) -> None:
    """Rows due at the stage's end, and not yet received, move with it."""
    rows = session.scalars(
        select(Obligation)
        .join(Deliverable)
        .where(
            Deliverable.stage_id == stage.id,
            Deliverable.due_stage_end,
            Obligation.state == ObligationState.OWED,
        )
    )
    for obligation in rows:
        date_obligation(session, obligation, due, now, cal)


def stop_clocks(session: Session, campaign: Campaign, now: datetime) -> None:
    """A paused campaign: every running clock stands still, nothing locks."""
    for deadline in _deadlines(session, campaign, Clock.RUNNING):
        deadline.clock = Clock.STANDING
        deadline.stopped_since = now
        deadline.next_at = None
        if deadline.obligation is not None:
            deadline.obligation.lock_at = None


def restart_clocks(session: Session, campaign: Campaign, now: datetime, cal: WorkCalendar) -> None:
    """A resumed campaign: the due dates move by the working days their clocks stood."""
    for deadline in _deadlines(session, campaign, Clock.STANDING):
        if not _may_run(deadline):
            continue
        days = stood(deadline, now, cal)
        due = cal.shift(deadline.due, days)
        go_on(session, deadline, due, now, cal)
        if deadline.problem is not None:
            deadline.problem.due = due
        if deadline.obligation is not None:
            obligation = deadline.obligation
            _set_due(obligation, due)
            hold_lock_until(obligation, cal.shift(obligation.lock_on or due, days), cal)


def _may_run(deadline: Deadline) -> bool:
    """What was handed in for review or close-out stands still, paused or not."""
    if deadline.obligation is not None:
        return deadline.obligation.state in TAKES_HAND_IN
    return deadline.problem is not None and deadline.problem.state in CLOCK_RUNS


def _set_due(obligation: Obligation, due: date) -> None:
    """What was sent back has its first receipt: its due date stands, the correction's moves."""
    if obligation.state is ObligationState.RETURNED:
        obligation.correction_due = due
    else:
        obligation.due = due


def end_clocks(session: Session, campaign: Campaign) -> None:
    """A campaign that ends: nothing climbs any more."""
    for deadline in _deadlines(session, campaign, Clock.RUNNING, Clock.STANDING):
        end_clock(deadline)


def _deadlines(session: Session, campaign: Campaign, *clocks: Clock) -> list[Deadline]:
    return list(
        session.scalars(
            select(Deadline).where(Deadline.campaign_id == campaign.id, Deadline.clock.in_(clocks))
        )
    )
