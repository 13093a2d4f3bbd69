"""A small bureau at work, put back to its first day in a moment: what a random walk walks in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.database import Database
from ledger.audit import Actor
from ledger.campaigns import Campaign, Deliverable, Stage
from ledger.deadlines import LadderRow
from ledger.errors import LedgerError
from ledger.launch import launch
from ledger.messages import MessageState, Round
from ledger.plan import read_plan
from ledger.round import run_round
from ledger.units import Post
from ledger.workdays import WorkCalendar
from notifications.claims import Outcome, claim, conclude, waiting
from tests import store
from tests.ledger.play import HEAD, bureau

PLAN = f"""{HEAD}launched: 2017-04-14
stages:
  - {{id: a, name: 动员, from: 2017-04, until: 2017-04-28}}
  - {{id: b, name: 整改, from: 2017-05-02, until: 2017-06-30}}
items:
  - {{id: scheme, what: 方案, who: [各单位], due: 2017-04-28}}
  - {{id: late, what: 名单, who: [一中], due: 2017-04-10}}
  - {{id: week, what: 周报, who: [学校], from: 2017-04, until: campaign_end, cycle: weekly,
     review: false}}
  - {{id: month, what: 走访, who: [各单位], from: 2017-04, until: 2017-09,
     cycle: monthly, quota: 2}}
  - {{id: words, what: 心得, who: [局领导], due: 2017-05-05}}
  - {{id: sum, what: 小结, who: [一中], stage: a, due: stage_end}}
  - {{id: report, what: 整改报告, who: [各单位], stage: b, due: opened+10}}
  - {{id: shelf, what: 专栏, who: [一中], from: 2017-04, until: campaign_end}}
  - {{id: event, what: 回访, who: [学校], stage: b, cycle: per_event, due: opened+4}}
"""
DAWN = "2017-04-14 08:30"


def claim_all(database: Database, now: datetime, cal: WorkCalendar) -> list[int]:
    """Take every message that may leave."""
    with database.writing() as session:
        found = waiting(session, now, cal, None, 5000)
        assert all(claim(session, one, now) for one in found)
    return [one.id for one in found]


def conclude_all(database: Database, ids: Iterable[int], now: datetime) -> None:
    """They have been sent."""
    sent = Outcome(MessageState.SENT, counts=True)
    with database.writing() as session:
        assert all(conclude(session, id, now, sent, now) for id in ids)


class World:
    """One ledger, its clock, and the acts of the people around it."""

    def __init__(self) -> None:
        self.calendar = WorkCalendar()
        self.database = bureau()
        self.now = self.moment(DAWN)
        with self.database.writing() as session:
            plan = read_plan(PLAN, "plan.yaml")
            office = self.actor(session, "办一")
            launch(session, plan, PLAN, "", office, self.now, self.calendar)
        self._first_day = self.database

    def begin_again(self) -> None:
        """Everything as it stood on the first day, launched and not yet ticked."""
        self.database = store.copy(self._first_day)
        self.calendar = WorkCalendar()
        self.now = self.moment(DAWN)

    def moment(self, text: str) -> datetime:
        """A local wall-clock time."""
        return datetime.fromisoformat(text).replace(tzinfo=self.calendar.tz)

    def at(self, days: int, clock: time) -> None:
        """So many days on, at that hour; never backwards."""
        day = self.now.date() + timedelta(days=days)
        self.now = max(self.now, datetime.combine(day, clock, self.calendar.tz))

    def rows(self, sql: str, *values: object) -> list[SimpleNamespace]:
        """Rows as they are stored, read past the ledger's own code."""
        return [SimpleNamespace(**row) for row in store.rows(self.database, sql, *values)]

    def pick(self, which: int, sql: str, *values: object) -> Any:
        """One of the ids found, or None when there are none."""
        ids = [row.id for row in self.rows(f"SELECT id FROM {sql} ORDER BY id", *values)]
        return ids[which % len(ids)] if ids else None

    def attempt(self, act: Callable[[Session], object]) -> LedgerError | None:
        """Do an act in its own transaction; what the ledger refused, if it did."""
        with self.database.writing() as session:
            try:
                with session.begin_nested():
                    act(session)
            except LedgerError as refusal:
                return refusal
        return None

    def tick(self, batch: int) -> Round | None:
        """What the service does every so often."""
        with self.database.writing() as session:
            return run_round(session, self.now, self.calendar, batch)

    def deliver(self) -> int:
        """What may leave now has left."""
        ids = claim_all(self.database, self.now, self.calendar)
        conclude_all(self.database, ids, self.now)
        return len(ids)

    def actor(self, session: Session, name: str) -> Actor:
        """A person of the bureau at the keyboard."""
        return Actor(self.post(session, name), "test")

    def post(self, session: Session, name: str) -> Post:
        """The first post of a person."""
        posts = select(Post).where(Post.person.has(name=name)).order_by(Post.id).limit(1)
        return session.scalars(posts).one()

    def campaign(self, session: Session) -> Campaign:
        """The one campaign."""
        return session.scalars(select(Campaign)).one()

    def stage(self, session: Session, key: str) -> Stage:
        """A stage by its key."""
        return session.scalars(select(Stage).where(Stage.key == key)).one()

    def deliverable(self, session: Session, key: str) -> Deliverable:
        """A deliverable by its key."""
        return session.scalars(select(Deliverable).where(Deliverable.key == key)).one()

    def ladder(self, session: Session) -> int:
        """The ladder of problems."""
        return session.scalars(select(LadderRow.id).where(LadderRow.name == "rectification")).one()
