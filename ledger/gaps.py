"""Open cases without a next step, looked for kind by kind; the nightly self-audit asks them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import exists, func, null, or_, select
from sqlalchemy.orm import Session

from ledger.audit import Act, Audit
from ledger.campaigns import Campaign, CampaignState, Deliverable, Stage, StageState
from ledger.deadlines import Clock, Deadline, LadderRow
from ledger.launch import NEAR
from ledger.messages import Item, ItemKind
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.obligations import title as obligation_title
from ledger.opening import first_opening
from ledger.periods import next_period
from ledger.problems import CLOCK_RUNS, CLOCK_STANDS, Problem, ProblemState
from ledger.rectification import title as problem_title
from ledger.tallying import mistallied
from ledger.workdays import WorkCalendar

SHOWN = 5
"""How many rows a finding names."""

UNASSIGNED = 5
"""Working days a problem may stay registered before it is assigned."""

RUNNING = Campaign.state == CampaignState.RUNNING


def said(names: Sequence[str], what: str) -> list[str]:
    """The sentence of a finding, or none when nothing was found."""
    if not names:
        return []
    more = "等" if len(names) > SHOWN else ""
    return [f"{len(names)} {what}：{'、'.join(names[:SHOWN])}{more}。"]


def without_next_moment(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    """Clocks that run, with neither a rung, a lock nor the monthly list ahead."""
    rows = session.scalars(
        select(Deadline)
        .join(Campaign, Campaign.id == Deadline.campaign_id)
        .join(LadderRow, LadderRow.id == Deadline.ladder_id)
        .outerjoin(Obligation, Obligation.id == Deadline.obligation_id)
        .where(
            RUNNING,
            Deadline.clock == Clock.RUNNING,
            Deadline.next_at.is_(null()),
            Deadline.set_aside.is_(null()),
            Obligation.lock_at.is_(null()),
            or_(LadderRow.monthly_to.is_(null()), Deadline.problem_id.is_not(null())),
        )
        .order_by(Deadline.id)
    )
    return said([_case(row) for row in rows], "件正在计时，却没有下一次提醒或锁定，请核对其期限")


def set_aside(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    rows = session.scalars(
        select(Deadline)
        .join(Campaign, Campaign.id == Deadline.campaign_id)
        .where(RUNNING, Deadline.clock == Clock.RUNNING, Deadline.set_aside.is_not(null()))
        .order_by(Deadline.id)
    )
    return said([_case(row) for row in rows], "件因数据有误被搁置，不再提醒，请核对后更正")


def _case(deadline: Deadline) -> str:
    if deadline.obligation is not None:
        return obligation_title(deadline.obligation)
    return problem_title(deadline.problem) if deadline.problem is not None else str(deadline.id)


def obligations_without_clock(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    """Owed by a date, and no running clock: nobody would ever be reminded."""
    running = exists().where(
        Deadline.obligation_id == Obligation.id, Deadline.clock == Clock.RUNNING
    )
    rows = session.scalars(
        select(Obligation)
        .join(Deliverable)
        .join(Campaign)
        .where(
            RUNNING,
            Obligation.state.in_(TAKES_HAND_IN),
            Obligation.due.is_not(null()),
            ~running,
        )
        .order_by(Obligation.id)
    )
    return said([obligation_title(row) for row in rows], "件应报件没有计时，请核对其期限")


def reviews_forgotten(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    """Handed in or close-out asked, and the office neither reminded nor to be reminded."""
    reminded = Item.kind == ItemKind.REVIEW_WAITING
    obligations = session.scalars(
        select(Obligation)
        .join(Deliverable)
        .join(Campaign)
        .where(
            RUNNING,
            Obligation.state == ObligationState.SUBMITTED,
            Obligation.review_at.is_(null()),
            ~exists().where(Item.obligation_id == Obligation.id, reminded),
        )
    ).all()
    problems = session.scalars(
        select(Problem)
        .join(Campaign)
        .where(
            RUNNING,
            Problem.state.in_(CLOCK_STANDS),
            Problem.review_at.is_(null()),
            ~exists().where(Item.problem_id == Problem.id, reminded),
        )
    ).all()
    names = [*map(obligation_title, obligations), *map(problem_title, problems)]
    return said(names, "件待审核或待核验，却没有安排提醒，请尽快办理")


def problems_without_clock(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    running = exists().where(Deadline.problem_id == Problem.id, Deadline.clock == Clock.RUNNING)
    rows = session.scalars(
        select(Problem)
        .join(Campaign)
        .where(RUNNING, Problem.state.in_(CLOCK_RUNS), ~running)
        .order_by(Problem.id)
    )
    return said([problem_title(row) for row in rows], "个已交办的问题没有计时，请补上整改期限")


def problems_unassigned(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    before = cal.start_of(cal.shift(cal.local_day(now), -UNASSIGNED))
    rows = session.scalars(
        select(Problem)
        .join(Campaign)
        .where(RUNNING, Problem.state == ProblemState.REGISTERED, Problem.registered_at < before)
        .order_by(Problem.id)
    )
    return said(
        [problem_title(row) for row in rows], f"个问题立项已超过 {UNASSIGNED} 个工作日，还没有交办"
    )


def stages_unwatched(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    """Open stages with an end that nothing will mark, and the office was not told of."""
    told = exists().where(
        Audit.stage_id == Stage.id, Audit.act == Act.STAGE_WAITING, Audit.due == Stage.due
    )
    rows = session.scalars(
        select(Stage)
        .join(Campaign)
        .where(
            RUNNING,
            Stage.state == StageState.OPEN,
            Stage.due.is_not(null()),
            Stage.next_at.is_(null()),
            ~told,
        )
        .order_by(Stage.id)
    )
    return said(_stages(rows), "个阶段有截止日期，却没有安排到期提醒，请由活动办转段或延期")


def stages_not_opened(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    """Stages whose predecessors have all been finished, and which did not open."""
    unfinished = Stage.after.any(Stage.state != StageState.MOVED)
    rows = session.scalars(
        select(Stage)
        .join(Campaign)
        .where(RUNNING, Stage.state == StageState.WAITING, Stage.after.any(), ~unfinished)
        .order_by(Stage.id)
    )
    return said(_stages(rows), "个阶段的前置阶段都已转段，自己却没有启动，请由活动办启动")


def _stages(rows: Iterable[Stage]) -> list[str]:
    return [f"{stage.campaign.short}“{stage.name}”" for stage in rows]


def deliverables_unopened(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    """Deliverables of running campaigns whose next period nobody would open."""
    last = func.max(Obligation.opened_at)
    rows = session.execute(
        select(Deliverable, last)
        .join(Campaign)
        .outerjoin(Obligation, Obligation.deliverable_id == Deliverable.id)
        .where(RUNNING, Deliverable.next_open_on.is_(null()), Deliverable.withdrawn_at.is_(null()))
        .group_by(Deliverable.id)
        .order_by(Deliverable.id)
    )
    names = [_item(row) for row, opened_at in rows if _should_open(row, opened_at, cal)]
    return said(names, "个报送事项应当还有下一期，却没有安排开始日期")


def _should_open(row: Deliverable, last_opened: datetime | None, cal: WorkCalendar) -> bool:
    launched_on = cal.local_day(row.campaign.launched_at)
    if last_opened is None:
        return not _may_be_dropped(row, launched_on, cal) and (
            first_opening(row, launched_on, cal) is not None
        )
    ends = min((day for day in (row.last_on, row.campaign.ends_on) if day), default=None)
    return next_period(row.cycle, cal.local_day(last_opened), row.first_on, ends, cal) is not None


def _may_be_dropped(row: Deliverable, launched_on: date, cal: WorkCalendar) -> bool:
    """A fixed date that had passed or was near at launch may have been dropped by the answer."""
    return row.due_on is not None and row.due_on <= cal.shift(launched_on, NEAR)


def _item(row: Deliverable) -> str:
    return f"{row.campaign.short}“{row.what}”"


def tallies_wrong(session: Session, now: datetime, cal: WorkCalendar) -> Iterable[str]:
    """Counters that are not what counting one by one gives; telling of it puts them right."""
    wrong = Deliverable.id.in_(mistallied(session))
    rows = session.scalars(select(Deliverable).join(Campaign).where(wrong).order_by(Deliverable.id))
    what = "个报送事项的计数与逐件清点不符，已按清点改正，请把这一条告诉系统管理员"
    return said([_item(row) for row in rows], what)
