"""A campaign of six units, some of whom hand in, and random amendments of its plan."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.database import Database
from ledger.audit import Actor
from ledger.campaigns import Campaign
from ledger.errors import Refused
from ledger.intake import HandIn, hand_in
from ledger.launch import launch
from ledger.letters import letters
from ledger.messages import ItemKind
from ledger.obligations import Obligation, ObligationState
from ledger.plan import PlanError, read_plan
from ledger.plan_versions import amend
from ledger.recipients import office
from ledger.roster import import_posts, import_units
from ledger.round import run_round
from ledger.workdays import WorkCalendar
from tests import store
from tests.ledger.play import HEAD, POSTS, UNITS, rows
from tests.ledger.world import claim_all, conclude_all

SIX_UNITS = UNITS + "第三小学,学校\n第四小学,学校\n"
THEIR_POSTS = (
    POSTS
    + "联三,联络员,第三小学,,lian3@school.example,\n联四,联络员,第四小学,,lian4@school.example,\n"
)
FIRST, LAST = date(2017, 4, 14), date(2017, 7, 14)
ITEMS: list[dict[str, Any]] = [
    {"id": "scheme", "what": "方案", "who": ["各单位"], "due": "2017-04-28"},
    {"id": "words", "what": "心得", "who": ["学校"], "due": "2017-06-09", "quota": 2},
    {"id": "report", "what": "总结", "who": ["各单位"], "due": "2017-07-07"},
    {"id": "week", "what": "周报", "who": ["学校"], "until": "2017-06-30", "cycle": "weekly"},
    {"id": "month", "what": "走访", "who": ["各单位"], "until": "2017-07", "cycle": "monthly"},
    {"id": "shelf", "what": "专栏", "who": ["学校"]},
]
NEVER = ("第二中学", "第四小学")
"""Units that hand in nothing."""

WHOM = ("各单位", "学校", "一中")
CYCLES = ("weekly", "ten_days", "monthly", "quarterly")


def plan_text(items: list[dict[str, Any]]) -> str:
    """A plan of these items; JSON is YAML."""
    return f"{HEAD}launched: {FIRST}\nitems: {json.dumps(items, ensure_ascii=False)}\n"


class Amended:
    """The campaign at work; it can be put back to any day that was kept."""

    def __init__(self) -> None:
        self.calendar = WorkCalendar()
        self.database = store.empty()
        with self.database.writing() as session:
            import_units(session, rows(SIX_UNITS))
            import_posts(session, rows(THEIR_POSTS))
            text, now = plan_text(ITEMS), self.moment(FIRST, time(8, 30))
            launch(
                session, read_plan(text, "p"), text, "", self.by(session, FIRST), now, self.calendar
            )
        self.spoken: list[tuple[int, str]] = []
        self.told: list[tuple[str, str]] = []

    def moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.calendar.tz)

    def by(self, session: Session, day: date) -> Actor:
        return Actor(office(session, day)[0], "test")

    def copy(self) -> Database:
        """The ledger as it stands."""
        return store.copy(self.database)

    def restore(self, kept: Database) -> None:
        """Back to what was kept."""
        self.database = store.copy(kept)

    def play(self, day: date, dice: Random) -> None:
        """A day: the tick, what leaves, and some hand in what they owe."""
        now = self.moment(day, time(9))
        with self.database.writing() as session:
            run_round(session, now, self.calendar)
        ids = claim_all(self.database, now, self.calendar)
        if ids:
            with self.database.reading() as session:
                for letter in letters(session, ids, now, self.calendar).values():
                    about = [(line.subject[0], line.kind.value) for line in letter.lines]
                    self.spoken += [(id, kind) for id, kind in about if id is not None]
                    self.told += [
                        (letter.to, line.what)
                        for line in letter.lines
                        if line.kind is ItemKind.AMENDED
                    ]
            conclude_all(self.database, ids, now)
        self._hand_in(self.moment(day, time(15)), dice)

    def _hand_in(self, now: datetime, dice: Random) -> None:
        with self.database.writing() as session:
            owed = select(Obligation).where(Obligation.state == ObligationState.OWED)
            for row in session.scalars(owed.order_by(Obligation.id)).all():
                if row.respondent.name not in NEVER and dice.random() < 0.08:
                    by = self.by(session, now.date())
                    assert by.post is not None
                    given = HandIn(text="材料", on_behalf_why="电话")
                    hand_in(session, row, by.post, given, by, now, self.calendar)

    def amend(self, day: date, items: list[dict[str, Any]]) -> bool:
        """Amend at noon; False when the ledger refuses, and then nothing is written."""
        text = plan_text(items)
        try:
            plan = read_plan(text, "p")
            with self.database.writing() as session:
                campaign = session.scalars(select(Campaign)).one()
                now = self.moment(day, time(12))
                amend(session, campaign, plan, text, "", self.by(session, day), now, self.calendar)
        except (Refused, PlanError):
            assert self._versions() == 1
            return False
        assert self._versions() == 2
        return True

    def _versions(self) -> int:
        return len(self.table("SELECT id FROM plan_version"))

    def table(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows as they are stored."""
        return [tuple(row.values()) for row in store.rows(self.database, sql)]


def otherwise(day: date, dice: Random) -> list[dict[str, Any]]:
    """The items, some left out, some asked otherwise, some new."""
    items = []
    for item in ITEMS:
        luck = dice.random()
        if luck < 0.12:
            continue
        items.append(_changed(item, day, dice) if luck < 0.7 else item)
    for number in range(dice.randint(0, 2)):
        due = (day + timedelta(days=dice.randint(2, 30))).isoformat()
        new = {"id": f"new-{number}", "what": f"新事{number}", "who": [dice.choice(WHOM)]}
        items.append({**new, "due": due} if number else {**new, "cycle": dice.choice(CYCLES)})
    return items or list(ITEMS[:1])


def _changed(item: dict[str, Any], day: date, dice: Random) -> dict[str, Any]:
    match dice.randint(0, 4):
        case 0:
            return {**item, "who": [dice.choice(WHOM)]}
        case 1 if "cycle" in item:
            return {**item, "cycle": dice.choice(CYCLES)}
        case 2 if "cycle" in item:
            return {**item, "until": (day + timedelta(days=dice.randint(1, 40))).isoformat()}
        case 3:
            return {**item, "quota": dice.randint(1, 3)}
        case 4:
            return {**item, "what": item["what"] + "（改）", "review": False}
    if "cycle" in item:
        return item
    return {**item, "due": (day + timedelta(days=dice.randint(1, 40))).isoformat()}
