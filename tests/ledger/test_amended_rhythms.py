"""Amending what the office opens itself, what is reported apart, and what becomes external."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from ledger.campaigns import Campaign, Deliverable
from ledger.obligations import Obligation
from ledger.plan import read_plan
from ledger.plan_moves import date_item
from ledger.plan_versions import amend
from ledger.rehearsal import first_office
from tests.ledger.play import HEAD, Play, played

TALKS = "  - {id: talks, what: 报告会, who: [一中], cycle: periodic}\n"
STUDY = "  - {id: study, what: 周练, who: [一中], cycle: weekly, report: monthly, until: 2017-07}\n"
COLUMN = "  - {id: column, what: 专栏, who: [WHO], due: 2017-06-30}\n"
OURS, THEIRS = COLUMN.replace("WHO", "一中"), COLUMN.replace("WHO", "市里")
LATER = date(2017, 5, 3)


def amended(play: Play, items: str) -> None:
    """A second version of the plan, written on the morning of 2017-05-03."""
    text = f"{HEAD}launched: 2017-04-14\nitems:\n{items}"
    cal = play.player.calendar
    with play.database.writing() as session:
        campaign = session.get_one(Campaign, play.player.campaign_id)
        plan, now = read_plan(text, "plan.yaml"), cal.daily_moment(LATER)
        amend(session, campaign, plan, text, "", first_office(session, LATER), now, cal)


def dated(play: Play, key: str, due: str) -> None:
    """The office sets a date on the morning of 2017-05-03."""
    cal = play.player.calendar
    with play.database.writing() as session:
        row = session.scalars(select(Deliverable).where(Deliverable.key == key)).one()
        by, now = first_office(session, LATER), cal.daily_moment(LATER)
        date_item(session, row, date.fromisoformat(due), by, "", now, cal)


def rows(play: Play, key: str) -> list[tuple[str, str, str]]:
    """(period, due, state) of every row of an item."""
    asked = (
        select(Obligation).join(Deliverable).where(Deliverable.key == key).order_by(Obligation.id)
    )
    with play.database.reading() as session:
        return [(row.period, str(row.due), str(row.state)) for row in session.scalars(asked)]


def test_a_turn_of_a_periodic_duty_gets_its_date_and_the_next_its_own() -> None:
    acts = "acts:\n  - {at: 2017-05-10 10:00, do: open, item: talks}\n"
    play = played(TALKS, "2017-05-02", behave=acts)
    dated(play, "talks", "2017-05-12")
    play.run("2017-05-11")
    assert rows(play, "talks") == [
        ("once", "2017-05-12", "待报"),
        ("event-2", "None", "待报"),
    ]
    assert play.days("rung", what="报告会")[:1] == ["05-09"]


def test_a_periodic_duty_s_turns_keep_the_dates_the_office_gave_them() -> None:
    play = played(TALKS + STUDY, "2017-05-02")
    dated(play, "talks", "2017-05-12")
    amended(play, TALKS.replace("cycle", "review: false, cycle") + STUDY)
    assert rows(play, "talks") == [("once", "2017-05-12", "待报")]


def test_a_periodic_duty_taken_away_and_asked_again_waits_for_a_date_again() -> None:
    play = played(TALKS + STUDY, "2017-05-02")
    amended(play, STUDY)
    assert rows(play, "talks") == [("once", "None", "已撤销")]
    amended(play, TALKS + STUDY)
    play.run("2017-05-05")
    assert rows(play, "talks") == [("once", "None", "待报")]


def test_reporting_at_another_pace_opens_rows_of_that_pace() -> None:
    play = played(STUDY, "2017-05-02")
    amended(play, STUDY.replace("monthly", "quarterly"))
    play.run("2017-05-05")
    assert [row for row in rows(play, "study") if row[2] == "待报"] == [
        ("2017-04", "2017-04-30", "待报"),
        ("2017-Q2", "2017-06-30", "待报"),
    ]


def test_what_becomes_a_superior_organ_s_is_no_longer_owed() -> None:
    play = played(TALKS + OURS, "2017-05-02")
    amended(play, TALKS + THEIRS)
    assert rows(play, "column") == [("once", "2017-06-30", "已撤销")]


def test_what_was_a_superior_organ_s_can_become_ours_and_be_taken_from_the_plan() -> None:
    play = played(TALKS + THEIRS, "2017-05-02")
    amended(play, TALKS + OURS)
    play.run("2017-05-05")
    assert rows(play, "column") == [("once", "2017-06-30", "待报")]
    other = played(TALKS + THEIRS, "2017-05-02")
    amended(other, TALKS + STUDY)
    assert rows(other, "column") == []
