"""What a plan says beside its dates is told in sentences."""

from __future__ import annotations

import pytest

from ledger.plan_outline import outline
from tests.ledger.plans import WHO, plan_of

pytestmark = pytest.mark.no_ledger

REST = """\
follows: du-shu-2016
schemes:
  - {title: 考核细则, issuer: 省文明办, note: 两年内建成}
  - {title: 评估标准}
workstreams: {read: 读书, write: 写作}
stages:
  - {id: open, name: 长期, from: 2017-05}
"""
ITEMS = """\
  - {id: a, what: 总结, who: [各单位], due: 2017-06-30, workstream: read}
  - {id: b, what: 专栏, who: [各单位], from: 2017-04, until: campaign_end, workstream: read}
  - {id: c, what: 报告会, who: [各单位], cycle: periodic}
  - {id: d, what: 抽查, who: [各单位], cycle: irregular}
  - {id: e, what: 回复, who: [各单位], cycle: per_event, due: opened+3, stage: open}
  - {id: f, what: 日读, who: [各单位], cycle: daily, min_length: 1000}
  - {id: g, what: 聚焦, who: [市里], cycle: weekly}
  - {id: h, what: 评选, who: [各单位], due: stage_end, stage: open, steps: [备案, 评审]}
  - {id: i, what: 年度工作, who: [各单位], cycle: yearly, parts: [布置, 总结]}
  - {id: j, what: 听取汇报, who: [局领导], cycle: monthly, reporter: [校长]}
  - {id: k, what: 方案, who: [各单位], due: opened+5, stage: open}
"""


def test_each_thing_is_said_once_and_in_order() -> None:
    plan = plan_of(who=WHO + "  市里: {external: true}\n", rest=REST, items=ITEMS)
    assert outline(plan) == [
        "接续活动 du-shu-2016：那里没有销号的问题，继续跟踪到销号。",
        "要对照迎检的细则：《考核细则》（省文明办）；两年内建成。",
        "要对照迎检的细则：《评估标准》。",
        "2 条工作线同时推进：读书 2 项、写作 0 项。",
        "1 项是上级单位的事，只记在日历上：聚焦（每周）。",
        "3 项没有期限，每周列给活动办，等活动办定期：专栏、报告会（定期）、评选。",
        "2 项由活动办逐次开立（duban submission open）：抽查（不定期）、回复（随事）。",
        "1 项做得密、汇总起来报：日读（每天做，每月报）。",
        "“日读”每件不少于 1000 字。",
        "“评选”先后 2 步：备案 → 评审。",
        "“年度工作”一期分 2 件，报齐才算：布置、总结。",
        "“听取汇报”由校长汇报。",
    ]


def test_a_plan_whose_dates_say_all_has_nothing_to_add() -> None:
    assert outline(plan_of()) == []


def test_with_the_campaign_s_end_known_nothing_until_then_is_undated() -> None:
    items = "  - {id: b, what: 专栏, who: [各单位], from: 2017-04, until: campaign_end}\n"
    assert outline(plan_of(rest="ends: 2017-12\n", items=items)) == []


def test_a_long_list_is_cut_short() -> None:
    items = "".join(f"  - {{id: i{n}, what: 方案{n}, who: [各单位]}}\n" for n in range(9))
    (said,) = outline(plan_of(items=items))
    assert said.startswith("9 项没有期限")
    assert said.endswith("方案6、方案7等9项。")
