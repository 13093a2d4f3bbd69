"""Performing the acts of a behaviour file through the ledger's own functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.audit import Actor
from ledger.behaviour import ActOnce, Do
from ledger.campaigns import Campaign, Deliverable, Move, Stage
from ledger.deadlines import Deadline, LadderRow
from ledger.errors import NotFound
from ledger.extensions import Extension, ExtensionOutcome
from ledger.intake import HandIn, exempt, hand_in, open_event
from ledger.ladders import keep_ladder
from ledger.more_time import Subject, ask_extension, decide_extension
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.plan import Plan
from ledger.problems import Problem
from ledger.recipients import office
from ledger.rectification import assign, register, reopen, request_close, verify
from ledger.review import accept, send_back
from ledger.roles import Role
from ledger.stages import decide
from ledger.units import Person, Post, Respondent, Unit, valid_on
from ledger.workdays import WorkCalendar

USER = "rehearsal"


@dataclass
class Stagehand:
    """Does what a behaviour file says, for one campaign. `problems`: the words given to them."""

    plan: Plan
    calendar: WorkCalendar
    campaign_id: int
    problems: dict[str, int] = field(default_factory=dict)

    def perform(self, session: Session, act: ActOnce, now: datetime) -> None:
        """Do one act. Raises LedgerError when the ledger refuses it."""
        ACTS[act.do](self, session, act, now)

    def campaign(self, session: Session) -> Campaign:
        """The campaign being played."""
        return session.get_one(Campaign, self.campaign_id)

    def by(self, session: Session, act: ActOnce, now: datetime) -> Actor:
        """The person named, else the office."""
        if act.by is None:
            return Actor(office(session, self.calendar.local_day(now))[0], USER)
        post = session.scalar(
            select(Post).join(Person, Person.id == Post.person_id).where(Person.name == act.by)
        )
        if post is None:
            raise NotFound(f"推演里没有“{act.by}”这个人；请核对行为文件里的 by。")
        return Actor(post, USER)

    def contact(self, session: Session, respondent_id: int, act: ActOnce, now: datetime) -> Actor:
        """The person named, else the respondent's own contact or holder."""
        if act.by is not None:
            return self.by(session, act, now)
        respondent = session.get_one(Respondent, respondent_id)
        return Actor(own_post(session, respondent, self.calendar.local_day(now)), USER)

    def obligation(self, session: Session, act: ActOnce, *states: ObligationState) -> Obligation:
        """The oldest obligation in one of the states that the act names."""
        rows = (
            select(Obligation)
            .join(Deliverable)
            .join(Respondent)
            .where(
                Deliverable.campaign_id == self.campaign_id,
                Deliverable.key == act.item,
                Respondent.name == act.unit,
            )
            .order_by(Obligation.id)
        )
        if act.period is not None:
            rows = rows.where(Obligation.period == act.period)
        elif states:
            rows = rows.where(Obligation.state.in_(states))
        found = session.scalar(rows.limit(1))
        if found is None:
            raise NotFound(f"推演里没有“{act.unit}”的“{act.item}”可办；请核对行为文件。")
        return found

    def problem(self, session: Session, act: ActOnce) -> Problem:
        """The problem by the word it was registered under."""
        if act.problem not in self.problems:
            raise NotFound(f"推演里没有登记过“{act.problem}”这个问题；请核对行为文件。")
        return session.get_one(Problem, self.problems[act.problem])

    def subject(self, session: Session, act: ActOnce) -> Subject:
        """What an extension is about."""
        if act.problem is not None:
            return self.problem(session, act)
        return self.obligation(session, act, *TAKES_HAND_IN)


def own_post(session: Session, respondent: Respondent, day: date) -> Post:
    """The unit's contact (without one its head) on that day, or the post itself."""
    if respondent.post is not None:
        return respondent.post
    posts = select(Post).where(Post.unit_id == respondent.unit_id, valid_on(Post, day))
    for role in (Role.CONTACT, Role.HEAD):
        found = session.scalar(posts.where(Post.role == role).order_by(Post.id).limit(1))
        if found is not None:
            return found
    raise NotFound(f"“{respondent.name}”没有在任的联络员。")


