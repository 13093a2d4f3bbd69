from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from ledger.amendment import Amendment
from ledger.campaigns import Campaign, Deliverable
from ledger.deadlines import Deadline
from ledger.errors import Refused
from ledger.obligations import ObligationState
from ledger.plan_moves import ask_extra
from ledger.problems import Problem
from ledger.rates import Counts, counts_by
from ledger.unit_fates import Parting, close_unit, merge_unit, rename_unit
from ledger.units import Post, Unit, UnitChange, UnitFate
from tests.ledger.play import Play, played
from tests.ledger.test_plan_versions import SCHEME, Office, at_the_office

EARLY = "  - {id: early, what: 名单, who: [各单位], due: 2017-04-20}\n"
PROBLEM = """acts:
  - {at: 2017-04-18 10:00, do: register, problem: p, unit: 第二中学, title: 食堂}
  - {at: 2017-04-18 11:00, do: assign, problem: p, due: 2017-05-12}
"""


DAY = date(2017, 4, 24)


def unit(desk: Office, name: str) -> Unit:
    return desk.session.scalars(select(Unit).where(Unit.name == name)).one()


def rename(desk: Office, old: str, new: str, on: date = DAY) -> None:
    cal = desk.play.player.calendar
    rename_unit(desk.session, unit(desk, old), new, on, desk.by, "", desk.now, cal)
    desk.session.flush()


def merge(desk: Office, name: str, into: str, on: date = DAY) -> Parting:
    cal = desk.play.player.calendar
    one, two = unit(desk, name), unit(desk, into)
    return merge_unit(desk.session, one, two, on, desk.by, "布局调整", desk.now, cal)


def close(desk: Office, name: str, on: date = DAY) -> Parting:
    cal = desk.play.player.calendar
    return close_unit(desk.session, unit(desk, name), on, desk.by, "", desk.now, cal)


def rates(desk: Office) -> dict[str, Counts]:
    counted = counts_by(desk.session, desk.campaign, Deliverable.id)
    keys = {row.id: row.key for row in desk.session.scalars(select(Deliverable))}
    return {keys[id]: counts for id, counts in counted.items() if id is not None}


@pytest.fixture
def play() -> Play:
    return played(EARLY + SCHEME, "2017-04-21", behave=PROBLEM)


def test_a_unit_renamed_keeps_what_it_owes_and_a_plan_may_still_use_the_old_name(
    play: Play,
) -> None:
    with at_the_office(play, "2017-04-24") as desk:
        before = rates(desk)
        rename(desk, "第一中学", "实验中学")
        assert "实验中学" in desk.rows("scheme")
        assert rates(desk) == before
        only = "  - {id: only, what: 一中的事, who: [一中], due: 2017-05-12}\n"
        assert desk.amend(EARLY + SCHEME + only).asked_anew == 1
        with pytest.raises(Refused, match="已经有单位叫“电教馆”"):
            rename(desk, "实验中学", "电教馆")
        with pytest.raises(Refused, match="不能超过 120 个字"):
            rename(desk, "实验中学", "校" * 118)


def test_a_unit_merged_is_released_hands_its_problems_over_and_past_rates_stand(
    play: Play,
) -> None:
    with at_the_office(play, "2017-04-24") as desk:
        before = rates(desk)["early"]
        left = merge(desk, "第二中学", "第一中学")
        desk.session.flush()
        assert left.released == 2
        assert [text.split()[-1] for text in left.problems] == ["食堂"]
        assert rates(desk)["early"] == before, "the rate of what was due before stands"
        assert rates(desk)["scheme"].owed == 2
        problem = desk.session.scalars(select(Problem)).one()
        clock = desk.session.scalars(
            select(Deadline).where(Deadline.problem_id == problem.id)
        ).one()
        assert (problem.unit.name, clock.due) == ("第一中学", date(2017, 5, 12))
        change = desk.session.scalars(select(UnitChange)).one()
        assert (change.fate, change.old_name) == (UnitFate.MERGED, "第二中学")
    play.run("2017-05-15")
    heard = {who for _, _, _, who in play.rungs("食堂")}
    assert {"联一", "主一"} <= heard
    assert "联二" not in heard


