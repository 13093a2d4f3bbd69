"""Stages inside a stage: it opens with the first of them and is finished after the last."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from ledger.campaigns import Stage, StageState
from tests.ledger.play import Play, played
from tests.ledger.test_plan import plan_with_stages

ITEM = "  - {id: x, what: 小结, who: [一中], due: 2017-06-30}\n"
NESTED = """\
stages:
  - {id: one, name: 集中, from: 2017-04-17, until: 2017-05-31}
  - {id: start, name: 发动, parent: one, from: 2017-04-20, until: 2017-04-28}
  - {id: study, name: 学创, parent: one, from: 2017-05-02, until: 2017-05-31}
  - {id: two, name: 深化, from: 2017-06}
"""


def moves(play: Play) -> list[tuple[str, str, str | None]]:
    """(day, opened or moved, stage) in order."""
    told = play.of("stage_opened", "stage_moved")
    return [(f"{e.at:%m-%d %H:%M}", e.kind.removeprefix("stage_"), e.stage) for e in told]


def state(play: Play, key: str) -> StageState:
    with play.database.reading() as session:
        return session.scalars(select(Stage.state).where(Stage.key == key)).one()


def test_the_stages_inside_run_one_after_the_other_and_the_one_around_ends_last() -> None:
    play = played(ITEM, "2017-06-10", rest=NESTED)
    assert moves(play) == [
        ("04-17 09:00", "opened", "集中"),
        ("04-20 09:00", "opened", "发动"),
        ("04-28 18:00", "moved", "发动"),
        ("04-28 18:00", "opened", "学创"),
        ("05-31 18:00", "moved", "学创"),
        ("05-31 18:00", "moved", "集中"),
        ("05-31 18:00", "opened", "深化"),
    ]
    assert state(play, "two") is StageState.OPEN


def test_a_stage_around_without_a_start_opens_with_the_first_inside_it() -> None:
    rest = NESTED.replace("name: 集中, from: 2017-04-17", "name: 集中")
    assert moves(played(ITEM, "2017-04-21", rest=rest)) == [
        ("04-20 09:00", "opened", "集中"),
        ("04-20 09:00", "opened", "发动"),
    ]


def test_a_stage_opened_early_opens_the_one_around_it() -> None:
    rest = NESTED.replace("2017-04-17, until", "2017-05, until").replace("2017-04-20", "2017-03")
    assert moves(played(ITEM, "2017-04-14", rest=rest)) == [
        ("04-14 08:30", "opened", "集中"),
        ("04-14 08:30", "opened", "发动"),
    ]


def test_a_stage_is_not_finished_before_those_inside_it() -> None:
    act = "{at: 2017-05-31 10:00, do: move_stage, stage: one, text: 先结束}"
    acts = f"stages: by_act\nacts:\n  - {act}\n"
    play = played(ITEM, "2017-06-10", rest=NESTED, behave=acts)
    (refused,) = play.of("refused")
    assert "阶段“集中”里面的“发动”、“学创”还没有转段；请先逐个转段。" in refused.why
    assert state(play, "one") is StageState.OPEN


def test_the_one_around_waits_for_a_stage_inside_that_was_extended_beyond_it() -> None:
    acts = (
        "acts:\n  - {at: 2017-05-20 10:00, do: extend_stage, stage: study, due: 2017-06-07, "
        "text: 学习未完}\n"
    )
    play = played(ITEM, "2017-06-10", rest=NESTED, behave=acts)
    assert moves(play)[-3:] == [
        ("06-07 18:00", "moved", "学创"),
        ("06-07 18:00", "moved", "集中"),
        ("06-07 18:00", "opened", "深化"),
    ]
    assert play.of("refused") == []


def test_stages_listed_before_the_one_around_them_open_once() -> None:
    lines = NESTED.replace("2017-04-17", "2017-04").replace("2017-04-20", "2017-04").splitlines()
    rest = "\n".join([lines[0], lines[2], lines[1], *lines[3:]]) + "\n"
    assert [stage for _, _, stage in moves(played(ITEM, "2017-04-17", rest=rest))] == [
        "集中",
        "发动",
    ]


def test_a_stage_inside_without_a_start_opens_with_the_first_beside_it() -> None:
    plan = plan_with_stages(
        "id: a, name: 甲, until: 2017-08",
        "id: a1, name: 甲一, parent: a, from: 2017-05, until: 2017-06",
        "id: a2, name: 甲二, parent: a, until: 2017-07",
    )
    openings = [plan.opening_of(stage) for stage in plan.stages]
    assert [opening.on for opening in openings] == [date(2017, 5, 1)] * 3
