"""The rehearsal of a province: 敢转争 over a quarter of a year, with as many units as asked for."""

from __future__ import annotations

import csv
import json
import resource
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import func, select

import migrations
from config.database import Database
from ledger.obligations import Obligation
from ledger.plan import read_plan
from ledger.rehearsal import Player, Script
from ledger.roster import import_posts, import_units
from ledger.workdays import WorkCalendar
from tests.benchmarks.stock import Row

CONFIG = Path(__file__).parent.parent.parent / "config"
BUREAU = CONFIG / "bureau"
PLAN = CONFIG / "campaigns" / "gan-zhuan-zheng-2017.yaml"
UNTIL = date(2017, 7, 13)
"""A quarter of a year from the notice."""

OF_THE_BUREAU = "本局"

Cells = dict[str, str]


def main(units: int) -> dict[str, float]:
    """Play it over a ledger in a file; what is told is counted and let go."""
    with TemporaryDirectory(prefix="duban-bench-") as folder:
        url = f"sqlite:///{folder}/ledger.db"
        migrations.upgrade(url)
        database = Database(url)
        began = perf_counter()
        _cast(database, units)
        cast = perf_counter()
        text = PLAN.read_text("utf-8")
        script = Script(read_plan(text, PLAN.name), text, str(PLAN.parent))
        player = Player(database, script, WorkCalendar())
        events = len(player.launch()) + sum(map(len, player.play(UNTIL)))
        played = perf_counter()
        with database.reading() as session:
            owed = session.scalar(select(func.count(Obligation.id))) or 0
        database.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "units": units,
        "import": cast - began,
        "play": played - cast,
        "events": events,
        "owed": owed,
        "peak": peak,
    }


def _cast(database: Database, units: int) -> None:
    """The invented bureau, its schools and institutes many times over with their posts."""
    named, posts = _read("units.csv"), _read("posts.csv")
    common = {row["单位名称"]: row for row in named if row["类别"] != OF_THE_BUREAU}
    wanted = max(0, units - len(named))
    numbers = range(1, -(-wanted // len(common)) + 1)
    copies = [(name, number) for number in numbers for name in common][:wanted]
    of_unit = {name: [row for row in posts if row["单位"] == name] for name in common}
    named += [common[name] | {"单位名称": f"{name}{number}"} for name, number in copies]
    posts += [
        row
        | {"姓名": f"{row['姓名']}{number}", "单位": f"{name}{number}", "手机": "", "企业微信": ""}
        for name, number in copies
        for row in of_unit[name]
    ]
    with database.writing() as session:
        import_units(session, [Row(2, row) for row in named])
        import_posts(session, [Row(2, row) for row in posts])


def _read(name: str) -> list[Cells]:
    with (BUREAU / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
