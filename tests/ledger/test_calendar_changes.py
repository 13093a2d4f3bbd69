"""A list imported or a day closed while a campaign runs across the new year 2026/27."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.audit import Act, Actor, Audit
from ledger.behaviour import read_behaviour
from ledger.calendar_changes import CalendarChange, close_day, import_list
from ledger.calendars import calendar_of, year_row
from ledger.campaigns import Campaign, Deliverable
from ledger.climb import Step
from ledger.clocks import case_of
from ledger.closing import pause_campaign
from ledger.date_moves import DateMove, Moved
from ledger.deadlines import Clock, Deadline, Fired, RungFire
from ledger.errors import Refused
from ledger.lines import read_lines
from ledger.messages import Item, ItemKind, Message
from ledger.more_time import ask_extension, decide_extension
from ledger.obligations import Obligation, ObligationState
from ledger.plan import read_plan
from ledger.rehearsal import Player, Script
from ledger.units import Person, Post
from ledger.workdays import WorkCalendar, YearList, YearStatus
from tests import store
from tests.ledger.invented import LIST
from tests.ledger.play import HEAD, Play, bureau, played

OFFICE = Actor(None, "test")
CALENDAR = WorkCalendar()
PLAN = f"""{HEAD}launched: 2026-12-14
stages:
  - {{id: a, name: 动员, from: 2026-12-14, until: 2027-01-22}}
  - {{id: b, name: 整改, from: 2027-01-25, until: 2027-03-31}}
items:
  - {{id: fixed, what: 方案, who: [各单位], due: 2027-01-02}}
  - {{id: eve, what: 值班表, who: [各单位], due: 2027-02-09, roll: previous}}
  - {{id: next, what: 台账, who: [学校], due: 2027-01-01, roll: next}}
  - {{id: plus, what: 清单, who: [各单位], stage: a, due: opened+14}}
  - {{id: later, what: 整改报告, who: [各单位], stage: b, due: opened+10}}
  - {{id: week, what: 周报, who: [学校], from: 2026-12, until: campaign_end, cycle: weekly}}
  - {{id: month, what: 月报, who: [各单位], from: 2026-12, until: 2027-03, cycle: monthly,
     roll: next}}
"""
ACTS = """stages: on_due
acts:
  - {at: 2026-12-21 15:00, do: register, problem: p, unit: 第一中学, title: 门口乱}
  - {at: 2026-12-21 15:05, do: assign, problem: p, due: 2027-01-04}
  - {at: 2026-12-21 16:00, do: register, problem: q, unit: 第二中学, title: 台账乱}
  - {at: 2026-12-21 16:05, do: assign, problem: q, due: 2027-02-12}
  - {at: 2026-12-29 10:00, do: hand_in, item: plus, unit: 第一中学, text: 稿}
  - {at: 2026-12-30 10:00, do: hand_in, item: plus, unit: 第二中学, text: 稿}
  - {at: 2026-12-30 11:00, do: send_back, item: plus, unit: 第二中学, text: 缺数据}
  - {at: 2027-02-03 10:00, do: hand_in, item: later, unit: 第一中学, text: 稿}
  - {at: 2027-02-03 15:00, do: send_back, item: later, unit: 第一中学, text: 缺数据}
  - {at: 2027-02-04 10:00, do: hand_in, item: later, unit: 第二中学, text: 稿}
