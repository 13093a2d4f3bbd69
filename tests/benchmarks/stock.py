"""Ledgers on the eve of what is measured: so many units, each with its contact.

Monday's round has run, so that the week's list is out. On Tuesday ten institutes are asked for
something (what a process does for the first time, it does then); on Wednesday every school is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, text

import migrations
from config.clock import SHANGHAI
from config.database import Database
from ledger.audit import PLAN
from ledger.base import Moment
from ledger.launch import launch
from ledger.plan import read_plan
from ledger.rehearsal import mark_sent
from ledger.roster import import_posts, import_units
from ledger.round import run_round
from ledger.workdays import WorkCalendar
from tests.benchmarks.places import Place

TEXT = """
name: 测量
slug: bench
short: 测量
document: {title: 测量, issued: 2017-04-14}
addressees:
  机构: {classes: [机构]}
  学校: {classes: [学校]}
items:
  - {id: a, what: 方案, who: [机构], due: 2017-04-21}
  - {id: c, what: 名单, who: [机构], from: 2017-04-18, due: 2017-06-30}
  - {id: b, what: 总结, who: [学校], from: 2017-04-19, due: 2017-06-30}
"""
INSTITUTES = 10

LAUNCH = datetime(2017, 4, 17, 8, 30, tzinfo=SHANGHAI)
MONDAY = datetime(2017, 4, 17, 9, 0, tzinfo=SHANGHAI)
TUESDAY = datetime(2017, 4, 18, 8, 35, tzinfo=SHANGHAI)
WEDNESDAY = datetime(2017, 4, 19, 8, 35, tzinfo=SHANGHAI)
WEDNESDAYS_ROUND = datetime(2017, 4, 19, 9, 0, tzinfo=SHANGHAI)
THURSDAY = datetime(2017, 4, 20, 9, 0, tzinfo=SHANGHAI)
FRIDAY = datetime(2017, 4, 21, 9, 0, tzinfo=SHANGHAI)

ADDED = "u.unit_class = '学校' AND u.name <> '实验学校'"
SCHOOLS = (
    "INSERT INTO unit (name, unit_class)"
    " WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {size})"
    " SELECT '第' || i || '学校', '学校' FROM n",
    "INSERT INTO person (name) SELECT u.name FROM unit u WHERE {added}",
    "INSERT INTO address (person_id, channel, value, position)"
    " SELECT p.id, 'email', 'a@b.example', 1 FROM unit u JOIN person p ON p.name = u.name"
    " WHERE {added}",
    "INSERT INTO respondent (unit_id, name) SELECT u.id, u.name FROM unit u WHERE {added}",
    "INSERT INTO post (person_id, role, title, unit_id) SELECT p.id, '联络员', '', u.id"
    " FROM unit u JOIN person p ON p.name = u.name WHERE {added}",
)

TENTH = (
    text("UPDATE obligation SET due = '2017-04-25' WHERE id % 10 = 0 AND due = '2017-06-30'"),
    text(
        "UPDATE deadline SET due = '2017-04-25', next_at = :thursday"
        " WHERE obligation_id IN (SELECT id FROM obligation WHERE due = '2017-04-25')"
    ).bindparams(bindparam("thursday", THURSDAY.replace(hour=0), type_=Moment())),
)
"""Every tenth falls due so that its first rung is Thursday's."""


@dataclass(frozen=True)
class Row:
    """A row of the roster."""

    line: int
    cells: dict[str, str]


def write_eve(place: Place, name: str, size: int) -> None:
    """The ledger on Tuesday morning: `size` schools, of whom nothing has been asked yet."""
    url = place.url(name)
    migrations.upgrade(url)
    database, calendar = Database(url), WorkCalendar()
    with database.writing() as session:
        units = [f"第{n}研究所" for n in range(INSTITUTES)]
        named = [*((unit, "机构") for unit in units), ("实验学校", "学校"), ("办公室", "本局")]
        import_units(session, [Row(2, {"单位名称": u, "类别": c}) for u, c in named])
        posts = [(f"联{unit}", "联络员", unit) for unit, _ in named] + [("办", "活动办", "办公室")]
        cells = [{"姓名": who, "角色": role, "单位": unit} for who, role, unit in posts]
        import_posts(session, [Row(2, row) for row in cells])
        launch(session, read_plan(TEXT, "bench.yaml"), TEXT, "", PLAN, LAUNCH, calendar)
    with database.writing() as session:
        run_round(session, MONDAY, calendar)
        for statement in SCHOOLS:
            session.execute(text(statement.format(size=size, added=ADDED)))
    database.close()
    place.settle(name)


def write_open(place: Place, eve: str, name: str) -> None:
    """The same on Wednesday before its round: all is open, a tenth of it falls due on Thursday."""
    database, calendar = Database(place.copy(eve, name)), WorkCalendar()
    with database.writing() as session:
        for now in (TUESDAY, WEDNESDAY):
            run_round(session, now, calendar)
    with database.writing() as session:
        for statement in TENTH:
            session.execute(statement)
    database.close()
    place.settle(name)


def write_calm(place: Place, opened: str, name: str) -> None:
    """The same on Friday before its round: Thursday's messages have left, nothing is due."""
    database, calendar = Database(place.copy(opened, name)), WorkCalendar()
    with database.writing() as session:
        for now in (WEDNESDAYS_ROUND, THURSDAY):
            run_round(session, now, calendar)
    mark_sent(database, THURSDAY)
    database.close()
    place.settle(name)
