"""What must stay true whatever people do and whenever the machine runs: checked after each step."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from ledger.messages import Round
from ledger.rates import NUMBERS, Counts
from ledger.self_audit import find_gaps
from ledger.standings import tally
from ledger.tallying import recount
from tests.ledger.oracle import (
    Closed,
    Offices,
    closed_days,
    day,
    in_office_hours,
    local,
    schedule,
    shifted,
    stored,
    week,
)
from tests.ledger.world import World

FORGIVEN = ("没有跑完", "没有收尾", "没有发出", "还没有交办")
"""What an outage explains."""

FROZEN = ["deliverable_id", "respondent_id", "respondent_class", "period", "opened_at", "asked"]


class Promises:
    """Remembers what it saw, so that what must not change is seen to stay."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.owed: dict[int, Any] = {}
        self.sizes: dict[tuple[int, str], int] = {}
        self.received: dict[int, tuple[str, bool]] = {}
        self.past: dict[tuple[int, str], tuple[tuple[str, ...], int, int]] = {}
        self.delivered: dict[int, int] = {}
        self.last_fire = 0
        self.closed: Closed = frozenset()

    def hold(self) -> None:
        """Every promise that holds at any moment."""
        world = self.world
        self.closed = closed_days(world)
        obligations = world.rows("SELECT * FROM obligation")
        self._what_is_owed_is_frozen(obligations)
        self._past_rates_stand(obligations)
        self._tallies_are_right(obligations)
        self._three_facts(obligations)
        self._clocks_agree_with_states(obligations)
        self._one_message_a_day()
        self._one_message_per_item()

    # -- 2: who owed what is frozen

    def _what_is_owed_is_frozen(self, obligations: list[Any]) -> None:
        seen = {row.id: row for row in obligations}
        assert self.owed.keys() <= seen.keys(), "a row that was owed is gone"
        for id, before in self.owed.items():
            assert [getattr(before, name) for name in FROZEN] == [
                getattr(seen[id], name) for name in FROZEN
            ]
            assert before.scheduled_due in (None, seen[id].scheduled_due)
        sizes = Counter((row.deliverable_id, row.period) for row in obligations)
        for period, size in self.sizes.items():
            assert sizes[period] == size, f"{period} was opened with {size} rows"
        self.owed, self.sizes = seen, dict(sizes)

    def _past_rates_stand(self, obligations: list[Any]) -> None:
        """Once a period's dates are past, its on-time rate stands as long as the dates do."""
        today = self.world.now.date()
        groups = defaultdict(list)
        for row in obligations:
            groups[row.deliverable_id, row.period].append(row)
        for period, rows in groups.items():
            if any(row.due is None or day(row.due) >= today for row in rows):
                continue
            dues = tuple(row.due for row in rows)
            counted = [row for row in rows if owed_in_its_time(row)]
            rate = (dues, len(counted), sum(on_time(row) for row in counted))
            assert rate[2] <= rate[1]
            if period in self.past and self.past[period][0] == dues:
                assert self.past[period] == rate, f"the past rate of {period} changed"
            self.past[period] = rate

    def _tallies_are_right(self, obligations: list[Any]) -> None:
        """The counters are what a count gives: the ledger's own, and one made here."""
        stored = {
            (row.deliverable_id, row.period, row.respondent_class): counts
            for row in self.world.rows("SELECT * FROM tally")
            if any((counts := Counts(*(getattr(row, number.key) for number in NUMBERS))).plain())
        }
        with self.world.database.reading() as session:
            assert stored == recount(session)
        counted: defaultdict[Any, Counts] = defaultdict(Counts)
        for row in obligations:
            counted[row.deliverable_id, row.period, row.respondent_class] += counts_of(row)
        assert stored == counted

    # -- 3: on time, accepted and locked are three facts

    def _three_facts(self, obligations: list[Any]) -> None:
        for row in obligations:
            assert (row.accepted_at is not None) == (row.state == "已收")
            assert (row.locked_at is not None) == (row.state == "未报")
            assert (row.exempted_at is not None) == (row.state == "免报")
            if row.id in self.received:
                first = (row.first_received_at, on_time(row))
                assert first == self.received[row.id], "the first receipt stands"
            if row.first_received_at is not None:
                self.received[row.id] = (row.first_received_at, on_time(row))
        self._first_receipts_are_the_moment_the_quota_was_reached()
        self._nothing_locked_too_early(obligations)

    def _first_receipts_are_the_moment_the_quota_was_reached(self) -> None:
        sums: Counter[int] = Counter()
        reached: dict[int, str] = {}
        for given in self.world.rows("SELECT * FROM submission ORDER BY id"):
            sums[given.obligation_id] += given.count
            if sums[given.obligation_id] >= self.owed[given.obligation_id].asked:
                reached.setdefault(given.obligation_id, given.received_at)
        got = {id: row.first_received_at for id, row in self.owed.items() if row.first_received_at}
        assert got == reached

    def _nothing_locked_too_early(self, obligations: list[Any]) -> None:
        (campaign,) = self.world.rows("SELECT closed_at, state FROM campaign")
        if campaign.state == "已结束":
            return
        for row in obligations:
            if row.locked_at is not None:
                last = local(row.locked_at).date()
                assert row.due is None or last > shifted(day(row.due), 5, self.closed)
                assert row.correction_due is None or last > day(row.correction_due)

    # -- 12: no open case without a next step

    def _clocks_agree_with_states(self, obligations: list[Any]) -> None:
        (campaign,) = self.world.rows("SELECT state FROM campaign")
        rungs = "SELECT ladder_id, max(rung) AS top FROM ladder_rung GROUP BY ladder_id"
        tops = {row.ladder_id: row.top for row in self.world.rows(rungs)}
        states = {("o", row.id): row for row in obligations}
        states |= {("p", row.id): row for row in self.world.rows("SELECT * FROM problem")}
        for clock in self.world.rows("SELECT * FROM deadline"):
            subject = (
                states["o", clock.obligation_id]
                if clock.obligation_id
                else (states["p", clock.problem_id])
            )
            assert clock.clock == clock_of(subject.state, campaign.state), (subject, clock)
            assert (clock.next_at is None) or clock.clock == "计时"
            if clock.clock == "计时" and clock.next_at is None:
                assert clock.next_rung > tops[clock.ladder_id], "a clock runs towards nothing"
            if clock.clock == "计时" and clock.obligation_id:
                assert subject.lock_at is not None, "nothing will ever lock it"

    # -- 6 and 7: one message per person and day, one message per item

    def _one_message_a_day(self) -> None:
        digests: Counter[Any] = Counter()
        for row in self.world.rows("SELECT * FROM message WHERE state = 'sent'"):
            sent = local(row.sent_at)
            assert row.kind == "receipt" or in_office_hours(sent, self.closed), (
                f"{row.key} left at {sent}"
            )
            if row.kind == "digest":
                digests[row.person_id, sent.date()] += 1
        assert not [key for key, number in digests.items() if number > 1]
        lists = self.world.rows(
            "SELECT DISTINCT m.id, m.person_id, m.sent_at FROM message m JOIN message_item i"
            " ON i.message_id = m.id WHERE m.state = 'sent' AND i.dropped IS NULL"
            " AND i.kind IN ('weekly', 'undated')"
        )
        weeks = Counter((row.person_id, week(local(row.sent_at).date())) for row in lists)
        assert not [key for key, number in weeks.items() if number > 1], "two lists in a week"

    def _one_message_per_item(self) -> None:
        """What has been delivered stays delivered, once; what was skipped took nothing along."""
        rows = self.world.rows(
            "SELECT i.id, i.message_id, m.state FROM message_item i"
            " JOIN message m ON m.id = i.message_id WHERE i.dropped IS NULL"
        )
        sent = {row.id: row.message_id for row in rows if row.state == "sent"}
        assert self.delivered.items() <= sent.items(), "a line was sent twice"
        assert not [row for row in rows if row.state == "skipped"], "a line went with nothing"
        self.delivered = sent

    def hold_after_any_tick(self) -> None:
        """Nothing due is left lying."""
        self.hold()
        world = self.world
        late = world.rows(
            "SELECT * FROM obligation WHERE lock_at <= ? AND state IN ('待报', '退回')",
            stored(world.now),
        )
        assert not late, f"a lock has come and gone: {late}"

    def nothing_is_forgotten(self) -> None:
        """No open case without a next step, and the counts shown are right."""
        world = self.world
        with world.database.reading() as session:
            gaps = find_gaps(session, world.now, world.calendar)
            shown = tally(session, 1)
        assert not [gap for gap in gaps if not any(word in gap for word in FORGIVEN)]
        groups: defaultdict[int, list[Any]] = defaultdict(list)
        for row in sorted(self.owed.values(), key=lambda row: row.deliverable_id):
            if owed_in_its_time(row):
                groups[row.deliverable_id].append(row)
        assert [
            (t.counts.owed, t.counts.received, t.counts.on_time, t.counts.missed) for t in shown
        ] == [
            (
                len(rows),
                sum(row.first_received_at is not None for row in rows),
                sum(on_time(row) for row in rows),
                sum(row.state == "未报" for row in rows),
            )
            for rows in groups.values()
        ]

    # -- 5, 7 and 12: the ladder, after a daily round

    def hold_after(self, round_: Round) -> None:
        """What a daily round must have done, and nothing else."""
        world = self.world
        self.closed = closed_days(world)
        clocks = {row.id: row for row in world.rows("SELECT * FROM deadline")}
        rungs = defaultdict(list)
        for row in world.rows("SELECT * FROM ladder_rung ORDER BY ladder_id, rung"):
            rungs[row.ladder_id].append(row)
        fires = defaultdict(list)
        for row in world.rows("SELECT * FROM rung_fire ORDER BY id"):
            fires[row.deadline_id, row.epoch].append(row)
        for clock in clocks.values():
            mine = fires[clock.id, clock.epoch]
            self._every_step_in_its_place(clock, rungs[clock.ladder_id], mine, round_)
        now = [row for some in fires.values() for row in some if row.round_id == round_.id]
        for deadline_id in {row.deadline_id for row in now}:
            clock = clocks[deadline_id]
            self._only_the_highest_is_sent(clock, fires[clock.id, clock.epoch], round_)
        self._everyone_behind_a_rung_hears_once(clocks, now, round_)
        self._nothing_waits(round_)

    def _every_step_in_its_place(
        self, clock: Any, rungs: list[Any], fires: list[Any], round_: Round
    ) -> None:
        """What is due is decided, what is not is not, and each on the day the rule names."""
        done = {(row.rung, row.repeat): row for row in fires}
        assert len(done) == len(fires)
        planned = list(schedule(clock, rungs, round_.day, self.closed))
        if clock.clock == "计时":
            assert [step[:2] for step in planned] == sorted(
                step for step in done if step in {(s[0], s[1]) for s in planned}
            ), (clock, planned, done)
        for rung, repeat, on, suppressed in planned:
            row = done.get((rung, repeat))
            if row is None or row.round_id not in (None, round_.id) or row.due != clock.due:
                continue
            assert day(row.planned_on) == on, (clock, row)
            assert suppressed == (row.fired == "suppressed"), (clock, row)
        for row in fires:
            if row.round_id == round_.id and row.fired != "suppressed":
                assert day(row.planned_on) <= round_.day, "a rung before its day"
                assert (row.rung, row.repeat) in {(s[0], s[1]) for s in planned}

    def _only_the_highest_is_sent(self, clock: Any, fires: list[Any], round_: Round) -> None:
        told = max(
            (r.rung for r in fires if r.fired == "sent" and r.round_id != round_.id), default=-1
        )
        mine = [row for row in fires if row.round_id == round_.id and row.fired != "suppressed"]
        opening = [row for row in mine if 0 < clock.start_rung >= row.rung and row.repeat == 0]
        assert all(row.fired == "sent" and row.from_rung == row.rung for row in opening)
        late = sorted((r for r in mine if r not in opening), key=lambda r: (r.rung, r.repeat))
        assert [row.fired for row in late] == ["superseded"] * (len(late) - 1) + ["sent"] * bool(
            late
        )
        if late:
            told = max([told, *(row.rung for row in opening)])
            assert late[-1].from_rung == min(told + 1, late[-1].rung), "who missed one hears too"

    def _everyone_behind_a_rung_hears_once(
        self, clocks: dict[int, Any], fires: list[Any], round_: Round
    ) -> None:
        offices = Offices(self.world, round_.day)
        roles = self.world.rows("SELECT * FROM ladder_role")
        heard = defaultdict(list)
        for item in self.world.rows("SELECT * FROM message_item WHERE kind = 'rung'"):
            heard[item.rung_fire_id].append(item.person_id)
        for row in fires:
            clock = clocks[row.deadline_id]
            due = {
                person
                for role in roles
                if role.ladder_id == clock.ladder_id and row.from_rung <= role.rung <= row.rung
                for person in offices.behind(clock.respondent_id, role.role)
            }
            expected = due if row.fired == "sent" else set()
            assert sorted(heard[row.id]) == sorted(expected), (row, clock)

    def _nothing_waits(self, round_: Round) -> None:
        world = self.world
        assert not world.rows("SELECT id FROM round WHERE sealed_at IS NULL")
        assert not world.rows("SELECT id FROM message WHERE state = 'draft'")
        assert not world.rows(
            "SELECT id FROM message_item WHERE message_id IS NULL AND dropped IS NULL"
        )
        assert not world.rows(
            "SELECT id FROM message m WHERE round_id = ? AND NOT EXISTS"
            " (SELECT 1 FROM message_item i WHERE i.message_id = m.id)",
            round_.id,
        )


def counts_of(row: Any) -> Counts:
    """What one row adds to the counts."""
    owed = owed_in_its_time(row)
    received = owed and row.first_received_at is not None
    punctual, accepted, missed = owed and on_time(row), row.state == "已收", row.state == "未报"
    return Counts(*map(int, (owed, received, punctual, accepted, missed, not owed)))


def on_time(row: Any) -> bool:
    """First received by 24:00 of the due date as it stands."""
    if row.first_received_at is None:
        return False
    return row.due is None or local(row.first_received_at).date() <= day(row.due)


def owed_in_its_time(row: Any) -> bool:
    """Not released by the end of its due date; what is released later stays in the rate."""
    if row.exempted_at is None:
        return True
    return row.due is not None and local(row.exempted_at).date() > day(row.due)


def clock_of(state: str, campaign: str) -> str:
    """What the clock of a case in this state must do."""
    if state in ("已收", "免报", "未报", "已销号", "已归档", "已撤销") or campaign == "已结束":
        return "终止"
    if state in ("待审", "申请销号", "核验中") or campaign == "已暂停":
        return "停表"
    return "计时"
