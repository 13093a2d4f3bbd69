"""The full product of every state table, and the acts that are bound by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.audit import Actor
from ledger.campaigns import (
    CAMPAIGN_MOVES,
    OVER,
    STAGE_MOVES,
    Campaign,
    CampaignState,
    Move,
    Stage,
    StageState,
)
from ledger.deadlines import Clock, Deadline
from ledger.errors import IllegalMove, LedgerError
from ledger.extensions import EXTENSION_MOVES, Extension, ExtensionOutcome
from ledger.intake import HandIn, exempt, hand_in
from ledger.messages import MESSAGE_MOVES, MessageState
from ledger.more_time import ask_extension, decide_extension
from ledger.obligations import OBLIGATION_MOVES, TAKES_HAND_IN, Obligation, ObligationState
from ledger.problems import CLOCK_RUNS, CLOCK_STANDS, PROBLEM_MOVES, Problem, ProblemState
from ledger.rectification import assign, register, reopen, request_close, verify
from ledger.redating import Dates
from ledger.releasing import ask_again, withdraw
from ledger.review import accept, send_back
from ledger.stages import carry_out_all, decide
from ledger.states import move
from ledger.units import Unit
from tests.ledger.world import World

O, P, S, C, X, M = (  # noqa: E741
    ObligationState,
    ProblemState,
    StageState,
    CampaignState,
    ExtensionOutcome,
    MessageState,
)
TABLES = {
    O: (OBLIGATION_MOVES, {O.OWED}, {O.EXEMPT, O.MISSED}),
    P: (PROBLEM_MOVES, {P.REGISTERED}, {P.ARCHIVED, P.WITHDRAWN}),
    S: (STAGE_MOVES, {S.WAITING}, {S.MOVED}),
    C: (CAMPAIGN_MOVES, {C.RUNNING}, {C.CLOSED, C.CANCELLED}),
    X: (EXTENSION_MOVES, {X.PENDING}, {X.GRANTED, X.REFUSED, X.LAPSED}),
    M: (MESSAGE_MOVES, {M.DRAFT, M.READY}, {M.SENT, M.SKIPPED}),
}
"""Each machine's table, the states it begins in, and those it never leaves."""

PAIRS = [pair for states in TABLES for pair in product(states, states)]
JUNE = date(2017, 6, 1)


@pytest.mark.parametrize(("current", "target"), PAIRS, ids=lambda state: state.name)
def test_a_move_is_made_exactly_when_the_table_has_it(current: StrEnum, target: StrEnum) -> None:
    table: Mapping[StrEnum, frozenset[StrEnum]] = TABLES[type(current)][0]
    if target in table[current]:
        assert move("某事", current, target, table) is target
    else:
        with pytest.raises(IllegalMove) as refusal:
            move("某事", current, target, table)
        assert f"某事现在是“{current}”，不能改为“{target}”" in str(refusal.value)


@pytest.mark.parametrize("states", TABLES)
def test_every_state_has_its_row_and_none_moves_to_itself(states: type[StrEnum]) -> None:
    table, _, _ = TABLES[states]
    assert set(table) == set(states)
    assert not [state for state in states if state in table[state]]


@pytest.mark.parametrize("states", TABLES)
def test_every_state_is_reached_from_where_the_machine_begins(states: type[StrEnum]) -> None:
    table, begins, _ = TABLES[states]
    reached, frontier = set(begins), list(begins)
    while frontier:
        news = table[frontier.pop()] - reached
        reached |= news
        frontier += news
    assert reached == set(states)


@pytest.mark.parametrize("states", TABLES)
def test_nothing_leaves_a_final_state_and_every_other_can_be_left(states: type[StrEnum]) -> None:
    table, _, final = TABLES[states]
    assert {state for state in states if not table[state]} == final


@pytest.fixture(scope="module")
def one_world() -> World:
    return World()


@pytest.fixture
def world(one_world: World) -> World:
    """The first daily round has opened what is owed."""
    one_world.begin_again()
    one_world.now = one_world.moment("2017-04-17 09:00")
    one_world.tick(4000)
    return one_world


Here = tuple[World, Session]


def clock(session: Session, subject: Obligation | Problem) -> Deadline:
    column = Deadline.obligation_id if isinstance(subject, Obligation) else Deadline.problem_id
    return session.scalars(select(Deadline).where(column == subject.id)).one()


def obligation(world: World, session: Session, item: str = "scheme") -> Obligation:
    deliverable = world.deliverable(session, item)
    rows = select(Obligation).where(Obligation.deliverable_id == deliverable.id)
    return session.scalars(rows.order_by(Obligation.id).limit(1)).one()


