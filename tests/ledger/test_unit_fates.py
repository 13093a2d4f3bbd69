from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from ledger.campaigns import Campaign, Deliverable
from ledger.deadlines import Deadline
from ledger.errors import Refused
from ledger.obligations import ObligationState
from ledger.problems import Problem
from ledger.rates import Counts, counts_by
from ledger.unit_fates import close_unit, merge_unit, rename_unit
from ledger.units import Post, Unit, UnitChange, UnitFate
from tests.ledger.play import Play, played
from tests.ledger.test_plan_versions import SCHEME, Office, at_the_office

EARLY = "  - {id: early, what: 名单, who: [各单位], due: 2017-04-20}\n"
PROBLEM = """acts:
  - {at: 2017-04-18 10:00, do: register, problem: p, unit: 第二中学, title: 食堂}
  - {at: 2017-04-18 11:00, do: assign, problem: p, due: 2017-05-12}
"""


def unit(desk: Office, name: str) -> Unit:
    return desk.session.scalars(select(Unit).where(Unit.name == name)).one()


def rename(desk: Office, old: str, new: str) -> None:
    day = desk.now.date()
    rename_unit(desk.session, unit(desk, old), new, day, desk.by, "", desk.now)


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
        rename_unit(
            desk.session,
            unit(desk, "第一中学"),
            "实验中学",
            date(2017, 4, 24),
            desk.by,
            "",
            desk.now,
        )
        desk.session.flush()
        assert "实验中学" in desk.rows("scheme")
        assert rates(desk) == before
        only = "  - {id: only, what: 一中的事, who: [一中], due: 2017-05-12}\n"
        assert desk.amend(EARLY + SCHEME + only).asked_anew == 1
        with pytest.raises(Refused, match="已经有单位叫“电教馆”"):
            rename_unit(
                desk.session,
                unit(desk, "实验中学"),
                "电教馆",
                date(2017, 4, 24),
                desk.by,
                "",
                desk.now,
            )


def test_a_unit_merged_is_released_hands_its_problems_over_and_past_rates_stand(
    play: Play,
) -> None:
    cal = play.player.calendar
    with at_the_office(play, "2017-04-24") as desk:
        before = rates(desk)["early"]
        left = merge_unit(
            desk.session, unit(desk, "第二中学"), unit(desk, "第一中学"), date(2017, 4, 24),
            desk.by, "布局调整", desk.now, cal,
        )  # fmt: skip
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
    cal = play.player.calendar
    with at_the_office(play, "2017-04-24") as desk:
        gone = unit(desk, "第二中学")
        left = close_unit(desk.session, gone, date(2017, 4, 24), desk.by, "", desk.now, cal)
        assert (left.released, len(left.problems)) == (2, 1)
        assert desk.rows("scheme")["第二中学"].state is ObligationState.EXEMPT
        posts = desk.session.scalars(select(Post).where(Post.unit_id == gone.id)).all()
        assert {post.valid_until for post in posts} == {date(2017, 4, 23)}
        with pytest.raises(Refused, match="已于 2017-04-23 撤销"):
            close_unit(desk.session, gone, date(2017, 4, 25), desk.by, "", desk.now, cal)


def test_a_merge_with_itself_into_a_closed_unit_or_ahead_of_its_day_is_refused(play: Play) -> None:
    cal = play.player.calendar
    with at_the_office(play, "2017-04-24") as desk:
        one, two, day = unit(desk, "第一中学"), unit(desk, "第二中学"), date(2017, 4, 24)
        with pytest.raises(Refused, match="不能并入自己"):
            merge_unit(desk.session, one, one, day, desk.by, "", desk.now, cal)
        with pytest.raises(Refused, match="还没有到"):
            merge_unit(desk.session, one, two, date(2017, 5, 1), desk.by, "", desk.now, cal)
        close_unit(desk.session, two, day, desk.by, "", desk.now, cal)
        with pytest.raises(Refused, match="不能并入"):
            merge_unit(desk.session, one, two, date(2017, 4, 24), desk.by, "", desk.now, cal)
        assert desk.session.scalars(select(Campaign)).one() is desk.campaign
