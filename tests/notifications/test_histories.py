"""Random servers, people and outages: what the outbox promises holds after every delivery."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import delete, select, update

from config.settings import read_settings
from ledger.absences import Absence
from ledger.addresses import Address
from ledger.intake import HandIn, hand_in
from ledger.obligations import Obligation
from ledger.units import Person
from notifications.deliver import deliver
from notifications.mail import AddressDead, ChannelDown, Mail, TransportError, Unclear
from notifications.memory import MemoryChannel
from tests import store
from tests.ledger.world import World
from tests.store import on_postgresql

WALKS = 3 if on_postgresql() else 12
LAST_DAY = date(2017, 8, 31)

SAID: dict[str, TransportError | None] = {
    "taken": None,
    "dead": AddressDead("没有这个邮箱"),
    "busy": TransportError("稍后再试"),
    "refused": TransportError("内容不收", permanent=True),
    "down": ChannelDown("连不上"),
    "unclear": Unclear("断线"),
}
MOSTLY_TAKEN = ["taken"] * 6
answers = st.lists(st.sampled_from([*MOSTLY_TAKEN, *SAID]), min_size=2, max_size=12)
which = st.integers(0, 999)

SEEN: Counter[str] = Counter()


@cache
def world() -> World:
    return World()


class Server(MemoryChannel):
    """Answers as drawn, then takes all; notes when each mail arrived. Unclear: some arrive."""

    def __init__(self, drawn: list[str], now: datetime) -> None:
        super().__init__(SAID[word] for word in drawn)
        self.now = now
        self.arrived: list[tuple[int, datetime]] = []

    def send(self, mail: Mail) -> str:
        try:
            said = super().send(mail)
        except Unclear:
            if mail.id % 2:
                self.arrived.append((mail.id, self.now))
            raise
        self.arrived.append((mail.id, self.now))
        return said


class Outbox(RuleBasedStateMachine):
    """One campaign, its people, and a server that answers as it likes."""

    @initialize()
    def the_campaign_is_launched(self) -> None:
        self.world = world()
        self.world.begin_again()
        self.arrived: list[tuple[int, datetime]] = []
        self.handed_in: dict[int, datetime] = {}
        self.settings = read_settings(database_url=store.address(self.world.database))

    @rule(days=st.integers(1, 3), drawn=answers, again=answers)
    def days_pass(self, days: int, drawn: list[str], again: list[str]) -> None:
        for _ in range(days):
            if self.world.now.date() >= LAST_DAY:
                return
            self.world.at(1, time(9))
            self.world.tick(4000)
            self.deliver(drawn)
            for minutes in (6, 30, 90):
                self.world.now += timedelta(minutes=minutes)
                self.deliver(again)

    @rule(days=st.integers(2, 12))
    def the_machine_is_down(self, days: int) -> None:
        if self.world.now.date() < LAST_DAY:
            self.world.at(days, time(8))

    @rule(which=which)
    def somebody_hands_in(self, which: int) -> None:
        id = self.world.pick(which, "obligation WHERE state IN ('待报', '退回')")
        if id is None:
            return

        def act(session: Any) -> None:
            by = self.world.actor(session, "办一")
            given = HandIn(text="材料", on_behalf_why="电话报来")
            obligation = session.get_one(Obligation, id)
            hand_in(session, obligation, by.post, given, by, self.world.now, self.world.calendar)

        if self.world.attempt(act) is None:
            self.handed_in[id] = self.world.now

    @rule(name=st.sampled_from(["领甲", "联一", "主二"]), days=st.integers(0, 9))
    def somebody_goes_away(self, name: str, days: int) -> None:
        def act(session: Any) -> None:
            today = self.world.now.date()
            person = session.scalars(select(Person).where(Person.name == name)).one()
            last = today + timedelta(days=days)
            session.add(Absence(person_id=person.id, first=today, last=last, at=self.world.now))

        self.world.attempt(act)

    @rule()
    def the_office_mends_the_addresses(self) -> None:
        self.world.attempt(
            lambda s: s.execute(update(Address).values(disabled_at=None, disabled_why=None))
        )

    @rule(which=which)
    def somebody_has_no_address(self, which: int) -> None:
        id = self.world.pick(which, "person")
        self.world.attempt(lambda s: s.execute(delete(Address).where(Address.person_id == id)))

    def deliver(self, drawn: list[str]) -> None:
        server = Server(drawn, self.world.now)
        deliver(self.world.database, self.settings, self.world.now, self.world.calendar, server)
        self.arrived += server.arrived
        SEEN.update(drawn)
        self.check()

    def check(self) -> None:
        messages = {row.id: row for row in self.world.rows("SELECT * FROM message")}
        self.one_ordinary_message_a_day(messages)
        self.none_arrives_oftener_than_the_outbox_says(messages)
        self.one_line_for_each_rung_and_person()
        self.attempts_follow_their_rules(messages)
        self.whatever_did_not_arrive_says_why(messages)

    def one_ordinary_message_a_day(self, messages: dict[int, Any]) -> None:
        """Leaving again counts too, unless it is the same message on the same day."""
        ordinary = {
            (messages[id].person_id, at.date(), id)
            for id, at in self.arrived
            if messages[id].kind == "digest" and messages[id].origin_id is None
        }
        days = Counter((person, day) for person, day, _ in ordinary)
        assert not [key for key, number in days.items() if number > 1]

    def none_arrives_oftener_than_the_outbox_says(self, messages: dict[int, Any]) -> None:
        for id, times in Counter(id for id, _ in self.arrived).items():
            row = messages[id]
            assert row.resends <= 1 and times <= 1 + row.resends, row
            assert row.state in ("sent", "unknown", "ready", "failed", "skipped"), row
        sent = {id for id, row in messages.items() if row.state == "sent"}
        assert sent <= {id for id, _ in self.arrived}

    def one_line_for_each_rung_and_person(self) -> None:
        rows = self.world.rows(
            "SELECT i.rung_fire_id, i.person_id, m.origin_id FROM message_item i"
            " LEFT JOIN message m ON m.id = i.message_id"
            " WHERE i.rung_fire_id IS NOT NULL AND i.dropped IS NULL AND NOT i.again"
        )
        lines = Counter((row.rung_fire_id, row.person_id) for row in rows if row.origin_id is None)
        assert not [line for line, number in lines.items() if number > 1]

    def attempts_follow_their_rules(self, messages: dict[int, Any]) -> None:
        found = defaultdict(list)
        for row in self.world.rows("SELECT * FROM attempt ORDER BY id"):
            found[row.message_id].append(row)
        for id, tried in found.items():
            for before, after in pairwise(tried):
                assert before.outcome in ("put_off", "unclear", "refused"), "sent is sent"
                if before.outcome == "refused":
                    assert before.address != after.address, "a dead address is not tried again"
            unclear = [row for row in tried if row.outcome == "unclear"]
            assert len(unclear) <= 1 + messages[id].resends

    def whatever_did_not_arrive_says_why(self, messages: dict[int, Any]) -> None:
        for row in messages.values():
            if row.state in ("skipped", "failed", "unknown"):
                assert row.reason, row
            assert row.state not in ("sending", "draft"), row
        told = {
            int(row.key.split(":")[1])
            for row in self.world.rows(
                "SELECT key FROM message_item WHERE kind = 'undelivered' AND why LIKE '%没有收到%'"
            )
        }
        failed = {
            id
            for id, row in messages.items()
            if row.state == "failed" and row.kind != "undelivered"
        }
        assert failed <= told, "the office hears of every failure"


def test_whatever_the_server_answers_the_outbox_keeps_its_promises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    SEEN.clear()
    run_state_machine_as_test(
        Outbox,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    if not on_postgresql():  # where the walks are few
        assert SEEN.keys() == SAID.keys(), "every answer came up"