def _hand_in(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
    obligation = hand.obligation(session, act, *TAKES_HAND_IN)
    by = hand.contact(session, obligation.respondent_id, act, now)
    assert by.post is not None
    given = HandIn(text=act.text, count=act.count)
    hand_in(session, obligation, by.post, given, by, now, hand.calendar)


def _accept(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
    obligation = hand.obligation(session, act, ObligationState.SUBMITTED)
    accept(session, obligation, hand.by(session, act, now), now)


def _send_back(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
    states = (ObligationState.SUBMITTED, ObligationState.ACCEPTED)
    obligation = hand.obligation(session, act, *states)
    send_back(session, obligation, hand.by(session, act, now), act.text, now, hand.calendar)


def _exempt(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
    exempt(
        session,
        hand.obligation(session, act, *TAKES_HAND_IN),
        hand.by(session, act, now),
        act.text,
        now,
    )


def _open(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
    deliverable = session.scalar(
        select(Deliverable).where(
            Deliverable.campaign_id == hand.campaign_id, Deliverable.key == act.item
        )
    )
    if deliverable is None:
        raise NotFound(f"方案里没有“{act.item}”这一项；请核对行为文件。")
    open_event(session, deliverable, hand.by(session, act, now), now, hand.calendar)


def _register(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
    unit = session.scalar(select(Unit).where(Unit.name == act.unit))
    if unit is None or act.problem is None:
        raise NotFound(f"立项要写明 unit（没有“{act.unit}”）和 problem；请核对行为文件。")
    problem = register(
        session,
        hand.campaign(session),
        unit,
        act.title,
        hand.by(session, act, now),
        now,
        act.source,
        act.problem_class,
    )
    hand.problems[act.problem] = problem.id


def rectification_ladder(session: Session, plan: Plan) -> LadderRow:
    """The ladder problems climb under this plan."""
    return keep_ladder(session, "rectification", plan.ladders["rectification"])


def _assign(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
    problem = hand.problem(session, act)
    ladder = rectification_ladder(session, hand.plan)
    if act.due is None:
        raise NotFound("交办要写明 due；请核对行为文件。")
    by = hand.by(session, act, now)
    assign(session, problem, act.due, ladder.id, by, now, hand.calendar, act.start_rung)


def _request_close(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
    problem = hand.problem(session, act)
    deadline = session.scalars(select(Deadline).where(Deadline.problem_id == problem.id)).one()
    by = hand.contact(session, deadline.respondent_id, act, now)
    assert by.post is not None
    request_close(session, problem, by.post, by, act.text, now, hand.calendar)


def _verify(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
    by = hand.by(session, act, now)
    verify(session, hand.problem(session, act), by, act.ok, act.text, now, hand.calendar)


def _reopen(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
    if act.due is None:
        raise NotFound("重开要写明 due；请核对行为文件。")
    by = hand.by(session, act, now)
    reopen(session, hand.problem(session, act), act.due, by, act.text, now, hand.calendar)


def _ask_extension(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
    subject = hand.subject(session, act)
    column = Deadline.obligation_id if isinstance(subject, Obligation) else Deadline.problem_id
    deadline = session.scalar(select(Deadline).where(column == subject.id))
    if deadline is None or act.due is None:
        raise NotFound("申请延期的事项要有期限，并写明 due；请核对行为文件。")
    by = hand.contact(session, deadline.respondent_id, act, now)
    assert by.post is not None
    ask_extension(session, subject, by.post, by, act.due, act.text, now, hand.calendar)


def _decide_extension(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
    subject = hand.subject(session, act)
    column = Extension.obligation_id if isinstance(subject, Obligation) else Extension.problem_id
    extension = session.scalar(
        select(Extension).where(column == subject.id, Extension.outcome == ExtensionOutcome.PENDING)
    )
    if extension is None:
        raise NotFound("这一事项没有待批的延期申请；请核对行为文件。")
    by = hand.by(session, act, now)
    decide_extension(session, extension, by, act.ok, act.text, now, hand.calendar)


def _stage_move(move: Move) -> Callable[[Stagehand, Session, ActOnce, datetime], None]:
    def act_on_stage(hand: Stagehand, session: Session, act: ActOnce, now: datetime) -> None:
        stage = session.scalar(
            select(Stage).where(Stage.campaign_id == hand.campaign_id, Stage.key == act.stage)
        )
        if act.stage is not None and stage is None:
            raise NotFound(f"方案里没有“{act.stage}”这个阶段；请核对行为文件。")
        by = hand.by(session, act, now)
        decide(session, hand.campaign(session), move, by, now, stage, act.text, act.due)

    return act_on_stage


DECISIONS = frozenset({Do.MOVE_STAGE, Do.EXTEND_STAGE, Do.PAUSE, Do.RESUME, Do.CLOSE_CAMPAIGN})
"""Acts that only write a decision, to be carried out."""

ACTS: dict[Do, Callable[[Stagehand, Session, ActOnce, datetime], None]] = {
    Do.HAND_IN: _hand_in,
    Do.ACCEPT: _accept,
    Do.SEND_BACK: _send_back,
    Do.EXEMPT: _exempt,
    Do.OPEN: _open,
    Do.REGISTER: _register,
    Do.ASSIGN: _assign,
    Do.REQUEST_CLOSE: _request_close,
    Do.VERIFY: _verify,
    Do.REOPEN: _reopen,
    Do.ASK_EXTENSION: _ask_extension,
    Do.DECIDE_EXTENSION: _decide_extension,
    Do.MOVE_STAGE: _stage_move(Move.FINISH),
    Do.EXTEND_STAGE: _stage_move(Move.EXTEND),
    Do.PAUSE: _stage_move(Move.PAUSE),
    Do.RESUME: _stage_move(Move.RESUME),
    Do.CLOSE_CAMPAIGN: _stage_move(Move.CLOSE),
}
