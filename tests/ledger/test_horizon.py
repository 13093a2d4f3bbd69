"""On the last day that can be written, and as far from it as can be written, nothing overflows."""

from __future__ import annotations

import pytest

from ledger.behaviour import read_behaviour
from ledger.plan_faults import PlanError
from tests.ledger.play import played

LAST = """\
  - {id: r, what: 总结, who: [一中], due: 2099-12-31, ladder: far, correction_days: 999}
  - {id: s, what: 小结, who: [一中], stage: a, due: opened+999}
  - {id: w, what: 周报, who: [一中], cycle: weekly, from: 2099-12, until: 2099-12-31}
"""
LADDER = """\
ends: 2099-12-31
ladders:
  far: [{at: -999, to: [联络员]}, {at: 1, to: [联络员]}, {at: 999, to: [主要负责人], every: 999}]
stages:
  - {id: a, name: 甲, until: 2099-12-31}
"""
ACTS = """\
acts:
  - {at: 2099-12-28 10:00, do: hand_in, item: r, unit: 第一中学}
  - {at: 2099-12-29 10:00, do: send_back, item: r, unit: 第一中学, text: 缺数据}
  - {at: 2099-12-29 11:00, do: register, problem: p, unit: 第一中学, title: 食堂}
  - {at: 2099-12-29 11:05, do: assign, problem: p, due: 2099-12-31}
"""


def test_a_campaign_runs_over_the_last_day_of_all() -> None:
    found = played(LAST, "2100-01-08", launched="2099-12-21", rest=LADDER, behave=ACTS)
    assert found.rungs("食堂")
    assert found.of("obligation_opened", what="小结")


@pytest.mark.parametrize("act", ["due: 9999-12-31", "at: 9999-12-31 10:00"])
def test_nor_does_a_rehearsal_go_farther(act: str) -> None:
    when = "" if act.startswith("at") else "at: 2017-04-17 10:00, "
    with pytest.raises(PlanError, match="9999-12-31 超出范围；日期只能在"):
        read_behaviour(f"acts:\n  - {{{when}do: assign, problem: p, {act}}}\n", "b.yaml")
