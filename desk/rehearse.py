"""duban rehearse: a whole campaign on a fake clock, over a ledger thrown away at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from config.database import Database
from config.tables import read_table
from desk import chapters
from desk.reading import BUREAU, read_text
from desk.speech import Answer
from desk.workplace import Workplace
from ledger import tables
from ledger.behaviour import NOBODY, Behaviour, read_behaviour
from ledger.comparison import compared
from ledger.events import Event
from ledger.plan import read_plan
from ledger.rehearsal import Player, Script
from ledger.roster import Fate, RowResult, import_posts, import_units
from ledger.standings import Tally, tally


@dataclass(frozen=True)
class Roster:
    """The tables of units and posts a plan is played with."""

    units: Path
    posts: Path


@dataclass(frozen=True)
class Played:
    """A plan played to its end: what happened, and what is left."""

    script: Script
    end: date
    events: list[Event]
    left: list[Tally]
    refused: Sequence[RowResult]


def rehearse(
    place: Workplace,
    plan: Path,
    old: Path | None,
    units: Path | None,
    posts: Path | None,
    behave: Path | None,
    until: date | None,
) -> Answer:
    """Play the plan; `--json` is one event a line. With an old plan, only the difference."""
    if (units is None) != (posts is None):
        raise click.UsageError("--units 和 --posts 要一起写，或都不写。")
    roster = Roster(units or BUREAU / "units.csv", posts or BUREAU / "posts.csv")
    played = _played(place, plan, roster, behave, until)
    heading = f"“{played.script.plan.name}”推演：{played.script.starts_on} 至 {played.end}"
    refused = [f"第 {row.line} 行 {row.name} 没有导入：{row.why}" for row in played.refused]
    if old is not None:
        found = compared(_played(place, old, roster, behave, until).events, played.events)
        title = f"{heading}，与 {old} 的差别："
        rows = [{"side": one.side, **vars(one.event)} for one in found]
        differences = chapters.tell_difference(found)
        return Answer(rows, [title, *refused, *differences], line_by_line=True)
    told = chapters.tell(played.events, played.left)
    return Answer(
        played.events,
        [f"{heading}，{len(played.events)} 件事。", *refused, *told],
        line_by_line=True,
    )


def _played(
    place: Workplace, plan: Path, roster: Roster, behave: Path | None, until: date | None
) -> Played:
    text = read_text(plan)
    folder = str(plan.resolve().parent)
    script = Script(read_plan(text, str(plan)), text, folder, _behaviour(behave))
    end = until or script.ends_on(place.calendar)
    if end < script.starts_on:
        raise click.UsageError(f"推演从 {script.starts_on} 开始，--until 要写它以后的日期。")
    with _stage() as database:
        refused = _cast(database, roster.units, roster.posts)
        player = Player(database, script, place.calendar)
        events = [event for scene in _play(player, end) for event in scene]
        with database.reading() as session:
            left = tally(session, player.campaign_id)
    return Played(script, end, events, left, refused)


def _behaviour(file: Path | None) -> Behaviour:
    return read_behaviour(read_text(file), str(file)) if file else NOBODY


@contextmanager
def _stage() -> Iterator[Database]:
    """An empty ledger in memory."""
    database = Database("sqlite://")
    try:
        with database.writing() as session:
            tables.metadata.create_all(session.connection())
        yield database
    finally:
        database.close()


def _cast(database: Database, units: Path, posts: Path) -> Sequence[RowResult]:
    """Take the roster in; the rows refused."""
    with database.writing() as session:
        results = import_units(session, read_table(units))
        results += import_posts(session, read_table(posts))
    return [result for result in results if result.fate is Fate.REFUSED]


def _play(player: Player, end: date) -> Iterator[list[Event]]:
    yield player.launch()
    yield from player.play(end)
