"""The ladders of a plan: the two default ones, and those it writes itself."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ledger.plan import DEFAULT_LADDERS, Ladder
from ledger.roles import Role
from tests.ledger.plans import plan_of

pytestmark = pytest.mark.no_ledger


def test_the_two_default_ladders() -> None:
    def rungs(name: str) -> list[tuple[int, list[str], int | None, str]]:
        found = DEFAULT_LADDERS[name].rungs
        return [(rung.offset, [*rung.to], rung.every, rung.name) for rung in found]

    assert rungs("rectification") == [
        (-3, ["联络员"], None, "提醒"),
        (1, ["联络员", "主要负责人"], None, "催办"),
        (3, ["责任领导", "督导组"], None, "督办"),
        (7, ["领导小组"], 5, "提请领导小组"),
    ]
    assert rungs("submission") == [
        (-3, ["联络员"], None, "提醒"),
        (1, ["联络员", "主要负责人"], None, "催办"),
        (5, ["责任领导"], None, "督办"),
    ]
    assert DEFAULT_LADDERS["rectification"].monthly_to is None
    assert DEFAULT_LADDERS["submission"].monthly_to is Role.OFFICE


def test_the_default_ladders_pass_the_rules_of_a_written_one() -> None:
    for ladder in DEFAULT_LADDERS.values():
        assert all(lower.offset < upper.offset for lower, upper in pairwise(ladder.rungs))
        assert Ladder.model_validate(ladder.model_dump(mode="json")) == ladder


def test_a_plan_may_rewrite_a_ladder_and_keeps_the_other_and_the_monthly_list() -> None:
    ladders = "ladders:\n  submission: [{at: 2, to: [领导小组], name: 呈报}]\n"
    plan = plan_of(rest=ladders)
    ladder = plan.ladder_of(plan.items[0])
    assert [(rung.offset, rung.name) for rung in ladder.rungs] == [(2, "呈报")]
    assert ladder.monthly_to is Role.OFFICE
    assert plan.ladders["rectification"] == DEFAULT_LADDERS["rectification"]


def test_a_plan_may_drop_the_monthly_list_and_add_a_ladder() -> None:
    ladders = (
        "ladders:\n  submission: {rungs: [{at: 1, to: [联络员]}], monthly_to: null}\n"
        "  articles: [{at: 0, to: [联络员]}]\n"
    )
    plan = plan_of(rest=ladders)
    assert plan.ladders["submission"].monthly_to is None
    assert plan.ladders["articles"].rungs[0].name == "提醒"
