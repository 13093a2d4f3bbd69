"""A small bureau and a small plan, played on a fake clock; tests read the events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from config.database import Database
from ledger.behaviour import read_behaviour
from ledger.events import Event
from ledger.plan import read_plan
from ledger.rehearsal import Player, Script
from ledger.roster import Fate, RowResult, import_posts, import_units
from ledger.workdays import WorkCalendar
from tests import store

UNITS = """单位名称,类别
第一中学,学校
第二中学,学校
电教馆,机构
活动办公室,本局
"""
POSTS = """姓名,角色,单位,分管单位,邮箱,代理人
联一,联络员,第一中学,,lian1@school.example,
主一,主要负责人,第一中学,,zhu1@school.example,
联二,联络员,第二中学,,lian2@school.example,
主二,主要负责人,第二中学,,zhu2@school.example,
联馆,联络员,电教馆,,lianguan@school.example,
主馆,主要负责人,电教馆,,zhuguan@school.example,
联办,联络员,活动办公室,,lianban@school.example,
主办,主要负责人,活动办公室,,zhuban@school.example,
领甲,责任领导,,学校、本局,lingjia@bureau.example,代乙
领乙,责任领导,,机构,lingyi@bureau.example,
督一,督导组,,学校、机构,du1@bureau.example,
组长,领导小组,,,zu@bureau.example,
办一,活动办,,,ban@bureau.example,
代乙,活动办,,,daiyi@bureau.example,
"""
HEAD = """name: 读书活动
slug: du-shu
short: 读书
document: {title: 关于读书的通知, issued: 2017-04-14}
addressees:
  学校: {classes: [学校]}
  各单位: {classes: [学校, 机构]}
  一中: {units: [第一中学]}
  局领导: {role: 责任领导}
  活动办: {units: [活动办公室]}
  市里: {external: true}
"""


@dataclass(frozen=True)
class Line:
    """A row of a table written in a test."""

    line: int
    cells: dict[str, str]


def rows(table: str) -> list[Line]:
    """The rows of a small comma-separated table."""
    header, *body = [line.split(",") for line in table.strip().splitlines()]
    return [
        Line(number, dict(zip(header, cells, strict=True))) for number, cells in enumerate(body, 2)
    ]


def bureau(posts: str = POSTS) -> Database:
    """A fresh ledger with the small bureau in it."""
    return store.copy(_bureau(posts))


@cache
def _bureau(posts: str) -> Database:
    database = store.empty()
    with database.writing() as session:
        found: list[RowResult] = import_units(session, rows(UNITS))
        found += import_posts(session, rows(posts))
        assert all(row.fate is Fate.TAKEN and not row.why for row in found), found
    return database


@dataclass
class Play:
    """A campaign played: its database, its player, and the events so far."""

    database: Database
    player: Player
    events: list[Event]

    def run(self, until: str) -> Play:
        """Play on to the end of a day."""
        for events in self.player.play(date.fromisoformat(until)):
            self.events += events
        return self

    def of(self, *kinds: str, what: str = "", to: str = "") -> list[Event]:
        """The events of these kinds, about one matter, to one person."""
        return [
            event
            for event in self.events
            if event.kind in kinds
            and (not what or any(item.what == what for item in event.items))
            and (not to or (event.to is not None and event.to.name == to))
        ]

    def rungs(self, what: str = "", kind: str = "rung") -> list[tuple[str, int, int, str]]:
        """(day, rung, repeat, who) of each rung told."""
        return [
            (
                event.at.date().isoformat()[5:],
                event.rung if event.rung is not None else -1,
                event.repeat or 0,
                event.to.name if event.to else "",
            )
            for event in self.of(kind, what=what)
        ]

    def days(self, *kinds: str, what: str = "", to: str = "") -> list[str]:
        """The days of events, as MM-DD."""
        return [event.at.date().isoformat()[5:] for event in self.of(*kinds, what=what, to=to)]


def played(
    items: str,
    until: str,
    *,
    launched: str = "2017-04-14",
    behave: str = "",
    rest: str = "",
    calendar: WorkCalendar | None = None,
) -> Play:
    """A plan of these items, launched and played to the end of a day."""
    text = f"{HEAD}launched: {launched}\n{rest}items:\n{items}"
    script = Script(
        read_plan(text, "plan.yaml"), text, "", read_behaviour(behave or "stages: on_due", "b.yaml")
    )
    database = bureau()
    player = Player(database, script, calendar or WorkCalendar())
    play = Play(database, player, [])
    play.events += player.launch()
    return play.run(until)


def firsts(pairs: Iterable[tuple[str, int, int, str]]) -> list[tuple[str, int]]:
    """(day, rung), each once, in order."""
    return list(dict.fromkeys((day, rung) for day, rung, _, _ in pairs))