def brought_to(world: World, session: Session, state: ObligationState) -> Obligation:
    """An obligation led to a state by the acts of people and time."""
    row, here = obligation(world, session), (world.now, world.calendar)
    by = world.actor(session, "办一")
    assert by.post is not None
    if state in (O.SUBMITTED, O.RETURNED, O.ACCEPTED):
        hand_in(session, row, by.post, HandIn("材料", on_behalf_why="电话"), by, *here)
    if state is O.RETURNED:
        send_back(session, row, by, "缺数据", *here)
    if state is O.ACCEPTED:
        accept(session, row, by, world.now)
    if state is O.EXEMPT:
        exempt(session, row, by, "停课", world.now)
    if state is O.WITHDRAWN:
        withdraw(session, row, by, "方案第2版", world.now)
    if state is O.MISSED:
        session.commit()
        world.now = world.moment("2017-05-31 09:00")
        session.close()
        world.tick(4000)
        row = session.merge(row)
        session.refresh(row)
    session.flush()
    assert row.state is state
    return row


ObligationAct = Callable[[Session, Obligation, Actor, World], object]
OBLIGATION_ACTS: dict[str, tuple[ObligationAct, set[ObligationState]]] = {
    "hand_in": (
        lambda s, row, by, w: hand_in(
            s, row, by.post, HandIn("材料", on_behalf_why="电话"), by, w.now, w.calendar
        ),
        set(TAKES_HAND_IN),
    ),
    "accept": (lambda s, row, by, w: accept(s, row, by, w.now), {O.SUBMITTED}),
    "send_back": (
        lambda s, row, by, w: send_back(s, row, by, "缺数据", w.now, w.calendar),
        {state for state in O if O.RETURNED in OBLIGATION_MOVES[state]},
    ),
    "exempt": (
        lambda s, row, by, w: exempt(s, row, by, "停课", w.now),
        {state for state in O if O.EXEMPT in OBLIGATION_MOVES[state]},
    ),
    "withdraw": (
        lambda s, row, by, w: withdraw(s, row, by, "方案第2版", w.now),
        {O.OWED},
    ),
    "ask_again": (
        lambda s, row, by, w: ask_again(
            s, row, Dates(JUNE, date(2017, 6, 29)), by, "方案第3版", w.now, w.calendar
        ),
        {O.WITHDRAWN},
    ),
}


@pytest.mark.parametrize("act", OBLIGATION_ACTS)
@pytest.mark.parametrize("state", O, ids=lambda state: state.name)
def test_an_act_on_an_obligation_is_taken_exactly_in_its_states(
    world: World, state: ObligationState, act: str
) -> None:
    does, allowed = OBLIGATION_ACTS[act]
    with world.database.writing() as session:
        row = brought_to(world, session, state)
        by = world.actor(session, "办一")
        if state in allowed:
            does(session, row, by, world)
            assert row.state in OBLIGATION_MOVES[state]
        else:
            with pytest.raises(LedgerError):
                does(session, row, by, world)
            assert row.state is state


@pytest.mark.parametrize("state", O, ids=lambda state: state.name)
def test_the_clock_of_an_obligation_runs_exactly_while_a_hand_in_is_taken(
    world: World, state: ObligationState
) -> None:
    with world.database.writing() as session:
        found = clock(session, brought_to(world, session, state))
        assert (found.clock is Clock.RUNNING) == (state in TAKES_HAND_IN)
        assert (found.clock is Clock.STANDING) == (state is O.SUBMITTED)


def problem_in(world: World, session: Session, state: ProblemState) -> Problem:
    """A problem led to a state by the acts of people."""
    campaign, office = world.campaign(session), world.actor(session, "办一")
    unit, here = session.scalars(select(Unit).limit(1)).one(), (world.now, world.calendar)
    problem = register(session, campaign, unit, "食堂", office, world.now)
    by, second = world.actor(session, "联一"), world.actor(session, "督一")
    assert by.post is not None
    if state is not P.REGISTERED:
        assign(session, problem, JUNE, world.ladder(session), office, *here)
    if state in (P.CLOSE_ASKED, P.CLOSED, P.RECTIFYING):
        request_close(session, problem, by.post, by, "已换新", *here)
    if state in (P.CLOSED, P.RECTIFYING):
        verify(session, problem, second, state is P.CLOSED, "看过现场", *here)
    assert problem.state is state
    return problem


LED_TO = (P.REGISTERED, P.ASSIGNED, P.RECTIFYING, P.CLOSE_ASKED, P.CLOSED)
ProblemAct = Callable[[Session, Problem, World], object]
PROBLEM_ACTS: dict[str, tuple[ProblemAct, set[ProblemState]]] = {
    "assign": (
        lambda s, row, w: assign(s, row, JUNE, w.ladder(s), w.actor(s, "办一"), w.now, w.calendar),
        {P.REGISTERED},
    ),
    "request_close": (
        lambda s, row, w: request_close(
            s, row, w.post(s, "联一"), w.actor(s, "联一"), "已换新", w.now, w.calendar
        ),
        set(CLOCK_RUNS),
    ),
    "verify": (
        lambda s, row, w: verify(s, row, w.actor(s, "督一"), True, "", w.now, w.calendar),
        {P.CLOSE_ASKED},
    ),
    "reopen": (
        lambda s, row, w: reopen(s, row, JUNE, w.actor(s, "督一"), "反弹", w.now, w.calendar),
        {P.CLOSED},
    ),
}


