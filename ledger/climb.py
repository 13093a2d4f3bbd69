"""When each rung of a ladder falls due, and which rungs a round must fire: pure arithmetic.

All offsets are working days. A step is (rung, repeat). Rules kept here:

- a rung dated before the row existed is suppressed;
- a rung above 0 that falls due while the row is younger than 3 working days waits until it is not,
  and then goes to the people of the suppressed lower rungs too;
- a case that starts k rungs higher fires rungs 0…k in its first round, the rest keep their offsets;
- a new epoch fires afresh from the new due date, neither suppressed nor waiting;
- after an outage only the highest rung due is sent, the others are superseded, and their people
  hear of it in the same round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import NamedTuple

from ledger.deadlines import Fired
from ledger.workdays import WorkCalendar

YOUNG = 3
"""Working days for which a rung above 0 waits after the row was written."""


class Step(NamedTuple):
    """One rung, or one repeat of it."""

    rung: int
    repeat: int


class Offset(NamedTuple):
    """A rung's place: working days from due, and the interval of its repeats, if any."""

    offset: int
    every: int | None


class Fire(NamedTuple):
    """A rung decided: `from_rung` … `step.rung` are the rungs whose offices hear of it."""

    step: Step
    planned_on: date
    fired: Fired
    from_rung: int


@dataclass(frozen=True)
class Case:
    """What the schedule of a deadline depends on."""

    rungs: tuple[Offset, ...]
    due: date
    opened_on: date
    armed_on: date
    epoch: int = 0
    start_rung: int = 0

    def steps(self, first: Step) -> Iterator[Step]:
        """`first` and all after it; endless where the last rung repeats."""
        rung, repeat = first
        while rung < len(self.rungs):
            yield Step(rung, repeat)
            if rung == len(self.rungs) - 1 and self.rungs[rung].every:
                repeat += 1
            else:
                rung, repeat = rung + 1, 0

    def planned_on(self, step: Step, calendar: WorkCalendar) -> date | None:
        """The day the step falls due, or None when it is suppressed."""
        if self.opens_with(step):
            return self.armed_on
        day = self.nominal_day(step, calendar)
        if self.epoch or self.start_rung:
            return day
        if day < self.opened_on:
            return None
        if step.rung == 0:
            return day
        return max(day, calendar.shift(self.opened_on, YOUNG))

    def opens_with(self, step: Step) -> bool:
        """A grave case fires this step in its first round; repeats keep their offsets."""
        return 0 < self.start_rung >= step.rung and step.repeat == 0

    def nominal_day(self, step: Step, calendar: WorkCalendar) -> date:
        """The day by offset alone."""
        offset, every = self.rungs[step.rung]
        return calendar.shift(self.due, offset + step.repeat * (every or 0))


@dataclass(frozen=True)
class Position:
    """Where a case stands on its ladder. `on` None: nothing more will fire."""

    step: Step
    on: date | None
    told: int


def position_from(
    case: Case, first: Step, told: int, calendar: WorkCalendar
) -> tuple[list[Fire], Position]:
    """The suppressed steps from `first` on, and the place of the next that will fire."""
    suppressed: list[Fire] = []
    step = first
    for step in case.steps(first):
        on = case.planned_on(step, calendar)
        if on is not None:
            return suppressed, Position(step, on, told)
        nominal = case.nominal_day(step, calendar)
        suppressed.append(Fire(step, nominal, Fired.SUPPRESSED, step.rung))
    return suppressed, Position(Step(len(case.rungs), 0), None, told)


def armed(case: Case, calendar: WorkCalendar) -> tuple[list[Fire], Position]:
    """The case's place when its epoch begins."""
    return position_from(case, Step(0, 0), -1, calendar)


def rescheduled(
    case: Case, at: Position, day: date, calendar: WorkCalendar
) -> tuple[list[Fire], Position]:
    """The same place on the ladder by another calendar: newly suppressed steps, and the place.

    What has fired never fires again. Of a case nobody was told of, a step that was suppressed
    comes back where this calendar puts it on `day` or later.
    """
    if at.told < 0:
        for step in takewhile(lambda step: step < at.step, case.steps(Step(0, 0))):
            on = case.planned_on(step, calendar)
            if on is not None and on >= day:
                return [], Position(step, on, at.told)
    return position_from(case, at.step, at.told, calendar)


def climbed(
    case: Case, at: Position, day: date, calendar: WorkCalendar
) -> tuple[list[Fire], Position]:
    """What a round of `day` fires for a case standing at `at`, and where it stands after."""
    due: list[tuple[Step, date]] = []
    rest: list[Fire] = []
    position = at
    while position.on is not None and position.on <= day:
        due.append((position.step, position.on))
        suppressed, position = position_from(case, _after(case, position.step), at.told, calendar)
        rest += suppressed
    if not due:
        return [], at
    fires, told = _decided(case, due, at.told)
    return fires + rest, Position(position.step, position.on, told)


def _after(case: Case, step: Step) -> Step:
    steps = case.steps(step)
    if next(steps, None) is None:
        raise LookupError(f"the ladder has no rung {step.rung}")
    return next(steps, Step(len(case.rungs), 0))


def _decided(case: Case, due: list[tuple[Step, date]], told: int) -> tuple[list[Fire], int]:
    """The highest step is sent, those below superseded; a grave case's first rungs all go out."""
    fires: list[Fire] = []
    opening = [(step, on) for step, on in due if case.opens_with(step)]
    for step, on in opening:
        fires.append(Fire(step, on, Fired.SENT, step.rung))
        told = max(told, step.rung)
    late = due[len(opening) :]
    for step, on in late[:-1]:
        fires.append(Fire(step, on, Fired.SUPERSEDED, step.rung))
    for step, on in late[-1:]:
        fires.append(Fire(step, on, Fired.SENT, min(told + 1, step.rung)))
        told = max(told, step.rung)
    return fires, told