def test_a_unit_closed_is_asked_nothing_more_and_its_posts_end(play: Play) -> None:
    with at_the_office(play, "2017-04-24") as desk:
        gone = unit(desk, "第二中学")
        left = close(desk, "第二中学")
        assert (left.released, len(left.problems)) == (2, 1)
        assert desk.rows("scheme")["第二中学"].state is ObligationState.EXEMPT
        posts = desk.session.scalars(select(Post).where(Post.unit_id == gone.id)).all()
        assert {post.valid_until for post in posts} == {date(2017, 4, 23)}
        for day in (date(2017, 4, 25), DAY, date(2017, 4, 21)):
            with pytest.raises(Refused, match="已于 2017-04-23 撤销，不能再合并或撤销"):
                close(desk, "第二中学", day)


def test_a_merge_with_itself_or_into_a_closed_unit_is_refused(play: Play) -> None:
    with at_the_office(play, "2017-04-24") as desk:
        with pytest.raises(Refused, match="不能并入自己"):
            merge(desk, "第一中学", "第一中学")
        close(desk, "第二中学")
        with pytest.raises(Refused, match="“第二中学”已于 2017-04-23 撤销，不能并入"):
            merge(desk, "第一中学", "第二中学")
        unit(desk, "电教馆").valid_from = date(2017, 4, 25)
        with pytest.raises(Refused, match="自 2017-04-25 才有"):
            merge(desk, "第一中学", "电教馆")
        assert desk.session.scalars(select(Campaign)).one() is desk.campaign


@pytest.mark.parametrize("change", ["rename", "merge", "close"])
def test_a_change_holds_from_a_day_of_which_nothing_is_settled(play: Play, change: str) -> None:
    """名单 was due on the 20th: the rate of that day is to stand."""

    def attempt(day: date) -> None:
        with desk.session.begin_nested() as savepoint:
            if change == "rename":
                rename(desk, "第二中学", "新二中", day)
            elif change == "merge":
                merge(desk, "第二中学", "第一中学", day)
            else:
                close(desk, "第二中学", day)
            savepoint.rollback()

    with at_the_office(play, "2017-04-24") as desk:
        with pytest.raises(Refused, match="2017-04-25 还没有到：更名、合并、撤销当天生效"):
            attempt(date(2017, 4, 25))
        for day in (date(2001, 1, 1), date(2017, 4, 20)):
            with pytest.raises(Refused, match="请写 2017-04-21 到 2017-04-24 之间的一天"):
                attempt(day)
        attempt(date(2017, 4, 21))
        unit(desk, "第二中学").valid_from = date(2017, 4, 22)
        with pytest.raises(Refused, match="请写 2017-04-22 到"):
            attempt(date(2017, 4, 21))
        rename(desk, "第二中学", "老二中", date(2017, 4, 23))
        rename(desk, "老二中", "第二中学", date(2017, 4, 23))
        with pytest.raises(Refused, match="请写 2017-04-23 到"):
            attempt(date(2017, 4, 22))


def ask(desk: Office, what: str, *units: str) -> Amendment:
    named, due = [unit(desk, name) for name in units], date(2017, 5, 12)
    cal = desk.play.player.calendar
    _, report = ask_extra(desk.session, desk.campaign, what, named, due, desk.by, "", desk.now, cal)
    return report


def test_nothing_more_is_asked_of_a_unit_that_is_not_there_nor_without_a_name(play: Play) -> None:
    with at_the_office(play, "2017-04-24") as desk:
        close(desk, "第二中学")
        with pytest.raises(Refused, match="“第二中学”已于 2017-04-23 撤销，不能再要它报"):
            ask(desk, "防汛情况", "第一中学", "第二中学")
        unit(desk, "电教馆").valid_from = date(2017, 4, 25)
        with pytest.raises(Refused, match="“电教馆”自 2017-04-25 才有"):
            ask(desk, "防汛情况", "电教馆")
        with pytest.raises(Refused, match="请写明要报什么"):
            ask(desk, " ", "第一中学")
        with pytest.raises(Refused, match="不能超过 200 个字"):
            ask(desk, "报" * 201, "第一中学")
        assert ask(desk, "防汛情况", "第一中学").asked_anew == 1
