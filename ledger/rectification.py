"""Rectification (整改): register, assign, ask for close-out, verify by a second person, reopen."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.audit import Act, Actor, record
from ledger.campaigns import OVER, Campaign
from ledger.clocks import end_clock, rearm, start_clock, stood, stop_clock
from ledger.deadlines import Clock, Deadline, LadderRung
from ledger.errors import Refused
from ledger.intake import REVIEW_DAYS
from ledger.keys import key
from ledger.messages import ItemKind
from ledger.problems import CLOCK_RUNS, PROBLEM_MOVES, Closure, Problem, ProblemEvent, ProblemState
from ledger.recipients import posts_for
from ledger.roles import Role
from ledger.states import move
from ledger.telling import News, tell_with_the_round, told_of
from ledger.titles import problem_title
from ledger.units import Post, Respondent, Unit
from ledger.workdays import WorkCalendar


def register(
    session: Session,
    campaign: Campaign,
    unit: Unit,
    title_: str,
    by: Actor,
    now: datetime,
    source: str = "",
    problem_class: str = "",
) -> Problem:
    """Put a problem on the ledger (立项); it has no clock until it is assigned."""
    if campaign.state in OVER:
        raise Refused(f"活动“{campaign.short}”已经结束，不能再立项。")
    if not title_.strip():
        raise Refused("立项要写明问题是什么。")
    numbers = select(func.max(Problem.number)).where(Problem.campaign_id == campaign.id)
    problem = Problem(
        campaign=campaign,
        number=(session.scalar(numbers) or 0) + 1,
        title=title_,
        source=source,
        problem_class=problem_class,
        unit=unit,
        state=ProblemState.REGISTERED,
        start_rung=0,
        registered_at=now,
    )
    session.add(problem)
    session.flush()
    _write_event(session, problem, None, by, now, "立项")
    record(session, by, Act.REGISTERED, now, **about(problem))
    return problem


def assign(
    session: Session,
    problem: Problem,
    due: date,
    ladder_id: int,
    by: Actor,
    now: datetime,
    cal: WorkCalendar,
    start_rung: int = 0,
) -> None:
    """Hand the problem to its unit (交办) with a due date; its clock and ladder start.

    A grave case may start `start_rung` rungs higher.
    """
    if due < cal.local_day(now):
        raise Refused(f"整改期限 {due} 已经过去，请写今天或以后的日期。")
    top = session.scalar(select(func.max(LadderRung.rung)).where(LadderRung.ladder_id == ladder_id))
    if not 0 <= start_rung <= (top or 0):
        raise Refused(f"起始层级只能是 0 到 {top or 0}。")
    _advance(session, problem, ProblemState.ASSIGNED, by, now, f"期限 {due}")
    problem.due, problem.assigned_at, problem.start_rung = due, now, start_rung
    respondent = session.scalars(
        select(Respondent).where(Respondent.unit_id == problem.unit_id)
    ).one()
    today = cal.local_day(now)
    deadline = Deadline(
        problem_id=problem.id,
        campaign_id=problem.campaign_id,
        respondent_id=respondent.id,
        ladder_id=ladder_id,
        due=due,
        opened_on=today,
        armed_on=today,
        epoch=0,
        start_rung=start_rung,
        told=-1,
        clock=Clock.RUNNING,
    )
    start_clock(session, deadline, now, cal)
    record(session, by, Act.ASSIGNED, now, **about(problem))
    contacts = posts_for(session, respondent.id, (Role.CONTACT,), today)
    why = f"交办问题“{title(problem)}”，期限 {due}"
    news = News(ItemKind.ASSIGNED, key("assigned", problem.id), why, _item_about(problem, deadline))
    tell_with_the_round(session, news, contacts, now)


def request_close(
    session: Session,
    problem: Problem,
    by: Post,
    actor: Actor,
    evidence: str,
    now: datetime,
    cal: WorkCalendar,
) -> Closure:
    """Ask for close-out (申请销号) with evidence; the clock stands still while it is verified."""
    if not evidence.strip():
        raise Refused("申请销号要写明整改结果和佐证。")
    if problem.state not in CLOCK_RUNS:
        raise Refused(f"问题“{title(problem)}”现在是“{problem.state}”，不能申请销号。")
    for step in (ProblemState.SIGNED, ProblemState.RECTIFYING):
        if step in PROBLEM_MOVES[problem.state]:
            _advance(session, problem, step, actor, now, "随申请销号")
    _advance(session, problem, ProblemState.CLOSE_ASKED, actor, now, evidence)
    closure = Closure(
        problem=problem,
        applicant_id=by.person_id,
        applied_by_id=by.id,
        evidence=evidence,
        asked_at=now,
    )
    session.add(closure)
    stop_clock(deadline_of(session, problem), now)
    problem.review_at = cal.start_of(cal.shift(cal.local_day(now), REVIEW_DAYS))
    session.flush()
    record(session, actor, Act.CLOSE_ASKED, now, **about(problem), note=evidence)
    return closure


def verify(
    session: Session,
    problem: Problem,
    by: Actor,
    struck_off: bool,
    note: str,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """Strike off (销号) or return to rectification, by another person than the applicant."""
    closure = _pending_closure(session, problem)
    if by.post is None or by.post.person_id == closure.applicant_id:
        raise Refused("申请销号的人不能自己核验；请换一个人核验。")
    if not struck_off and not note.strip():
        raise Refused("核验退回要写明理由。")
    _advance(session, problem, ProblemState.VERIFYING, by, now, "")
    closure.verifier_id, closure.verified_by_id = by.post.person_id, by.post.id
    closure.decided_at, closure.struck_off, closure.note = now, struck_off, note
    problem.review_at = None
    if struck_off:
        _strike_off(session, problem, by, note, now, cal)
    else:
        _return(session, problem, by, note, now, cal)


def _strike_off(
    session: Session, problem: Problem, by: Actor, note: str, now: datetime, cal: WorkCalendar
) -> None:
    _advance(session, problem, ProblemState.CLOSED, by, now, note)
    problem.closed_at = now
    deadline = deadline_of(session, problem)
    end_clock(deadline, raise_epoch=True)
    record(session, by, Act.CLOSED, now, **about(problem), note=note)
    _tell_told(session, problem, ItemKind.CLOSED, "已销号", now, cal)


def _return(
    session: Session, problem: Problem, by: Actor, note: str, now: datetime, cal: WorkCalendar
) -> None:
    """The due date moves by the working days the clock stood still."""
    _advance(session, problem, ProblemState.RECTIFYING, by, now, note)
    deadline = deadline_of(session, problem)
    problem.due = cal.shift(deadline.due, stood(deadline, now, cal))
    rearm(session, deadline, problem.due, now, cal)
    words = f"核验退回：{note}，期限 {problem.due}"
    record(session, by, Act.CLOSE_REFUSED, now, **about(problem), note=words)
    _tell_told(session, problem, ItemKind.ACT, words, now, cal)


def reopen(
    session: Session,
    problem: Problem,
    due: date,
    by: Actor,
    reason: str,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """A second look (回头看) reopens a closed problem; its ladder starts one rung higher."""
    if not reason.strip():
        raise Refused("重开要写明回头看发现了什么。")
    if due < cal.local_day(now):
        raise Refused(f"整改期限 {due} 已经过去，请写今天或以后的日期。")
    if problem.state is not ProblemState.CLOSED:
        raise Refused(f"问题“{title(problem)}”现在是“{problem.state}”，只有已销号的才能重开。")
    _advance(session, problem, ProblemState.RECTIFYING, by, now, reason)
    problem.closed_at, problem.due = None, due
    deadline = deadline_of(session, problem)
    top = session.scalar(
        select(func.max(LadderRung.rung)).where(LadderRung.ladder_id == deadline.ladder_id)
    )
    problem.start_rung = min(problem.start_rung + 1, top or 0)
    rearm(session, deadline, due, now, cal, start_rung=problem.start_rung)
    record(session, by, Act.REOPENED, now, **about(problem), note=reason)
    _tell_told(session, problem, ItemKind.REOPENED, f"回头看重开：{reason}，期限 {due}", now, cal)


def _tell_told(
    session: Session,
    problem: Problem,
    kind: ItemKind,
    words: str,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """Who had been told is told of an extension, a reopening, a close."""
    deadline = deadline_of(session, problem)
    contacts = posts_for(session, deadline.respondent_id, (Role.CONTACT,), cal.local_day(now))
    occasion = key(kind.value, problem.id, deadline.epoch)
    news = News(kind, occasion, f"“{title(problem)}”{words}", _item_about(problem, deadline))
    tell_with_the_round(session, news, [*contacts, *told_of(session, deadline)], now)


def _advance(
    session: Session,
    problem: Problem,
    target: ProblemState,
    by: Actor,
    now: datetime,
    note: str,
) -> None:
    before = problem.state
    problem.state = move(f"问题“{title(problem)}”", before, target, PROBLEM_MOVES)
    _write_event(session, problem, before, by, now, note)


def _write_event(
    session: Session,
    problem: Problem,
    before: ProblemState | None,
    by: Actor,
    now: datetime,
    note: str,
) -> None:
    session.add(
        ProblemEvent(
            problem_id=problem.id,
            at=now,
            from_state=before,
            to_state=problem.state,
            by_post_id=by.post.id if by.post else None,
            note=note,
        )
    )


def _pending_closure(session: Session, problem: Problem) -> Closure:
    closure = session.scalar(
        select(Closure)
        .where(Closure.problem_id == problem.id, Closure.decided_at.is_(None))
        .order_by(Closure.id.desc())
        .limit(1)
    )
    if closure is None:
        raise Refused(f"问题“{title(problem)}”现在是“{problem.state}”，没有待核验的销号申请。")
    return closure


def deadline_of(session: Session, problem: Problem) -> Deadline:
    """The problem's clock."""
    return session.scalars(select(Deadline).where(Deadline.problem_id == problem.id)).one()


def title(problem: Problem) -> str:
    """What people read: number, unit and matter."""
    return problem_title(problem.number, problem.unit.name, problem.title)


def about(problem: Problem) -> dict[str, object]:
    """The columns that tie a history row or an item to the problem."""
    return {"campaign_id": problem.campaign_id, "problem_id": problem.id, "due": problem.due}


def _item_about(problem: Problem, deadline: Deadline) -> dict[str, object]:
    return {**about(problem), "deadline_id": deadline.id}
