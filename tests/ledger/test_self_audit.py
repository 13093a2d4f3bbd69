"""The nightly self-audit: each gap is planted by hand in a ledger that was clean before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from config.clock import SHANGHAI
from ledger.audit import Act, Audit
from ledger.campaigns import Campaign, Decision, Deliverable, Move, Stage, StageState
from ledger.deadlines import Clock, Deadline, LadderRow
from ledger.messages import Item, ItemKind, Message, MessageState, Round
from ledger.obligations import Obligation, ObligationState
from ledger.problems import Problem, ProblemState
from ledger.self_audit import find_gaps, report_gaps
from ledger.tallies import Tally
from ledger.units import Unit
from ledger.workdays import WorkCalendar
from tests import store
from tests.ledger.play import Play, played

CAL = WorkCalendar()
NIGHT = datetime(2017, 4, 21, 22, 30, tzinfo=SHANGHAI)
"""A Friday, after its round."""

STAGES = """\
stages:
  - {id: one, name: 发动, from: 2017-04-14, until: 2017-04-20}
  - {id: two, name: 查摆, from: 2017-04-24, until: 2017-05-31}
"""
ITEMS = """\
  - {id: note, what: 心得, who: [学校], from: 2017-04-14, due: 2017-05-10}
  - {id: weekly, what: 周报, who: [一中], from: 2017-04-14, until: 2017-06-30, cycle: weekly}
  - {id: gone, what: 动员, who: [一中], due: 2017-04-10, passed: drop}
  - {id: undated, what: 意见箱, who: [一中], from: 2017-04-14, until: campaign_end}
  - {id: event, what: 简报, who: [一中], cycle: per_event}
