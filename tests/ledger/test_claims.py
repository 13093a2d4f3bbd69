"""Claims: whoever comes second finds that another was first, and changes nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from ledger.audit import PLAN
from ledger.campaigns import Campaign, Decision, Move, Stage
from ledger.grouping import seal
from ledger.messages import Message, MessageKind, MessageState, Round
from ledger.round import run_round
from ledger.stages import carry_out, decide
from tests.ledger.play import Play, played

ITEMS = "  - {id: r, what: 总结, who: [学校], due: 2017-04-28}\n"
STAGES = "stages: [{id: a, name: 动员, from: 2017-04, until: 2017-04-30}]\n"


def at(play: Play, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=play.player.calendar.tz)


def test_a_decision_is_carried_out_once():
    play = played(ITEMS, "2017-04-24", rest=STAGES, behave="stages: by_act")
    now, cal = at(play, "2017-04-25T10:00"), play.player.calendar
    with play.database.writing() as session:
        campaign, stage = session.get_one(Campaign, 1), session.get_one(Stage, 1)
        decision = decide(session, campaign, Move.FINISH, PLAN, now, stage, "提前")
        assert carry_out(session, decision, now, cal)
        assert not carry_out(session, decision, at(play, "2017-04-26T10:00"), cal)
        assert (decision.carried_out_at, decision.refused) == (now, None)


def test_of_two_decisions_on_one_stage_the_second_is_refused_and_says_so():
    play = played(ITEMS, "2017-04-24", rest=STAGES, behave="stages: by_act")
    now = at(play, "2017-04-25T10:00")
    with play.database.writing() as session:
        campaign, stage = session.get_one(Campaign, 1), session.get_one(Stage, 1)
        for _ in range(2):
            decide(session, campaign, Move.FINISH, PLAN, now, stage, "提前")
        session.commit()
        run_round(session, now, play.player.calendar)
    with play.database.reading() as session:
        refused = session.scalars(
            select(Decision.refused).where(Decision.move == Move.FINISH).order_by(Decision.id)
        ).all()
        assert session.get_one(Stage, 1).state == "已转段"
    assert refused[0] is None
    assert "不能改为" in (refused[1] or "")


def test_a_round_is_sealed_once():
    play = played(ITEMS, "2017-04-24")
    with play.database.writing() as session:
        current = session.get_one(Round, 1)
        assert current.sealed_at is not None
        assert not seal(session, current, play.player.calendar)


def test_a_second_tick_of_the_same_day_adds_nothing():
    play = played(ITEMS, "2017-04-25")
    with play.database.writing() as session:
        before = session.scalar(select(func.count(Message.id)))
        assert run_round(session, at(play, "2017-04-25T09:00"), play.player.calendar) is None
        assert run_round(session, at(play, "2017-04-25T15:00"), play.player.calendar) is None
        assert session.scalar(select(func.count(Message.id))) == before


def test_what_was_left_unsent_is_merged_into_the_next_message():
    play = played(ITEMS, "2017-04-25")
    with play.database.writing() as session:
        session.execute(
            update(Message)
            .where(Message.kind == MessageKind.DIGEST)
            .values(state=MessageState.READY, sent_at=None)
        )
    with play.database.writing() as session:
        run_round(session, at(play, "2017-04-26T09:00"), play.player.calendar)
    with play.database.reading() as session:
        digests = session.scalars(
            select(Message).where(Message.kind == MessageKind.DIGEST).order_by(Message.id)
        ).all()
        states = [(message.state, message.reason) for message in digests]
        assert all(
            state is MessageState.SKIPPED and reason == "未及发出，已并入 2017-04-26 的每日消息"
            for state, reason in states[:-2]
        )
        assert [message.person.name for message in digests[-2:]] == ["联一", "联二"]
        assert {item.kind for item in digests[-1].items} == {"rung", "weekly"}