"""


def begun(*, known: bool = False) -> Play:
    """The campaign launched; `known`: the list of 2027 was there before."""
    database = bureau()
    calendar = WorkCalendar()
    now = datetime(2026, 12, 11, 10, tzinfo=calendar.tz)
    if known:
        with database.writing() as session:
            import_list(session, LIST, "known.txt", OFFICE, now, calendar)
            calendar = calendar_of(session, calendar)
    script = Script(read_plan(PLAN, "plan.yaml"), PLAN, "", read_behaviour(ACTS, "b.yaml"))
    player = Player(database, script, calendar)
    return Play(database, player, player.launch())


def moment(play: Play, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=play.player.calendar.tz)


def changed(play: Play, at: str, change=import_list, *given) -> CalendarChange:
    """Import the list, or close a day, and let everybody go by the new calendar."""
    given = given or (LIST, "invented.txt")
    with play.database.writing() as session:
        found = change(session, *given, OFFICE, moment(play, at), play.player.calendar)
    play.player.calendar = play.player.hand.calendar = found.calendar
    return found


Standings = dict[tuple[object, ...], SimpleNamespace]


def standing(play: Play) -> Standings:
    """Every open case with its dates, by what it is about."""
    with play.database.reading() as session:
        rows = session.scalars(select(Deadline).where(Deadline.clock != Clock.ENDED))
        return {_subject(row): _dates(session, row, play.player.calendar) for row in rows}


def _subject(row: Deadline) -> tuple[object, ...]:
    if row.problem:
        return (row.problem.number,)
    obligation = row.obligation
    assert obligation is not None
    return (obligation.deliverable.key, obligation.respondent.name, obligation.period)


def _dates(session: Session, row: Deadline, calendar: WorkCalendar) -> SimpleNamespace:
    case, step = case_of(session, row), Step(row.next_rung, row.next_repeat)
    runs = row.clock is Clock.RUNNING
    of_subject = (
        {"lock_on": None, "lock_at": None, "review_at": row.problem.review_at}
        if row.problem
        else {
            name: getattr(row.obligation, name)
            for name in ("state", "correction_due", "lock_on", "lock_at", "review_at")
        }
    )
    return SimpleNamespace(
        clock=row.clock,
        due=row.due if runs else "handed in",
        step=step,
        told=row.told,
        on=calendar.local_day(row.next_at) if row.next_at else None,
        planned=case.planned_on(step, calendar) if runs and step.rung < len(case.rungs) else None,
        **of_subject,
    )


def agree(late: Standings, early: Standings) -> None:
    """Every date still ahead is as if the list had always been known."""
    assert late.keys() == early.keys()
    for subject, row in late.items():
        expected = dict(vars(early[subject]))
        if row.step != early[subject].step:
            # A rung that had fired by the old calendar stays fired; the next one is in its place.
            assert row.told >= 0 and row.step > early[subject].step, subject
            expected |= {"step": row.step, "told": row.told}
            expected |= {"on": row.planned, "planned": row.planned}
        assert vars(row) == expected, subject


DAYS = ["2026-12-15", "2026-12-22", "2026-12-30", "2026-12-31"]
LATER = ["2027-01-08", "2027-02-06"]


@pytest.fixture(scope="module")
def from_the_start() -> dict[str, Standings]:
    """How the campaign stands on each day when the list was known before it began."""
    play = begun(known=True)
    return {day: standing(play.run(day)) for day in (*DAYS, *LATER)}


@pytest.mark.parametrize("day", DAYS)
def test_a_list_imported_late_leaves_what_one_known_from_the_start_would(
    day: str, from_the_start: dict[str, Standings]
) -> None:
    play = begun().run(day)
    change = changed(play, f"{day} 23:59")
    assert change.moves
    for later in (day, *LATER):
        agree(standing(play.run(later)), from_the_start[later])


@pytest.fixture(scope="module")
def december() -> Play:
    """The campaign as it stands on the evening of 28 December."""
    return begun().run("2026-12-28")


@pytest.fixture
def play(december: Play) -> Play:
    """The evening of 28 December, in a ledger of its own; it is not played on."""
    december.player.calendar = december.player.hand.calendar = CALENDAR
    return replace(december, database=store.copy(december.database))


def dues(play: Play, item: str) -> set[date | None]:
    with play.database.reading() as session:
        rows = session.scalars(select(Obligation).join(Deliverable).where(Deliverable.key == item))
        return {row.due for row in rows}


def moves(change: CalendarChange, what: str, moved: Moved) -> list[tuple[str, str, int]]:
    return [
        (f"{row.old:%m-%d}", f"{row.new:%m-%d}", row.count)
        for row in change.moves
        if row.what == what and row.moved is moved
    ]


def test_a_date_of_the_notice_stays_and_only_its_reminder_moves(play: Play) -> None:
    change = changed(play, "2026-12-28 15:00")
    assert dues(play, "fixed") == {date(2027, 1, 2)}
    assert moves(change, "方案", Moved.DUE) == []
    # −3 of Saturday the 2nd was Wednesday the 30th while the 1st was a working day
    assert moves(change, "方案", Moved.RUNG) == [("12-30", "12-29", 3)]


def test_what_was_counted_in_working_days_or_rolled_moves(play: Play) -> None:
    change = changed(play, "2026-12-28 15:00")
    assert moves(change, "清单", Moved.DUE) == [("01-01", "01-04", 3)]
    assert dues(play, "plus") == {date(2027, 1, 4)}
    assert dues(play, "next") == {date(2027, 1, 4)}
    assert dues(play, "eve") == {date(2027, 2, 4)}
    with play.database.reading() as session:
        kept = session.scalars(
            select(Obligation.scheduled_due).join(Deliverable).where(Deliverable.key == "plus")
        )
        assert set(kept) == {date(2027, 1, 1)}


def test_every_move_is_recorded_with_its_reason_and_its_author(play: Play) -> None:
    change = changed(play, "2026-12-28 15:00")
    with play.database.reading() as session:
        rows = session.scalars(select(DateMove)).all()
        acts = session.scalars(select(Audit).where(Audit.act == Act.IMPORTED)).all()
    assert len(rows) == sum(row.count for row in change.moves)
    assert {(row.why, row.at) for row in rows} == {
        ("2027年放假安排导入（invented.txt）", moment(play, "2026-12-28 15:00"))
    }
    assert all(row.old != row.new for row in rows)
    assert [act.note for act in acts] == [
        f"2027年放假安排导入（invented.txt）；变动 23 天，重新推算 {len(rows)} 个日期"
    ]


def test_whose_due_date_moved_hears_of_it_once_with_the_next_round() -> None:
    play = begun().run("2026-12-28")
    changed(play, "2026-12-28 15:00")
    play.run("2026-12-31")
    at = moment(play, "2026-12-29 09:00")
    with play.database.reading() as session:
        rows = session.execute(
            select(Deliverable.key, Person.name, Item, Message.created_at)
            .join(Obligation, Obligation.id == Item.obligation_id)
            .join(Deliverable, Deliverable.id == Obligation.deliverable_id)
            .join(Person, Person.id == Item.person_id)
            .join(Message, Message.id == Item.message_id)
            .where(Item.kind == ItemKind.REDATED)
        ).all()
        told = {(key, name): item for key, name, item, _ in rows}
        assert len(told) == len(rows)
        assert {name for key, name in told if key == "plus"} == {"联一", "联二", "联馆"}
        assert not any(key in ("fixed", "week") for key, _ in told)
        assert {at for *_, at in rows} == {at}
        said = read_lines(session, [told["plus", "联一"].message_id], at, CALENDAR)
    words = "“第一中学·清单”的期限由 2027-01-01 改为 2027-01-04：2027年放假安排导入（invented.txt）"
    assert words in [line.headline for _, line in said]


def test_the_same_list_imported_again_moves_nothing(play: Play) -> None:
    changed(play, "2026-12-28 15:00")
    again = changed(play, "2026-12-29 10:00")
    assert (again.rests, again.works, again.moves) == ((), (), ())


def test_a_corrected_list_takes_the_place_of_the_first(play: Play) -> None:
    changed(play, "2026-12-28 15:00")
    corrected = YearList(2027, YearStatus.PUBLISHED, off=LIST.off, work=LIST.work - {SATURDAY})
    change = changed(play, "2026-12-29 10:00", import_list, corrected, "corrected.txt")
    assert (change.rests, change.works) == ((SATURDAY,), ())
    with play.database.reading() as session:
        assert SATURDAY not in year_row(session, 2027, CALENDAR).work


SATURDAY = date(2027, 1, 30)


def test_a_day_that_has_passed_is_never_changed() -> None:
    play = begun().run("2027-01-04")
    with pytest.raises(Refused) as refused:
        changed(play, "2027-01-04 15:00")
    assert str(refused.value) == (
        "这份安排会改动已经过去的日子：2027-01-01（改为放假）；"
        "过去的日子不能再改，请使文件里这些天与当时一致后再导入。"
    )
    with play.database.reading() as session:
        assert not year_row(session, 2027, calendar_of(session, CALENDAR)).published
        assert session.scalar(select(func.count(DateMove.id))) == 0


def test_the_rest_of_a_list_published_late_is_taken() -> None:
    play = begun().run("2027-01-04")
    rest = YearList(2027, YearStatus.PUBLISHED, off=LIST.off - {date(2027, 1, 1)}, work=LIST.work)
    change = changed(play, "2027-01-04 15:00", import_list, rest, "rest.txt")
    assert change.rests[0] == date(2027, 2, 5)


def test_a_closed_day_moves_what_is_counted_in_working_days() -> None:
    play = begun().run("2026-12-28")
    day = date(2026, 12, 30)
    change = changed(play, "2026-12-28 15:00", close_day, day, "停电")
    assert (change.rests, change.works) == ((day,), ())
    assert moves(change, "清单", Moved.DUE) == [("01-01", "01-04", 3)]
    assert {row.moved for row in change.moves if row.what == "方案"} == {Moved.RUNG}
    with play.database.reading() as session:
        assert {why for why in session.scalars(select(DateMove.why))} == {
            "2026-12-30停止办公：停电"
        }
        told = session.scalars(select(Item.why).where(Item.kind == ItemKind.REDATED))
        assert (
            "的期限由 2027-01-01（暂定） 改为 2027-01-04（暂定）：2026-12-30停止办公：停电"
            in set(told)
        )
    play.run("2026-12-31")
    assert play.days("weekly_list", "rung", "message")[-1] == "12-31"
    assert "12-30" not in play.days("rung", "weekly_list")


@pytest.mark.parametrize(
    ("day", "reason", "said"),
    [
        ("2026-12-25", "停电", "2026-12-25 已经过去，不能再改为停止办公。"),
        ("2027-01-02", "停电", "2027-01-02 本来就不上班，不用登记停止办公。"),
        ("2026-12-30", " ", "停止办公要写明理由。"),
    ],
)
def test_a_day_that_cannot_be_closed_is_refused(
    play: Play, day: str, reason: str, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        changed(play, "2026-12-28 15:00", close_day, date.fromisoformat(day), reason)
    assert str(refused.value) == said


def test_a_day_is_closed_only_once(play: Play) -> None:
    day = date(2026, 12, 30)
    changed(play, "2026-12-28 15:00", close_day, day, "停电")
    with pytest.raises(Refused, match="已经登记为停止办公"):
        changed(play, "2026-12-28 16:00", close_day, day, "停电")


def test_a_week_that_loses_its_working_days_is_not_opened() -> None:
    play = begun().run("2027-01-10")
    holiday = [date(2027, 1, 11) + timedelta(days=n) for n in range(3)]
    guess = YearList(2027, YearStatus.PUBLISHED, off=frozenset(holiday))
    changed(play, "2027-01-10 20:00", import_list, guess, "three.txt")
    play.run("2027-01-19")
    weeks = {e.items[0].period for e in play.of("obligation_opened", what="周报")}
    assert "2027-W02" not in weeks
    assert {"2027-W01", "2027-W03"} <= weeks
    assert "once" not in weeks


def test_a_step_suppressed_by_the_old_calendar_comes_back_by_the_new() -> None:
    items = "  - {id: r, what: 总结, who: [一中], due: 2027-02-02}\n"
    play = played(items, "2027-01-29", launched="2027-01-29", calendar=WorkCalendar())
    assert play.rungs(kind="suppressed") == [("01-29", 0, 0, "")]
    # with Saturday the 30th worked, three working days before the 2nd is Friday the 29th
    saturday = YearList(2027, YearStatus.PUBLISHED, work=frozenset({SATURDAY}))
    changed(play, "2027-01-29 08:00", import_list, saturday, "one.txt")
    with play.database.reading() as session:
        assert session.scalar(select(func.count(RungFire.id))) == 0
    play.run("2027-01-30")
    with play.database.reading() as session:
        fire = session.scalars(select(RungFire)).one()
        assert (fire.rung, fire.fired, fire.planned_on) == (0, Fired.SENT, date(2027, 1, 29))


def test_the_date_of_a_correction_that_a_person_chose_stays() -> None:
    play = begun().run("2027-02-03")
    with play.database.writing() as session:
        obligation = session.scalars(
            select(Obligation).where(Obligation.state == ObligationState.RETURNED)
        ).first()
        assert obligation is not None
        contact = session.scalars(select(Post).where(Post.person.has(name="联一"))).one()
        until, now = date(2027, 2, 9), moment(play, "2027-02-03 18:00")
        asked = ask_extension(
            session, obligation, contact, OFFICE, until, "外出", now, play.player.calendar
        )
        decide_extension(session, asked, OFFICE, True, "", now, play.player.calendar)
    guess = YearList(2027, YearStatus.PUBLISHED, off=frozenset({date(2027, 2, 5)}))
    change = changed(play, "2027-02-03 20:00", import_list, guess, "one.txt")
    assert moves(change, "整改报告", Moved.CORRECTION) == []
    assert moves(change, "整改报告", Moved.DUE) == [("02-05", "02-08", 2)]


def test_in_a_paused_campaign_dates_move_and_clocks_stay_still(play: Play) -> None:
    with play.database.writing() as session:
        pause_campaign(
            session,
            session.scalars(select(Campaign)).one(),
            OFFICE,
            moment(play, "2026-12-28 14:00"),
            "检修",
        )
    change = changed(play, "2026-12-28 15:00")
    assert moves(change, "清单", Moved.DUE) == [("01-01", "01-04", 3)]
    assert all(row.moved is not Moved.RUNG for row in change.moves)
    with play.database.reading() as session:
        assert set(session.scalars(select(Deadline.next_at))) == {None}


def test_a_year_is_shown_with_its_spans_make_up_days_and_closed_days(play: Play) -> None:
    with play.database.reading() as session:
        assert year_row(session, 2027, CALENDAR).published is False
    changed(play, "2026-12-28 15:00")
    changed(play, "2026-12-28 16:00", close_day, date(2027, 3, 1), "停电")
    with play.database.reading() as session:
        row = year_row(session, 2027, calendar_of(session, CALENDAR))
    assert (row.published, row.source) == (True, "invented.txt")
    assert row.off[:2] == (
        (date(2027, 1, 1), date(2027, 1, 3)),
        (date(2027, 2, 5), date(2027, 2, 11)),
    )
    assert row.work[:2] == (SATURDAY, date(2027, 2, 13))
    assert [(closed.day, closed.reason) for closed in row.closed] == [(date(2027, 3, 1), "停电")]
