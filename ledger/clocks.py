"""The clock of one case: armed, standing still, going on, ended. One place for every change."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from ledger.campaigns import OVER, Campaign, CampaignState
from ledger.climb import Case, Fire, Position, Step, armed, position_from
from ledger.deadlines import Clock, Deadline, RungFire
from ledger.ladders import offsets
from ledger.workdays import WorkCalendar


def case_of(session: Session, deadline: Deadline) -> Case:
    """What the deadline's schedule depends on."""
    return Case(
        rungs=offsets(session, deadline.ladder_id),
        due=deadline.due,
        opened_on=deadline.opened_on,
        armed_on=deadline.armed_on,
        epoch=deadline.epoch,
        start_rung=deadline.start_rung,
    )


def start_clock(session: Session, deadline: Deadline, now: datetime, cal: WorkCalendar) -> None:
    """Arm a new deadline: its suppressed rungs are recorded, its next moment stored."""
    session.add(deadline)
    session.flush()
    fires, position = armed(case_of(session, deadline), cal)
    _record(session, deadline, fires, now)
    _stand_at(deadline, position, cal)
    _obey_campaign(session, deadline, now)


def rearm(
    session: Session,
    deadline: Deadline,
    due: date,
    now: datetime,
    cal: WorkCalendar,
    start_rung: int = 0,
) -> None:
    """A new epoch: rungs fire afresh from the new due date."""
    deadline.epoch += 1
    deadline.due = due
    deadline.armed_on = cal.local_day(now)
    deadline.start_rung = start_rung
    deadline.told = -1
    deadline.clock = Clock.RUNNING
    deadline.stopped_since = None
    _, position = armed(case_of(session, deadline), cal)
    _stand_at(deadline, position, cal)
    _obey_campaign(session, deadline, now)


def _obey_campaign(session: Session, deadline: Deadline, now: datetime) -> None:
    """In a paused campaign a clock that would start stands still; in a closed one it is over."""
    state = session.get_one(Campaign, deadline.campaign_id).state
    if state is CampaignState.PAUSED:
        stop_clock(deadline, now)
    elif state in OVER:
        end_clock(deadline)


def stop_clock(deadline: Deadline, now: datetime) -> None:
    """The clock stands still; nothing climbs until it goes on."""
    if deadline.clock is Clock.RUNNING:
        deadline.clock = Clock.STANDING
        deadline.stopped_since = now
        deadline.next_at = None


def stood(deadline: Deadline, now: datetime, cal: WorkCalendar) -> int:
    """Working days the clock has stood still."""
    if deadline.stopped_since is None:
        return 0
    return cal.count(cal.local_day(deadline.stopped_since), cal.local_day(now))


def go_on(
    session: Session, deadline: Deadline, due: date, now: datetime, cal: WorkCalendar
) -> None:
    """The same epoch goes on towards `due`, from the rung where it stood."""
    deadline.due = due
    deadline.clock = Clock.RUNNING
    deadline.stopped_since = None
    step = Step(deadline.next_rung, deadline.next_repeat)
    fires, position = position_from(case_of(session, deadline), step, deadline.told, cal)
    _record(session, deadline, fires, now)
    _stand_at(deadline, position, cal)


def end_clock(deadline: Deadline, *, raise_epoch: bool = False) -> None:
    """Nothing climbs any more."""
    deadline.clock = Clock.ENDED
    deadline.stopped_since = None
    deadline.next_at = None
    deadline.epoch += int(raise_epoch)


def _stand_at(deadline: Deadline, position: Position, cal: WorkCalendar) -> None:
    deadline.next_rung, deadline.next_repeat = position.step
    deadline.next_at = cal.start_of(position.on) if position.on else None


def _record(session: Session, deadline: Deadline, fires: list[Fire], now: datetime) -> None:
    session.add_all(
        RungFire(
            deadline_id=deadline.id,
            epoch=deadline.epoch,
            rung=fire.step.rung,
            repeat=fire.step.repeat,
            from_rung=fire.from_rung,
            fired=fire.fired,
            due=deadline.due,
            planned_on=fire.planned_on,
            decided_at=now,
        )
        for fire in fires
    )
