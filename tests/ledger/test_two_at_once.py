"""Two rounds at once end as one; a round killed anywhere is finished by the next, once."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from itertools import count

import pytest
from sqlalchemy import event

from config.database import Database
from ledger.round import run_round
from ledger.workdays import WorkCalendar
from tests.ledger.crowded import LATER, NOW, crowded_ledger, moment
from tests.ledger.naturals import Row, by_nature
from tests.ledger.rivals import Rivals
from tests.store import on_postgresql, shared

BATCHES = (2, 3, 5, 9, 4000)
"""Small ones: many commits, so that two meet often and there is much to be killed at."""

RIVALS, RACES = (4, 12) if on_postgresql() else (2, 50)
"""Several workers is what PostgreSQL is for; the step from one to the next is the same."""

EVERY = 3 if on_postgresql() else 1
"""A round is killed at each so manieth commit."""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def eve() -> Database:
    return crowded_ledger()


class Desk:
    """One ledger, put back to the eve of the round as often as needed."""

    def __init__(self, eve: Database) -> None:
        self.eve, self.calendar = eve, WorkCalendar()
        self.database = shared(eve)

    def begin_again(self) -> None:
        self.database.close()
        self.database = shared(self.eve)

    def tick(self, now: str, batch: int = 4000) -> None:
        with self.database.writing() as session:
            run_round(session, moment(now), self.calendar, batch)

    def ledger(self) -> dict[str, list[Row]]:
        return by_nature(self.database)

    def ticked(self, *moments: str) -> dict[str, list[Row]]:
        """The ledger after undisturbed ticks."""
        self.begin_again()
        for now in moments:
            self.tick(now)
        return self.ledger()

    def kills(self, now: str, batch: int = 9) -> Iterator[int]:
        """The ledger as a SIGKILL left it, at one commit of the round after the other."""
        for nth in count(1, EVERY):
            self.begin_again()
            self.database.engine.dispose()  # no connection may cross the fork
            if not self._killed_at(nth, now, batch):
                return
            yield nth

    def _killed_at(self, nth: int, now: str, batch: int) -> bool:
        """Whether the round was killed; False when it got through before its n-th commit."""
        child = os.fork()
        if child == 0:
            self._run_and_die(nth, now, batch)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
        return os.WIFSIGNALED(status)

    def _run_and_die(self, nth: int, now: str, batch: int) -> None:
        commits = count(1)

        def at_commit(_: object) -> None:
            if next(commits) == nth:
                os.kill(os.getpid(), signal.SIGKILL)

        code = 1
        try:
            event.listen(self.database.engine, "commit", at_commit)
            self.tick(now, batch)
            code = 0
        finally:
            os._exit(code)


@pytest.fixture
def desk(eve: Database) -> Iterator[Desk]:
    one = Desk(eve)
    yield one
    one.database.close()


@pytest.fixture
def rivals() -> Iterator[Rivals]:
    several = Rivals(RIVALS)
    yield several
    several.stop()


def test_the_round_ahead_has_everything_to_do(desk: Desk, eve: Database) -> None:
    before = {name: len(rows) for name, rows in by_nature(eve).items()}
    after = desk.ticked(NOW)
    grown = {name for name, rows in after.items() if len(rows) > before[name]}
    assert grown >= {
        *("obligation", "deadline", "rung_fire", "message", "message_item", "weekly_list"),
        *("weekly_round", "decision", "round", "audit"),
    }
    assert {dict(row)["kind"] for row in after["message_item"]} >= {
        *("rung", "weekly", "undated", "missing", "lapsed", "review_waiting", "assigned", "act")
    }
    assert "未报" in {dict(row)["state"] for row in after["obligation"]}
    assert {"sent", "superseded"} <= {dict(row)["fired"] for row in after["rung_fire"]}


def test_several_at_once_end_as_one_time_after_time(
    rivals: Rivals, desk: Desk, eve: Database
) -> None:
    once = desk.ticked(NOW)
    one_seals = [False] * (RIVALS - 1) + [True]
    sealed: Counter[int] = Counter()
    for number in range(RACES):
        raced = shared(eve)
        answers = rivals.run(raced, moment(NOW), BATCHES[number % len(BATCHES)], number)
        assert sorted(answers, key=str) == one_seals, f"race {number}: {answers}"
        assert by_nature(raced) == once, f"race {number}"
        sealed[answers.index(True)] += 1
        raced.close()
    assert len(sealed) > 1, "the same process won every race: they hardly met"


def test_a_round_killed_at_any_commit_is_finished_at_the_same_moment(desk: Desk) -> None:
    once, last = desk.ticked(NOW), 0
    for last in desk.kills(NOW):
        desk.tick(NOW)
        assert desk.ledger() == once, f"killed at commit {last}"
    assert last > 15


def test_a_round_killed_and_continued_the_next_day_tells_nobody_twice(desk: Desk) -> None:
    told, last = heard(desk.ticked(NOW, LATER)), 0
    for last in desk.kills(NOW):
        desk.tick(LATER)
        after = desk.ledger()
        digests = Counter(
            row["person_id"]
            for row in map(dict, after["message"])
            if row["kind"] == "digest" and row["state"] == "ready"
        )
        assert set(digests.values()) == {1}, f"killed at commit {last}: two for one person"
        assert heard(after) == told, f"killed at commit {last}"
        assert all(dict(row)["sealed_at"] for row in after["round"])
    assert last > 15


def heard(ledger: dict[str, list[Row]]) -> set[object]:
    """Who has heard of which case; the list of the missing is another one each day."""
    return {
        (name(row["person_id"]), row["kind"], case(row["obligation_id"]), case(row["problem_id"]))
        for row in map(dict, ledger["message_item"])
        if row["message_id"] and not row["dropped"] and row["kind"] != "missing"
    }


def case(row: Row | None) -> object:
    """What a case is called: its matter, whose it is, and its period."""
    if row is None:
        return None
    of = dict(row)
    if "number" in of:
        return of["number"]
    return dict(of["deliverable_id"])["key"], name(of["respondent_id"]), of["period"]


def name(row: Row) -> str:
    return dict(row)["name"]
