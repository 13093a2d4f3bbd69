"""Each rehearsal opens as many rows as a script that knows nothing of duban counts from the facts.

Rows are counted by the class of who owes them and the month of their due date.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from config.database import Database
from config.tables import read_table
from ledger import tables
from ledger.plan import read_plan
from ledger.rehearsal import Player, Script
from ledger.roster import import_posts, import_units
from ledger.units import Unit
from ledger.workdays import WorkCalendar
from tests.conftest import BUREAU
from tests.ledger.notices import PLANS
from tests.store import on_postgresql

pytestmark = pytest.mark.skipif(
    on_postgresql(), reason="a rehearsal always plays in memory, on SQLite"
)

SCRIPT = Path(__file__).parents[1] / "gold" / "count.py"
CALENDAR = WorkCalendar()

Counts = dict[str, dict[str, int]]


class Opener(Player):
    """Looks only on the days on which a period of the calendar can begin: the rows are the same."""

    def _enter_tick(self, day: date) -> None:
        while day.weekday() and day.day not in (1, 11, 21):
            day += timedelta(days=1)
        super()._enter_tick(day)


def played(notice: int, player: type[Player]) -> Counts:
    """What the rehearsal of a notice's plan opens up to its last day."""
    file = PLANS[notice]
    text = file.read_text("utf-8")
    script = Script(read_plan(text, file.name), text)
    database = Database("sqlite://")
    with database.writing() as session:
        tables.metadata.create_all(session.connection())
        import_units(session, read_table(BUREAU / "units.csv"))
        import_posts(session, read_table(BUREAU / "posts.csv"))
        classes = {unit.name: unit.unit_class for unit in session.scalars(select(Unit))}
    play = player(database, script, CALENDAR)
    events = play.launch()
    for more in play.play(script.ends_on(CALENDAR)):
        events += more
    database.close()
    found: Mapping[str, Counter[str]] = defaultdict(Counter)
    for line in (event.items[0] for event in events if event.kind == "obligation_opened"):
        found[classes.get(line.unit or "", "岗位")][line.due[:7] if line.due else "待定"] += 1
    return {kind: dict(months) for kind, months in found.items()}


def counted(notice: int) -> Counts:
    """What the script counts up to the same day."""
    plan = read_plan(PLANS[notice].read_text("utf-8"), "plan.yaml")
    until = Script(plan, "").ends_on(CALENDAR)
    run = partial(subprocess.run, capture_output=True, text=True, check=True, encoding="utf-8")
    done = run([sys.executable, "-I", SCRIPT, str(notice), until.isoformat()])
    counts: Counts = json.loads(done.stdout)
    return counts


@pytest.mark.parametrize("notice", PLANS)
def test_the_rehearsal_opens_what_the_script_counts(notice: int) -> None:
    assert played(notice, Opener) == counted(notice)


@pytest.mark.long
@pytest.mark.parametrize("notice", PLANS)
def test_so_it_does_when_it_looks_every_day(notice: int) -> None:
    assert played(notice, Player) == counted(notice)


def test_the_script_is_short_and_imports_nothing_of_duban() -> None:
    text = SCRIPT.read_text("utf-8")
    assert len(text.splitlines()) <= 80
    names = set(re.findall(r"^ *(?:from|import) (\w+)", text, re.MULTILINE))
    assert names - sys.stdlib_module_names == {"chinese_calendar"}