"""
BEHAVE = "stages: by_act\n"


@pytest.fixture(scope="module")
def week() -> Play:
    """A week of a campaign: one stage open past its end, as the office was told."""
    return played(ITEMS, "2017-04-21", rest=STAGES, behave=BEHAVE)


@pytest.fixture
def play(week: Play) -> Play:
    """A copy of it to plant something in."""
    return replace(week, database=store.copy(week.database))


def gaps(play: Play, now: datetime = NIGHT) -> list[str]:
    """What the audit finds."""
    with play.database.reading() as session:
        return find_gaps(session, now, CAL)


def change(play: Play, *statements: Any) -> None:
    """Plant something by hand."""
    with play.database.writing() as session:
        for statement in statements:
            session.execute(statement)


def test_a_week_of_a_campaign_that_ran_as_it_should_is_clean(play: Play) -> None:
    assert gaps(play) == []


def of_item(what: str) -> Any:
    """The obligations of one deliverable."""
    return select(Obligation.id).join(Deliverable).where(Deliverable.what == what)


def without_next_moment() -> list[Any]:
    notes = of_item("心得")
    return [
        update(Deadline).where(Deadline.obligation_id.in_(notes)).values(next_at=None),
        update(Obligation).where(Obligation.id.in_(notes)).values(lock_at=None),
        update(LadderRow).values(monthly_to=None),
    ]


def set_aside() -> list[Any]:
    notes = of_item("心得")
    aside = {"next_at": None, "set_aside": "ValueError: 坏数据"}
    return [update(Deadline).where(Deadline.obligation_id.in_(notes)).values(**aside)]


def clock_gone() -> list[Any]:
    notes = of_item("心得")
    return [update(Deadline).where(Deadline.obligation_id.in_(notes)).values(clock=Clock.ENDED)]


def review_forgotten() -> list[Any]:
    notes = of_item("心得")
    handed = {"state": ObligationState.SUBMITTED, "review_at": None}
    return [
        update(Obligation).where(Obligation.id.in_(notes)).values(**handed),
        update(Deadline).where(Deadline.obligation_id.in_(notes)).values(clock=Clock.STANDING),
    ]


def mark_lost() -> list[Any]:
    return [delete(Audit).where(Audit.act == Act.STAGE_WAITING)]


def next_not_opened() -> list[Any]:
    moved = {"state": StageState.MOVED, "next_at": None}
    return [update(Stage).where(Stage.key == "one").values(**moved)]


def period_not_planned() -> list[Any]:
    return [update(Deliverable).where(Deliverable.what == "周报").values(next_open_on=None)]


def round_unsealed() -> list[Any]:
    friday = Round.day == NIGHT.date()
    return [update(Round).where(friday).values(sealed_at=None)]


def round_gone() -> list[Any]:
    friday = Round.day == NIGHT.date()
    yesterday = NIGHT.date() - timedelta(days=30)
    return [update(Round).where(friday).values(day=yesterday)]


def message_stuck() -> list[Any]:
    first = select(Message.id).order_by(Message.id).limit(1).scalar_subquery()
    stuck = {"state": MessageState.SENDING, "sending_since": NIGHT - timedelta(hours=2)}
    return [update(Message).where(Message.id == first).values(**stuck)]


def message_unsent() -> list[Any]:
    first = select(Message.id).order_by(Message.id).limit(1).scalar_subquery()
    return [update(Message).where(Message.id == first).values(state=MessageState.READY)]


def miscounted() -> list[Any]:
    notes = select(Deliverable.id).where(Deliverable.what == "心得")
    return [update(Tally).where(Tally.deliverable_id.in_(notes)).values(received=1)]


def tally_lost() -> list[Any]:
    return [delete(Tally).where(Tally.period == "once")]


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (without_next_moment, "2 件正在计时，却没有下一次提醒或锁定"),
        (set_aside, "2 件因数据有误被搁置"),
        (clock_gone, "2 件应报件没有计时"),
        (review_forgotten, "2 件待审核或待核验，却没有安排提醒"),
        (mark_lost, "1 个阶段有截止日期，却没有安排到期提醒，请由活动办转段或延期：读书“发动”"),
        (next_not_opened, "1 个阶段的前置阶段都已转段，自己却没有启动"),
        (period_not_planned, "1 个报送事项应当还有下一期，却没有安排开始日期"),
        (round_unsealed, "1 个日程轮没有收尾"),
        (round_gone, "2017-04-21 的日程轮没有跑完"),
        (message_stuck, "1 条消息没有发出"),
        (message_unsent, "1 条消息没有发出"),
        (miscounted, "1 个报送事项的计数与逐件清点不符，已按清点改正"),
        (tally_lost, "2 个报送事项的计数与逐件清点不符，已按清点改正"),
    ],
)
def test_a_planted_gap_is_found(play: Play, plant: Callable[[], list[Any]], said: str) -> None:
    change(play, *plant())
    found = gaps(play)
    assert any(said in sentence for sentence in found), found
    assert all(sentence.endswith("。") for sentence in found)


def test_a_finding_counts_all_and_names_the_first_few(play: Play) -> None:
    change(play, *without_next_moment())
    [finding] = gaps(play)
    assert "第一中学·心得、第二中学·心得。" in finding


@pytest.mark.parametrize(("minutes", "found"), [(59, False), (61, True)])
def test_a_decision_may_wait_for_an_hour(play: Play, minutes: int, found: bool) -> None:
    with play.database.writing() as session:
        stage = session.scalars(select(Stage).where(Stage.key == "one")).one()
        decided = Decision(
            campaign_id=stage.campaign_id,
            stage_id=stage.id,
            move=Move.FINISH,
            decided_at=NIGHT - timedelta(minutes=minutes),
        )
        session.add(decided)
    assert bool(gaps(play)) is found


def problem(session: Session, state: ProblemState, days_ago: int) -> None:
    """A problem registered some days ago."""
    session.add(
        Problem(
            campaign_id=session.scalars(select(Campaign.id)).one(),
            number=1,
            title="门窗破损",
            unit_id=session.scalars(select(Unit.id).where(Unit.name == "第一中学")).one(),
            state=state,
            registered_at=NIGHT - timedelta(days=days_ago),
        )
    )


@pytest.mark.parametrize(
    ("state", "days_ago", "said"),
    [
        (ProblemState.REGISTERED, 7, None),
        (ProblemState.REGISTERED, 8, "1 个问题立项已超过 5 个工作日，还没有交办"),
        (ProblemState.ASSIGNED, 0, "1 个已交办的问题没有计时"),
        (ProblemState.RECTIFYING, 0, "1 个已交办的问题没有计时"),
        (ProblemState.VERIFYING, 0, "1 件待审核或待核验，却没有安排提醒"),
        (ProblemState.CLOSED, 30, None),
    ],
)
def test_a_problem_without_a_next_step_is_found(
    play: Play, state: ProblemState, days_ago: int, said: str | None
) -> None:
    with play.database.writing() as session:
        problem(session, state, days_ago)
    found = gaps(play)
    assert [said in sentence for sentence in found] == ([True] if said else [])


def test_a_campaign_that_is_paused_or_closed_owes_no_next_step(play: Play) -> None:
    change(play, *without_next_moment(), update(Campaign).values(state="已暂停"))
    assert gaps(play) == []


@pytest.mark.parametrize(
    ("now", "missing"),
    [
        ("2017-04-22 22:30", None),  # Saturday: Friday's round is the last that was due
        ("2017-04-24 09:59", None),  # Monday: its round has an hour
        ("2017-04-24 10:00", "2017-04-24"),
        ("2017-04-29 22:30", "2017-04-28"),  # the first of three days off over Labour Day
    ],
)
def test_the_round_of_the_last_working_day_is_missed_when_its_hour_is_over(
    play: Play, now: str, missing: str | None
) -> None:
    found = gaps(play, datetime.fromisoformat(now).replace(tzinfo=SHANGHAI))
    rounds = [sentence for sentence in found if "日程轮" in sentence]
    assert [sentence[:10] for sentence in rounds] == ([missing] if missing else [])


def test_the_office_hears_of_the_findings_once_a_day_with_its_next_message(play: Play) -> None:
    found = ["甲。", "乙。"]
    with play.database.writing() as session:
        report_gaps(session, found, NIGHT, CAL)
        report_gaps(session, found, NIGHT, CAL)
    with play.database.reading() as session:
        items = session.scalars(select(Item).where(Item.kind == ItemKind.AUDIT)).all()
        assert {item.person.name for item in items} == {"办一", "代乙"}
        assert {item.why for item in items} == {"夜间自查发现 2 个问题：甲。乙。"}
        assert all(item.key.startswith("self_audit:2017-04-21:") for item in items)
        assert [item.message_id for item in items] == [None, None]
