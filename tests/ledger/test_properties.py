"""Random people, random ticks, random outages: the promises hold after every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.audit import Actor
from ledger.calendar_changes import CalendarChange, close_day
from ledger.campaigns import Move
from ledger.deadlines import Deadline
from ledger.extensions import Extension
from ledger.intake import HandIn, exempt, hand_in, open_event
from ledger.more_time import ask_extension, decide_extension
from ledger.obligations import Obligation
from ledger.problems import Problem
from ledger.rectification import assign, register, reopen, request_close, verify
from ledger.review import accept, send_back
from ledger.roster import import_posts, import_units
from ledger.stages import carry_out_all, decide
from ledger.unit_fates import close_unit, merge_unit
from ledger.units import Post, Unit
from ledger.workdays import WorkCalendar
from tests.ledger.oracle import stored
from tests.ledger.play import rows
from tests.ledger.promises import Promises
from tests.ledger.world import World
from tests.store import on_postgresql

KEPT = "活动办公室"
LAST_DAY = date(2017, 10, 31)
CONTACTS = {"第一中学": "联一", "第二中学": "联二", "电教馆": "联馆"}
OPEN, GIVEN = "obligation WHERE state IN ('待报', '退回')", "obligation WHERE state = '待审'"

which = st.integers(0, 999)
ahead = st.integers(1, 20)
wait = st.sampled_from([1, 0, 2, 3, 5, 8])
hours = st.sampled_from([time(7, 15), time(8, 59), time(9), time(11, 30), time(18), time(23, 59)])
batches = st.sampled_from([1, 3, 4000])

RAN: Counter[str] = Counter()


@cache
def world() -> World:
    return World()


def there_are(what: str) -> Callable[[Any], bool]:
    """A rule waits until there is something for it to act on."""
    return lambda self: bool(self.world.rows(f"SELECT 1 FROM {what} LIMIT 1"))


def fewer_than(number: int, what: str) -> Callable[[Any], bool]:
    """A rule that adds stops adding, so that a walk does more than one thing."""
    return lambda self: self.world.rows(f"SELECT count(*) AS n FROM {what}")[0].n < number


class Bureau(RuleBasedStateMachine):
    """One campaign and the people in it. `wait`: working days that pass before the act."""

    @initialize(batch=batches)
    def the_campaign_is_launched(self, batch: int) -> None:
        self.world = world()
        self.world.begin_again()
        self.promises = Promises(self.world)
        self.days_pass(1, batch, delivering=True)

    # -- the clock

    @rule(days=st.integers(1, 6), batch=batches, delivering=st.booleans())
    def a_few_days_pass(self, days: int, batch: int, delivering: bool) -> None:
        self.days_pass(days, batch, delivering)
        self.did("a_few_days_pass")

    @rule(batch=batches, days=st.integers(0, 1), hour=hours)
    def a_tick_at_an_odd_hour(self, batch: int, days: int, hour: time) -> None:
        self.world.at(days, hour)
        self.tick(batch)
        self.did("a_tick_at_an_odd_hour")

    @rule(days=st.integers(2, 25), hour=hours)
    def the_machine_is_down(self, days: int, hour: time) -> None:
        if self.world.now.date() < LAST_DAY:
            self.world.at(days, hour)
            self.did("the_machine_is_down")

    @precondition(there_are("message WHERE state = 'ready'"))
    @rule(days=st.integers(0, 1), hour=hours)
    def messages_leave(self, days: int, hour: time) -> None:
        self.world.at(days, hour)
        self.did("messages_leave", self.world.deliver() > 0)

    def days_pass(self, days: int, batch: int = 4000, delivering: bool = True) -> None:
        for _ in range(days):
            self.world.at(1, time(9))
            self.tick(batch)
            if delivering:
                self.world.deliver()

    def tick(self, batch: int) -> None:
        """A tick; after a daily round all it had to do is done."""
        if self.world.now.date() >= LAST_DAY:
            return
        before = self.counts() if self.campaign_is("已暂停") else None
        round_ = self.world.tick(batch)
        if before and self.campaign_is("已暂停"):
            assert self.counts() == before, "a paused campaign opened, climbed or locked"
        if round_ is not None:
            self.promises.hold_after(round_)
        self.did("(daily round)" if round_ else "(quiet tick)")
        self.promises.hold_after_any_tick()
        self.acted, self.ticked = False, True

    def counts(self) -> list[int]:
        counted = ("obligation", "rung_fire", "obligation WHERE state = '未报'")
        return [self.world.rows(f"SELECT count(*) AS n FROM {what}")[0].n for what in counted]

    # -- hand-ins

    @precondition(there_are(OPEN))
    @rule(wait=wait, several=st.lists(which, min_size=1, max_size=4), count=st.integers(1, 2))
    def hand_in(self, wait: int, several: list[int], count: int) -> None:
        self.days_pass(wait)
        for which in several:
            self.hand_in_one(which, count, wild=False)

    @rule(which=which)
    def hand_in_anything(self, which: int) -> None:
        self.hand_in_one(which, 1, wild=True)

    def hand_in_one(self, which: int, count: int, wild: bool) -> None:
        id = self.world.pick(which, "obligation" if wild else OPEN)
        if id is None:
            return
        (row,) = self.world.rows("SELECT state, lock_at FROM obligation WHERE id = ?", id)
        locked = row.lock_at is not None and row.lock_at <= stored(self.world.now)
        given = HandIn(text="材料", count=count, on_behalf_why="电话报来")

        def act(session: Session) -> None:
            by = self.office(session)
            hand_in(session, session.get_one(Obligation, id), by.post, given, by, *self.here)

        refused = self.attempt("hand_in", act)
        assert refused == (locked or row.state not in ("待报", "退回")), row

    @precondition(there_are(GIVEN))
    @rule(wait=wait, which=which)
    def accept(self, wait: int, which: int) -> None:
        self.days_pass(wait)
        if (id := self.world.pick(which, GIVEN)) is not None:
            self.attempt(
                "accept",
                lambda s: accept(s, s.get_one(Obligation, id), self.office(s), self.world.now),
            )

    @precondition(there_are("obligation WHERE state IN ('待审', '已收')"))
    @rule(wait=wait, which=which)
    def send_back(self, wait: int, which: int) -> None:
        self.days_pass(wait)
        id = self.world.pick(which, "obligation WHERE state IN ('待审', '已收')")
        if id is not None:
            self.attempt(
                "send_back",
                lambda s: send_back(
                    s, s.get_one(Obligation, id), self.office(s), "缺数据", *self.here
                ),
            )

    @precondition(fewer_than(4, "obligation WHERE state = '免报'"))
    @rule(which=which)
    def exempt(self, which: int) -> None:
        id = self.world.pick(which, "obligation")
        self.attempt(
            "exempt",
            lambda s: exempt(s, s.get_one(Obligation, id), self.office(s), "停课", self.world.now),
        )

    @precondition(fewer_than(6, "obligation WHERE period LIKE 'event%'"))
    @rule(wait=wait)
    def an_event_happens(self, wait: int) -> None:
        self.days_pass(wait)
        self.attempt(
            "an_event_happens",
            lambda s: open_event(s, self.world.deliverable(s, "event"), self.office(s), *self.here),
        )

    # -- more time

    @precondition(there_are("deadline WHERE clock = '计时'"))
    @rule(which=which, days=ahead)
    def ask_for_more_time(self, which: int, days: int) -> None:
        today = self.world.now.date()
        id = self.world.pick(which, "deadline WHERE clock = '计时' AND due >= ?", today.isoformat())

        def act(session: Session) -> None:
            clock, by = session.get_one(Deadline, id), self.world.actor(session, "联一")
            due = clock.due + timedelta(days=days)
            subject = clock.obligation or clock.problem
            ask_extension(session, subject, by.post, by, due, "人手不够", *self.here)

        if id is not None:
            self.attempt("ask_for_more_time", act)

    @precondition(there_are("extension WHERE outcome = '待批'"))
    @rule(wait=wait, which=which, granted=st.booleans())
    def decide_on_more_time(self, wait: int, which: int, granted: bool) -> None:
        self.days_pass(wait)
        id = self.world.pick(which, "extension WHERE outcome = '待批'")
        if id is not None:
            self.attempt(
                "decide_on_more_time",
                lambda s: decide_extension(
                    s, s.get_one(Extension, id), self.office(s), granted, "", *self.here
                ),
            )

    # -- problems

    @precondition(fewer_than(5, "problem"))
    @rule(wait=wait, unit=st.sampled_from(sorted(CONTACTS)), days=ahead, rung=st.integers(0, 3))
    def register_and_assign(self, wait: int, unit: str, days: int, rung: int) -> None:
        self.days_pass(wait)

        def act(session: Session) -> None:
            campaign, office = self.world.campaign(session), self.office(session)
            owner = session.scalars(select(Unit).where(Unit.name == unit)).one()
            problem = register(session, campaign, owner, "食堂", office, self.world.now)
            due, ladder = self.in_days(days), self.world.ladder(session)
            assign(session, problem, due, ladder, office, *self.here, start_rung=rung)

        self.attempt("register_and_assign", act)

    @precondition(there_are("problem WHERE state IN ('已交办', '整改中')"))
    @rule(wait=wait, which=which)
    def request_close(self, wait: int, which: int) -> None:
        self.days_pass(wait)
        id = self.world.pick(which, "problem")

        def act(session: Session) -> None:
            by, problem = self.world.actor(session, "联一"), session.get_one(Problem, id)
            request_close(session, problem, by.post, by, "已换新", *self.here)

        self.attempt("request_close", act)

    @precondition(there_are("problem WHERE state = '申请销号'"))
    @rule(wait=wait, which=which, by=st.sampled_from(["督一", "办一", "联一"]), ok=st.booleans())
    def verify(self, wait: int, which: int, by: str, ok: bool) -> None:
        self.days_pass(wait)
        id = self.world.pick(which, "problem WHERE state = '申请销号'")

        def act(session: Session) -> None:
            problem, who = session.get_one(Problem, id), self.world.actor(session, by)
            verify(session, problem, who, ok, "看过现场", *self.here)

        refused = self.attempt("verify", act)
        assert refused == (by == "联一"), "nobody strikes off their own problem"

    @precondition(there_are("problem WHERE state = '已销号'"))
    @rule(wait=wait, which=which, days=ahead)
    def reopen(self, wait: int, which: int, days: int) -> None:
        self.days_pass(wait)
        id = self.world.pick(which, "problem WHERE state = '已销号'")

        def act(session: Session) -> None:
            problem, who = session.get_one(Problem, id), self.world.actor(session, "督一")
            reopen(session, problem, self.in_days(days), who, "反弹", *self.here)

        self.attempt("reopen", act)

    # -- the campaign

    @rule(stage=st.sampled_from("ab"), move=st.sampled_from([Move.FINISH, Move.EXTEND]), days=ahead)
    def decide_on_a_stage(self, stage: str, move: Move, days: int) -> None:
        def act(session: Session) -> None:
            row = self.world.stage(session, stage)
            due = max(row.due, self.world.now.date()) + timedelta(days=days)
            self.decide(session, move, stage=row, new_due=due)

        self.attempt("decide_on_a_stage", act)

    @rule(wait=wait, at_once=st.booleans())
    def pause_or_resume(self, wait: int, at_once: bool) -> None:
        self.days_pass(wait)
        move = Move.RESUME if self.campaign_is("已暂停") else Move.PAUSE
        self.attempt("pause_or_resume", lambda s: self.decide(s, move, at_once=at_once))

    @precondition(lambda self: self.world.now.date() > date(2017, 8, 1))
    @rule()
    def close_the_campaign(self) -> None:
        self.attempt("close_the_campaign", lambda s: self.decide(s, Move.CLOSE))

    # -- the roster

    @precondition(fewer_than(6, "unit"))
    @rule()
    def a_school_joins(self) -> None:
        name = f"新校{len(self.world.rows('SELECT 1 FROM unit'))}"

        def act(session: Session) -> None:
            import_units(session, rows(f"单位名称,类别\n{name},学校\n"))
            import_posts(
                session, rows(f"姓名,角色,单位,邮箱\n联{name},联络员,{name},a@b.example\n")
            )

        self.attempt("a_school_joins", act)

    @precondition(there_are("unit WHERE id > 4 AND valid_until IS NULL"))
    @rule(which=which)
    def a_school_closes(self, which: int) -> None:
        id = self.world.pick(which, "unit WHERE id > 4 AND valid_until IS NULL")
        self.attempt("a_school_closes", lambda s: self.end(s.get_one(Unit, id)))

    @precondition(fewer_than(2, "unit_change"))
    @rule(wait=wait, which=which, into=which, merged=st.booleans())
    def a_unit_is_no_more(self, wait: int, which: int, into: int, merged: bool) -> None:
        """By the office's word: what it owes is released, its problems go or stay."""
        self.days_pass(wait)
        id = self.world.pick(which, f"unit WHERE name NOT IN ('{KEPT}')")
        heir = self.world.pick(into, "unit")

        def act(session: Session) -> None:
            unit, by, today = session.get_one(Unit, id), self.office(session), self.in_days(0)
            if merged:
                other = session.get_one(Unit, heir)
                merge_unit(session, unit, other, today, by, "布局调整", *self.here)
            else:
                close_unit(session, unit, today, by, "布局调整", *self.here)

        self.attempt("merge_a_unit" if merged else "close_a_unit", act)

    # -- the calendar

    @precondition(fewer_than(3, "closure_day"))
    @rule(days=ahead)
    def the_bureau_closes_for_a_day(self, days: int) -> None:
        changes: list[CalendarChange] = []

        def act(session: Session) -> None:
            day, by = self.in_days(days), self.office(session)
            changes.append(close_day(session, day, "停电", by, *self.here))

        if not self.attempt("the_bureau_closes_for_a_day", act):
            self.world.calendar = changes[0].calendar

    @precondition(fewer_than(3, "post WHERE valid_until IS NOT NULL"))
    @rule(which=which)
    def an_office_falls_vacant(self, which: int) -> None:
        kept = "valid_until IS NULL AND role NOT IN ('活动办', '责任领导')"
        id = self.world.pick(which, f"post WHERE {kept}")
        if id is not None:
            self.attempt("an_office_falls_vacant", lambda s: self.end(s.get_one(Post, id)))

    # -- what must hold

    @invariant()
    def the_promises_hold(self) -> None:
        if self.acted:
            self.promises.hold()
        if self.ticked:
            self.promises.nothing_is_forgotten()
        self.acted = self.ticked = False

    # -- helpers

    acted = ticked = False

    @property
    def here(self) -> tuple[datetime, WorkCalendar]:
        return self.world.now, self.world.calendar

    def office(self, session: Session) -> Actor:
        return self.world.actor(session, "办一")

    def in_days(self, days: int) -> date:
        return self.world.now.date() + timedelta(days=days)

    def campaign_is(self, state: str) -> bool:
        return self.world.rows("SELECT state FROM campaign")[0].state == state

    def decide(self, session: Session, move: Move, at_once: bool = True, **about: Any) -> None:
        campaign, office = self.world.campaign(session), self.office(session)
        decide(session, campaign, move, office, self.world.now, reason="按决定", **about)
        if at_once:
            carry_out_all(session, *self.here)

    def end(self, row: Unit | Post) -> None:
        row.valid_until = self.world.now.date()

    def attempt(self, name: str, act: Callable[[Session], object]) -> bool:
        """Do it; whether the ledger refused."""
        refusal = self.world.attempt(act)
        self.did(name, refusal is None)
        return refusal is not None

    def did(self, name: str, done: bool = True) -> None:
        RAN[name if done else f"{name} (refused)"] += 1
        self.acted = True


PACE = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "stateful_step_count": 40,
    "print_blob": True,
}


WALKS = 4 if on_postgresql() else 15


def test_the_promises_hold_whatever_happens(say: Callable[[str], None]) -> None:
    RAN.clear()
    run_state_machine_as_test(
        Bureau, settings=settings(max_examples=WALKS, derandomize=True, database=None, **PACE)
    )
    say(how_often())


@pytest.mark.long
def test_the_promises_hold_on_many_more_walks(say: Callable[[str], None]) -> None:
    RAN.clear()
    run_state_machine_as_test(Bureau, settings=settings(max_examples=100, **PACE))
    say(how_often())


def how_often() -> str:
    """How often each rule took effect."""
    return "".join(f"{n:6} {name}\n" for name, n in sorted(RAN.items()))
