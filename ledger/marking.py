"""Marking in a round what time alone has brought: stages due, locks, reviews that wait too long."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from ledger.audit import PLAN, Act, record
from ledger.campaigns import Campaign, CampaignState, Stage, StageMark, StageState
from ledger.deadlines import Clock, Deadline
from ledger.keys import key
from ledger.messages import ItemKind
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.obligations import about as about_obligation
from ledger.obligations import title as obligation_title
from ledger.problems import CLOCK_STANDS, Problem
from ledger.recipients import office
from ledger.rectification import about as about_problem
from ledger.rectification import title as problem_title
from ledger.spans import Ids, Span
from ledger.stages import open_by_plan
from ledger.tallying import change_many
from ledger.telling import News, tell_with_the_round
from ledger.workdays import WorkCalendar


def mark_one_stage(session: Session, now: datetime, cal: WorkCalendar) -> bool:
    """Open, call due, or call waiting one stage whose moment has come; False when none has."""
    stage = session.scalar(
        select(Stage)
        .join(Campaign)
        .where(Stage.next_at <= now, Campaign.state == CampaignState.RUNNING)
        .order_by(Stage.next_at, Stage.id)
        .limit(1)
    )
    if stage is None:
        return False
    mark, at = stage.next_mark, stage.next_at
    stage.next_at = stage.next_mark = None
    if mark is StageMark.OPEN and stage.state is StageState.WAITING:
        open_by_plan(session, stage, now, cal)
    elif mark is StageMark.DUE and stage.due is not None:
        record(session, PLAN, Act.STAGE_DUE, at or now, **_about(stage))
        stage.next_at, stage.next_mark = cal.end_of(stage.due), StageMark.OVERDUE
    elif mark is StageMark.OVERDUE:
        record(session, PLAN, Act.STAGE_WAITING, at or now, **_about(stage))
        why = f"阶段“{stage.name}”已于 {stage.due} 到期，待活动办决定转段或延期"
        news = News(ItemKind.STAGE_WAITING, key("waiting", stage.id, stage.due), why, _about(stage))
        tell_with_the_round(session, news, office(session, cal.local_day(now)), now)
    return True


def _about(stage: Stage) -> dict[str, object]:
    return {"campaign_id": stage.campaign_id, "stage_id": stage.id, "due": stage.due}


LOCKS = Ids(
    select(Obligation.id).where(
        Obligation.lock_at <= bindparam("now", type_=Obligation.lock_at.type)
    )
)


def due_locks(session: Session, now: datetime, batch: int) -> list[Span]:
    """The obligations whose lock has come, at most `batch` to a span."""
    return LOCKS.spans(session, batch, now=now)


def lock(session: Session, now: datetime, span: Span) -> None:
    """Those of the span that nobody handed in become 未报, and their clocks end."""
    due = (
        Obligation.id.between(*span),
        Obligation.lock_at <= now,
        Obligation.state.in_(TAKES_HAND_IN),
    )
    session.execute(
        update(Deadline)
        .where(Deadline.obligation_id.in_(select(Obligation.id).where(*due)))
        .values(clock=Clock.ENDED, next_at=None)
        .execution_options(synchronize_session=False)
    )
    missed = {"state": ObligationState.MISSED, "locked_at": Obligation.lock_at, "lock_at": None}
    change_many(session, *due, **missed)


def remind_of_reviews(session: Session, now: datetime, cal: WorkCalendar, batch: int) -> bool:
    """The office hears of submissions and close-outs that wait too long; False when none does."""
    obligations = session.scalars(
        select(Obligation)
        .where(Obligation.review_at <= now, Obligation.state == ObligationState.SUBMITTED)
        .order_by(Obligation.id)
        .limit(batch)
    ).all()
    problems = session.scalars(
        select(Problem)
        .where(Problem.review_at <= now, Problem.state.in_(CLOCK_STANDS))
        .order_by(Problem.id)
        .limit(batch)
    ).all()
    posts = office(session, cal.local_day(now))
    for obligation in obligations:
        words = f"“{obligation_title(obligation)}”已报送，待审核满 5 个工作日"
        occasion = key("review", "o", obligation.id, obligation.review_at)
        obligation.review_at = None
        news = News(ItemKind.REVIEW_WAITING, occasion, words, about_obligation(obligation))
        tell_with_the_round(session, news, posts, now)
    for problem in problems:
        words = f"“{problem_title(problem)}”申请销号，待核验满 5 个工作日"
        occasion = key("review", "p", problem.id, problem.review_at)
        problem.review_at = None
        news = News(ItemKind.REVIEW_WAITING, occasion, words, about_problem(problem))
        tell_with_the_round(session, news, posts, now)
    return bool(obligations or problems)
