"""Where two rules meet: pauses, corrections, extensions, exemptions, outages, the top rung."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from ledger.campaigns import Campaign
from ledger.deadlines import Clock, Deadline
from ledger.messages import MessageKind
from ledger.obligations import Obligation
from ledger.overview import stage_rows
from ledger.problems import Problem
from ledger.standings import tally
from ledger.units import Person, Post
from tests.ledger.play import Play, firsts, played

ONCE = "  - {{id: r, what: 总结, who: [一中], due: {due}{more}}}\n"
PROBLEM = (
    "{at: 2017-04-17 10:00, do: register, problem: p, unit: 第一中学, title: 食堂}",
    "{at: 2017-04-17 10:05, do: assign, problem: p, due: 2017-05-05}",
)
HAND_IN = "{{at: {at}, do: hand_in, item: r, unit: 第一中学}}"
SEND_BACK = "{{at: {at}, do: send_back, item: r, unit: 第一中学, text: 缺数据}}"
ACCEPT = "{{at: {at}, do: accept, item: r, unit: 第一中学}}"
ASK = "{{at: {at}, do: ask_extension, item: r, unit: 第一中学, due: {due}}}"
GRANT = "{{at: {at}, do: decide_extension, item: r, unit: 第一中学}}"
EXEMPT = "{{at: {at}, do: exempt, item: r, unit: 第一中学, text: 停课}}"
PAUSE = "{{at: {at}, do: pause, text: 考试}}"
RESUME = "{{at: {at}, do: resume}}"


def play(until: str, *acts: str, due: str = "2017-04-28", more: str = "", down: str = "") -> Play:
    behave = "acts:\n" + "".join(f"  - {act}\n" for act in acts) + down
    return played(ONCE.format(due=due, more=more), until, behave=behave)


def at(act: str, moment: str, **more: str) -> str:
    return act.format(at=f"2017-{moment}", **more)


def row(found: Play, table: type[Obligation] | type[Deadline] | type[Problem] = Obligation):
    with found.database.reading() as session:
        return session.scalars(select(table)).first()


def on_time(found: Play) -> list[int]:
    with found.database.reading() as session:
        return [line.counts.on_time for line in tally(session, 1)]


# -- pauses


def test_what_is_handed_in_during_a_pause_waits_for_review_after_it_too() -> None:
    found = play(
        "2017-05-31",
        at(PAUSE, "04-19 10:00"),
        at(HAND_IN, "04-20 10:00"),
        at(RESUME, "04-21 10:00"),
    )
    assert row(found, Deadline).clock is Clock.STANDING
    assert found.rungs("总结") == []


def test_what_is_sent_back_during_a_pause_stands_still_until_it_is_over() -> None:
    found = play(
        "2017-07-13",
        at(HAND_IN, "04-18 10:00"),
        at(PAUSE, "04-19 10:00"),
        at(SEND_BACK, "04-20 10:00"),
        at(RESUME, "07-13 10:00"),
    )
    assert found.of("locked") == []
    assert found.rungs("总结") == []
    got, clock = row(found), row(found, Deadline)
    assert clock.clock is Clock.RUNNING
    assert got.correction_due == clock.due == date(2017, 7, 18)  # 3 working days, all stood
    assert got.due == date(2017, 4, 28)


def test_a_problem_assigned_during_a_pause_starts_when_it_is_over() -> None:
    found = play("2017-04-28", at(PAUSE, "04-14 10:00"), *PROBLEM, at(RESUME, "04-27 10:00"))
    assert found.rungs("食堂") == []
    assert row(found, Problem).due == date(2017, 5, 17)  # 05-05 and eight working days


def test_a_close_out_asked_during_a_pause_still_waits_after_it() -> None:
    found = play(
        "2017-06-30",
        *PROBLEM,
        at(PAUSE, "04-19 10:00"),
        "{at: 2017-04-20 10:00, do: request_close, problem: p}",
        at(RESUME, "04-21 10:00"),
    )
    assert found.rungs("食堂") == []


# -- the first receipt stands


def test_late_stays_late_when_a_pause_moves_the_date_of_its_correction() -> None:
    acts = [at(HAND_IN, "05-03 10:00"), at(SEND_BACK, "05-04 10:00")]
    found = play("2017-05-22", *acts, at(PAUSE, "05-05 10:00"), at(RESUME, "05-12 10:00"))
    got = row(found)
    assert on_time(found) == [0]
    assert (got.due, got.correction_due) == (date(2017, 4, 28), date(2017, 5, 16))


def test_late_stays_late_when_its_correction_is_given_more_time() -> None:
    found = play(
        "2017-05-22",
        at(HAND_IN, "05-03 10:00"),
        at(SEND_BACK, "05-04 10:00"),
        at(ASK, "05-05 10:00", due="2017-05-19"),
        at(GRANT, "05-08 10:00"),
    )
    got = row(found)
    assert on_time(found) == [0]
    assert (got.due, got.correction_due) == (date(2017, 4, 28), date(2017, 5, 19))
    assert firsts(found.rungs("总结"))[-2:] == [("05-16", 0), ("05-22", 1)]


# -- more time for what needs none


@pytest.mark.parametrize("reviewed", ["true", "false"])
def test_more_time_granted_after_the_hand_in_starts_no_clock(reviewed: str) -> None:
    found = play(
        "2017-06-30",
        at(ASK, "04-24 10:00", due="2017-05-12"),
        at(HAND_IN, "04-25 10:00"),
        at(GRANT, "04-26 10:00"),
        more=f", review: {reviewed}",
    )
    assert row(found, Deadline).clock is not Clock.RUNNING
    assert firsts(found.rungs("总结")) == [("04-25", 0)]


# -- released late


def test_released_after_its_date_it_stays_in_the_past_rate() -> None:
    found = play("2017-05-05", at(EXEMPT, "05-03 10:00"))
    assert [(line.counts.owed, line.counts.received) for line in _tally(found)] == [(1, 0)]
    assert _overview(found) == (1, 0)
    found = play("2017-05-05", at(EXEMPT, "04-28 23:59"))
    assert _tally(found) == []
    assert _overview(found) == (0, 0)


def _tally(found: Play):
    with found.database.reading() as session:
        return tally(session, 1)


def _overview(found: Play) -> tuple[int, int]:
    with found.database.reading() as session:
        campaign = session.scalars(select(Campaign)).one()
        stages = stage_rows(session, campaign, found.player.calendar)
    return sum(stage.counts.owed for stage in stages), sum(s.counts.received for s in stages)


# -- the top of the ladder


def test_a_case_that_starts_at_the_repeating_top_fires_it_once_and_then_repeats() -> None:
    start = PROBLEM[1].replace("}", ", start_rung: 3}")
    found = play("2017-05-25", PROBLEM[0], start)
    first_round = [("04-18", rung) for rung in range(4)]
    assert firsts(found.rungs("食堂")) == [*first_round, ("05-23", 3)]  # the first repeat: +12


# -- outages, undated rows, closed cases and campaigns


def test_a_week_opened_after_its_lock_is_locked_in_the_same_tick() -> None:
    items = (
        "  - {id: w, what: 周报, who: [一中], from: 2017-04, until: campaign_end, cycle: weekly}\n"
    )
    found = played(items, "2017-05-12", behave="down: [{from: 2017-04-15, until: 2017-05-11}]")
    locked = {event.items[0].period for event in found.of("locked")}
    assert locked == {"2017-W15", "2017-W16", "2017-W17"}
    lists = [event for event in found.of("weekly_list") if event.at.day == 12]
    assert {item.period for event in lists for item in event.items} == {"2017-W18", "2017-W19"}


def test_an_undated_row_sent_back_gets_a_clock_for_its_correction() -> None:
    items = "  - {id: r, what: 总结, who: [一中], from: 2017-04, until: campaign_end}\n"
    acts = [at(HAND_IN, "04-20 10:00"), at(SEND_BACK, "04-24 10:00")]
    found = played(items, "2017-04-27", behave="acts:\n" + "".join(f"  - {a}\n" for a in acts))
    assert row(found, Deadline).due == row(found).correction_due == date(2017, 4, 27)
    assert found.rungs("总结") == [("04-25", 0, 0, "联一")]


def test_close_out_cannot_be_asked_for_what_is_struck_off() -> None:
    found = play(
        "2017-05-31",
        *PROBLEM,
        "{at: 2017-04-20 10:00, do: request_close, problem: p}",
        "{at: 2017-04-21 10:00, do: verify, problem: p, by: 督一}",
        "{at: 2017-04-24 10:00, do: request_close, problem: p}",
    )
    assert "不能申请销号" in found.of("refused")[0].why
    assert row(found, Problem).state == "已销号"


def test_what_is_sent_back_after_the_campaign_has_ended_starts_no_clock() -> None:
    found = play(
        "2017-05-31",
        at(HAND_IN, "04-20 10:00"),
        "{at: 2017-04-21 10:00, do: close_campaign}",
        at(SEND_BACK, "04-24 10:00"),
    )
    assert row(found, Deadline).clock is Clock.ENDED


# -- people who have left


def test_who_has_left_hears_no_stage_message() -> None:
    rest = "stages: [{id: a, name: 动员, from: 2017-04, until: 2017-04-28}]\n"
    found = played(ONCE.format(due="2017-06-30", more=""), "2017-04-24", rest=rest)
    with found.database.writing() as session:
        gone = select(Post.id).join(Person, Person.id == Post.person_id)
        gone = gone.where(Person.name.in_(["联一", "办一"]))
        ends = update(Post).where(Post.id.in_(gone)).values(valid_until=date(2017, 4, 20))
        session.execute(ends.execution_options(synchronize_session=False))
    found.run("2017-05-03")
    told = {e.to.name for e in found.of("message") if e.why.startswith(MessageKind.STAGE) and e.to}
    assert "代乙" in told
    assert not told & {"联一", "办一"}
