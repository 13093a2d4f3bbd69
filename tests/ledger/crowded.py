"""A ledger on the eve of a crowded round: everything a round can do falls due at once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from config.database import Database
from ledger.campaigns import Campaign, Move, Stage
from ledger.obligations import Obligation
from ledger.stages import decide
from tests.ledger.play import Play, played

ITEMS = """
  - {id: a, what: 方案, who: [各单位], due: 2017-04-25}
  - {id: b, what: 小结, who: [学校], due: 2017-05-04}
  - {id: c, what: 名单, who: [各单位], due: 2017-04-06}
  - {id: d, what: 心得, who: [局领导], due: 2017-05-08}
  - {id: e, what: 专栏, who: [一中], from: 2017-04, until: campaign_end}
  - {id: f, what: 总结, who: [学校], stage: one, due: stage_end}
  - {id: g, what: 整改报告, who: [各单位], stage: two, due: opened+10}
  - {id: w, what: 周报, who: [各单位], from: 2017-04, until: campaign_end, cycle: weekly}
  - {id: m, what: 月报, who: [学校], from: 2017-04, until: 2017-09, cycle: monthly}
"""
STAGES = """stages:
  - {id: one, name: 动员, from: 2017-04, until: 2017-04-28}
  - {id: two, name: 整改, from: 2017-05-01, until: 2017-06-30, opens: {after: [one]}}
"""
ACTS = """stages: by_act
acts:
  - {at: 2017-04-17 10:00, do: register, problem: p, unit: 第一中学, title: 食堂}
  - {at: 2017-04-17 10:05, do: assign, problem: p, due: 2017-04-26}
  - {at: 2017-04-18 10:00, do: register, problem: q, unit: 电教馆, title: 消防}
  - {at: 2017-04-24 10:05, do: assign, problem: q, due: 2017-05-05, start_rung: 2}
  - {at: 2017-04-19 10:00, do: register, problem: r, unit: 第二中学, title: 校车}
  - {at: 2017-04-19 10:05, do: assign, problem: r, due: 2017-05-03}
  - {at: 2017-04-20 10:00, do: request_close, problem: r}
  - {at: 2017-04-20 10:00, do: hand_in, item: a, unit: 第二中学}
  - {at: 2017-04-21 10:00, do: hand_in, item: f, unit: 第二中学}
  - {at: 2017-04-24 10:00, do: ask_extension, item: a, unit: 第一中学, due: 2017-05-12}
  - {at: 2017-04-24 10:10, do: ask_extension, problem: p, due: 2017-05-12}
down: [{from: 2017-04-25, until: 2017-05-01}]
"""
NOW = "2017-05-02T09:00:00+08:00"
LATER = "2017-05-03T09:00:00+08:00"


def moment(text: str) -> datetime:
    """An aware moment."""
    return datetime.fromisoformat(text)


def crowded_ledger() -> Database:
    """Play up to the eve of the round and leave two decisions to carry out."""
    play = played(ITEMS, "2017-05-01", rest=STAGES, behave=ACTS)
    _decide(play)
    return play.database


def _decide(play: Play) -> None:
    with play.database.writing() as session:
        by = play.player.hand.by(session, play.player.script.behaviour.acts[0], moment(NOW))
        campaign = session.scalars(select(Campaign)).one()
        first = session.scalars(select(Stage).where(Stage.key == "one")).one()
        decide(session, campaign, Move.EXTEND, by, moment(NOW), first, "会期改", date(2017, 5, 5))
        decide(session, campaign, Move.FINISH, by, moment(NOW), first, "提前转段")
        rows = session.scalars(select(Obligation)).all()
    assert len(rows) > 20