@pytest.mark.parametrize("act", PROBLEM_ACTS)
@pytest.mark.parametrize("state", LED_TO, ids=lambda state: state.name)
def test_an_act_on_a_problem_is_taken_exactly_in_its_states(
    world: World, state: ProblemState, act: str
) -> None:
    does, allowed = PROBLEM_ACTS[act]
    with world.database.writing() as session:
        row = problem_in(world, session, state)
        if state in allowed:
            does(session, row, world)
            assert row.state is not state
        else:
            with pytest.raises(LedgerError):
                does(session, row, world)
            assert row.state is state


@pytest.mark.parametrize("state", LED_TO[1:], ids=lambda state: state.name)
def test_the_clock_of_a_problem_runs_or_stands_as_its_state_says(
    world: World, state: ProblemState
) -> None:
    with world.database.writing() as session:
        found = clock(session, problem_in(world, session, state))
        assert (found.clock is Clock.RUNNING) == (state in CLOCK_RUNS)
        assert (found.clock is Clock.STANDING) == (state in CLOCK_STANDS)


STAGE_DECISIONS = {Move.OPEN: S.WAITING, Move.FINISH: S.OPEN, Move.EXTEND: S.OPEN}


@pytest.mark.parametrize("what", STAGE_DECISIONS, ids=lambda what: what.name)
@pytest.mark.parametrize("state", S, ids=lambda state: state.name)
def test_a_decision_on_a_stage_is_taken_exactly_in_its_state(
    world: World, state: StageState, what: Move
) -> None:
    with world.database.writing() as session:
        stage = session.scalars(select(Stage).where(Stage.key == "b")).one()
        stage.state, office = state, world.actor(session, "办一")
        about = {"stage": stage, "reason": "会议决定", "new_due": date(2017, 7, 31)}
        campaign = world.campaign(session)
        if STAGE_DECISIONS[what] is state:
            decide(session, campaign, what, office, world.now, **about)
            assert carry_out_all(session, world.now, world.calendar) == 1
        else:
            with pytest.raises(LedgerError):
                decide(session, campaign, what, office, world.now, **about)
            assert stage.state is state


CAMPAIGN_DECISIONS = {
    Move.PAUSE: C.PAUSED,
    Move.RESUME: C.RUNNING,
    Move.CLOSE: C.CLOSED,
    Move.CANCEL: C.CANCELLED,
}


@pytest.mark.parametrize("what", CAMPAIGN_DECISIONS, ids=lambda what: what.name)
@pytest.mark.parametrize("state", C, ids=lambda state: state.name)
def test_a_decision_on_a_campaign_is_carried_out_exactly_when_the_table_has_the_move(
    world: World, state: CampaignState, what: Move
) -> None:
    target = CAMPAIGN_DECISIONS[what]
    with world.database.writing() as session:
        campaign = session.scalars(select(Campaign)).one()
        campaign.state, campaign.paused_at = state, world.now if state is C.PAUSED else None
        office = world.actor(session, "办一")
        if state in OVER:
            with pytest.raises(LedgerError):
                decide(session, campaign, what, office, world.now)
            return
        decision = decide(session, campaign, what, office, world.now)
        made = carry_out_all(session, world.now, world.calendar)
        assert made == (target in CAMPAIGN_MOVES[state])
        assert campaign.state is (target if made else state)
        assert (decision.refused is None) == bool(made)


@pytest.mark.parametrize("outcome", X, ids=lambda outcome: outcome.name)
@pytest.mark.parametrize("granted", [True, False])
def test_a_request_for_more_time_is_decided_once(
    world: World, outcome: ExtensionOutcome, granted: bool
) -> None:
    with world.database.writing() as session:
        office, asker = world.actor(session, "办一"), world.actor(session, "联一")
        row, here = obligation(world, session), (world.now, world.calendar)
        assert asker.post is not None
        asked = ask_extension(session, row, asker.post, asker, JUNE, "人手不够", *here)
        asked.outcome = outcome
        if outcome is X.PENDING:
            decide_extension(session, asked, office, granted, "", *here)
            assert asked.outcome is (X.GRANTED if granted else X.REFUSED)
        else:
            with pytest.raises(IllegalMove):
                decide_extension(session, asked, office, granted, "", *here)
            assert session.get_one(Extension, asked.id).outcome is outcome
            assert row.due != JUNE


def test_a_round_never_moves_what_the_table_forbids(world: World) -> None:
    """Handed in, accepted or released: the lock passes them by."""
    kept = (O.SUBMITTED, O.ACCEPTED, O.EXEMPT)
    with world.database.writing() as session:
        rows = session.scalars(select(Obligation).limit(3)).all()
        for row, state in zip(rows, kept, strict=True):
            row.state, row.lock_at = state, datetime(2017, 4, 18, tzinfo=world.calendar.tz)
    world.now = world.moment("2017-04-18 09:00")
    world.tick(4000)
    with world.database.reading() as session:
        assert [session.get_one(Obligation, row.id).state for row in rows] == list(kept)
