"""Playing a campaign through the flows: people act by a behaviour file, Prefect's ticks go round.

One tick run steps through the days up to the next month's end or stage's end; the campaign's run
follows wherever a stage has moved. That keeps a whole year below 25 flow runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from prefect.events.worker import EventsWorker
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from config.database import Database
from config.settings import Settings
from flows.campaign import campaign
from flows.tick import tick
from ledger.behaviour import NOBODY, Behaviour, read_behaviour
from ledger.events import Event
from ledger.plan import read_plan
from ledger.rehearsal import Player, Script, Sessions, first_office
from ledger.standings import standing_of
from ledger.workdays import WorkCalendar
from notifications.deliver import deliver
from tasks.ledger import calendar, database
from tasks.rounds import AROUND


@dataclass
class Told:
    """What the play was: its events in order, and how many flow runs it took."""

    slug: str
    events: list[Event] = field(default_factory=list)
    flow_runs: int = 0


class People(Player):
    """The players alone: the clock's ticks are Prefect's, the acts between them are theirs."""

    def __init__(self, *given: object, told: Told, seen: Callable[[date], None]) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self._told = told
        self._seen = seen

    def _enter_tick(self, day: date) -> None:
        """No tick on the agenda: Prefect's tick comes from outside."""

    def around(self, moment: datetime, run: Callable[[], None]) -> None:
        """What people do before a round, the round itself, and what they then plan to do."""
        self.act_before(moment)
        run()
        self.deliver(self.sessions, moment)
        self._plan_hand_ins(moment)
        self._plan_stage_moves(moment)
        self._told.events += self.news(moment)
        self._seen(self.calendar.local_day(moment))

    def act_before(self, moment: datetime) -> None:
        """Play every act on the agenda that lies before the moment."""
        while (at := self.next_moment()) is not None and at < moment:
            self._told.events += self.step()


def read_script(plan_file: Path, behaviour_file: Path) -> Script:
    """The plan with the behaviour; without a behaviour file nobody hands in anything."""
    text = plan_file.read_text(encoding="utf-8")
    behaviour: Behaviour = NOBODY
    if behaviour_file.exists():
        words = behaviour_file.read_text(encoding="utf-8")
        behaviour = read_behaviour(words, behaviour_file.name)
    plan = read_plan(text, plan_file.name)
    return Script(plan, text, str(plan_file.parent), behaviour)


def play(settings: Settings, plan_file: Path, behaviour_file: Path, console: Console) -> Told:
    """Play the campaign from its launch to its last day."""
    script, cal = read_script(plan_file, behaviour_file), calendar(settings)
    told = Told(script.plan.slug)
    days = playing_days(script)
    with _progress(console) as bar:
        line = bar.add_task(script.plan.short, total=len(days), today=str(days[0]))
        seen = partial(_advance, bar, line)
        way = partial(_deliver, settings, cal)
        people = People(database(), script, cal, way, told=told, seen=seen)
        AROUND.set(people.around)
        with database().reading() as session:
            office = first_office(session, days[0])
        told.events += people.launch(office)
        moves = show_moves(told, 0)
        for chunk in chunks(days, script):
            tick([cal.daily_moment(day) for day in chunk])
            told.flow_runs += 1
            people.act_before(cal.end_of(chunk[-1]))
            moves = show_moves(told, moves)
        told.events += people.news(cal.end_of(days[-1]))
    # Handed over while the server is still there; later they would be tried for minutes.
    EventsWorker.drain_all()
    return told


def show_moves(told: Told, before: int) -> int:
    """Run the campaign's flow when it has moved since; how many moves there are now."""
    with database().reading() as session:
        standing = standing_of(session, told.slug)
    if standing.moves != before:
        named = campaign.with_options(name=standing.short, flow_run_name=standing.short)
        named(standing.slug)
        told.flow_runs += 1
    return standing.moves


def playing_days(script: Script) -> list[date]:
    """Every day from the launch to the last dated item, but those on which the machine is down."""
    last = script.plan.last_date or script.starts_on
    span = (last - script.starts_on).days + 1
    down = script.behaviour.down_days()
    days = (script.starts_on + timedelta(days=number) for number in range(span))
    return [day for day in days if day not in down]


def chunks(days: list[date], script: Script) -> list[list[date]]:
    """The days of each tick run: up to a month's end or the end of a stage."""
    stage_ends = {stage.last for stage in script.plan.stages}
    found: list[list[date]] = [[]]
    for day in days:
        found[-1].append(day)
        if day in stage_ends or (day + timedelta(days=1)).day == 1:
            found.append([])
    return [chunk for chunk in found if chunk]


def _deliver(settings: Settings, cal: WorkCalendar, sessions: Sessions, now: datetime) -> None:
    if isinstance(sessions, Database):
        deliver(sessions, settings, now, cal)


def _progress(console: Console) -> Progress:
    day = TextColumn("{task.fields[today]}")
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), day)
    return Progress(*columns, TimeElapsedColumn(), console=console)


def _advance(bar: Progress, line: object, day: date) -> None:
    bar.update(line, advance=1, today=str(day))  # type: ignore[arg-type]
