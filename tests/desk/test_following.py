"""A campaign that follows an earlier one says how many problems are still to be followed there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Someone
from tests.desk.conftest import SLUG, Terminal

PLAN = """\
name: 读书活动
slug: du-shu
short: 读书
document: {title: 关于开展读书活动的通知, issued: 2017-04-14}
follows: EARLIER
addressees:
  各学校: {classes: [局属学校]}
items:
  - {id: report, what: 读书总结, who: [各学校], due: 2017-06-30}
"""


def launched_after(desk: Terminal, earlier: str, folder: Path, office: Someone) -> str:
    file = folder / "du-shu.yaml"
    file.write_text(PLAN.replace("EARLIER", earlier), encoding="utf-8")
    return desk.type("campaign", "launch", file, as_=office).stdout


@pytest.mark.parametrize("settled", [False, True])
def test_the_unsolved_problems_of_the_earlier_campaign_are_counted(
    running: Terminal, tmp_path: Path, office: Someone, settled: bool
) -> None:
    typed = ("--unit", "云川市第二中学", "--title", "饭菜不热", "--source", "家长来电")
    running.ask("problem", "register", SLUG, *typed, as_=office)
    if settled:
        with running.database().writing() as session:
            session.connection().exec_driver_sql("UPDATE problem SET state = '已销号'")
    said = launched_after(running, SLUG, tmp_path, office)
    assert f"它接续的活动 {SLUG} 还有 {int(not settled)} 个问题没有销号，继续跟踪。" in said


def test_an_earlier_campaign_the_ledger_does_not_know_is_said_to_be_unknown(
    running: Terminal, tmp_path: Path, office: Someone
) -> None:
    assert "台账里没有它接续的活动 du-shu-2016" in launched_after(
        running, "du-shu-2016", tmp_path, office
    )
