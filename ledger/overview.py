"""How campaigns stand: their stages, what is owed and received, what waits for the office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CTE, ColumnElement, Date, Select, case, column, func, null, select, values
from sqlalchemy.orm import Session

from ledger.base import Moment
from ledger.campaigns import (
    Campaign,
    CampaignState,
    Decision,
    Deliverable,
    Stage,
    StageState,
)
from ledger.deadlines import Deadline
from ledger.extensions import Extension, ExtensionOutcome
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.problems import CLOCK_STANDS, Problem, ProblemState
from ledger.workdays import WorkCalendar


@dataclass(frozen=True)
class Counts:
    """Obligations counted: `owed` leaves out the exempted, `received` and `on_time` are of those.

    On time is who was first received (with a quota: reached it) by 24:00 of the due date.
    """

    owed: int = 0
    received: int = 0
    on_time: int = 0
    accepted: int = 0
    missed: int = 0
    exempt: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(self.plain(), other.plain(), strict=True)))

    def plain(self) -> tuple[int, ...]:
        """The numbers in the order of the fields."""
        return tuple(vars(self).values())


@dataclass(frozen=True)
class StageRow:
    """A stage with what hangs on it; `key` None: what belongs to no stage."""

    key: str | None
    name: str
    parent: str | None
    state: StageState | None
    starts_on: date | None
    due: date | None
    provisional: bool
    opened_at: datetime | None
    moved_at: datetime | None
    counts: Counts


@dataclass(frozen=True)
class Waiting:
    """A kind of thing that waits for the office, and how many of it."""

    what: str
    count: int


@dataclass(frozen=True)
class CampaignRow:
    """A campaign in one line."""

    slug: str
    short: str
    name: str
    state: CampaignState
    launched_at: datetime
    ends_on: date | None
    closed_at: datetime | None
    stages_open: tuple[str, ...]
    counts: Counts


def campaign_rows(session: Session, cal: WorkCalendar) -> list[CampaignRow]:
    """Every campaign, the running ones first."""
    order = (Campaign.state == CampaignState.CLOSED, Campaign.launched_at.desc())
    campaigns = session.scalars(select(Campaign).order_by(*order)).all()
    return [campaign_row(session, campaign, cal) for campaign in campaigns]


def campaign_row(session: Session, campaign: Campaign, cal: WorkCalendar) -> CampaignRow:
    """One campaign."""
    opened = [stage.name for stage in campaign.stages if stage.state is StageState.OPEN]
    return CampaignRow(
        slug=campaign.slug,
        short=campaign.short,
        name=campaign.name,
        state=campaign.state,
        launched_at=campaign.launched_at,
        ends_on=campaign.ends_on,
        closed_at=campaign.closed_at,
        stages_open=tuple(opened),
        counts=sum(_counts(session, campaign, cal).values(), Counts()),
    )


def stage_rows(session: Session, campaign: Campaign, cal: WorkCalendar) -> list[StageRow]:
    """The campaign's stages with their counts, then what belongs to none."""
    counts = _counts(session, campaign, cal)
    names = {stage.id: stage.name for stage in campaign.stages}
    rows = [
        StageRow(
            key=stage.key,
            name=stage.name,
            parent=names.get(stage.parent_id or 0),
            state=stage.state,
            starts_on=stage.starts_on,
            due=stage.due,
            provisional=stage.due is not None and cal.provisional(stage.due),
            opened_at=stage.opened_at,
            moved_at=stage.moved_at,
            counts=counts.get(stage.id, Counts()),
        )
        for stage in campaign.stages
    ]
    if None in counts:
        nothing = (None, None, None, None, False, None, None)
        rows.append(StageRow(None, "（不属于任何阶段）", *nothing, counts[None]))
    return rows


def _counts(session: Session, campaign: Campaign, cal: WorkCalendar) -> dict[int | None, Counts]:
    """Counts by stage, in one statement beside the one that reads the due dates."""
    mine = select(Deliverable.id).where(Deliverable.campaign_id == campaign.id)
    of_campaign = Obligation.deliverable_id.in_(mine)
    due_dates = session.scalars(select(Obligation.due).where(of_campaign).distinct())
    ends = _day_ends(filter(None, due_dates), cal)
    first, owed = Obligation.first_received_at, Obligation.state != ObligationState.EXEMPT
    punctual = first.is_not(null()) & (Obligation.due.is_(null()) | (first < ends.c.ends_at))
    rows = session.execute(
        select(
            Deliverable.stage_id,
            _number(owed),
            _number(owed & first.is_not(null())),
            _number(owed & punctual),
            _number(Obligation.state == ObligationState.ACCEPTED),
            _number(Obligation.state == ObligationState.MISSED),
            _number(~owed),
        )
        .select_from(Obligation)
        .join(Deliverable, Deliverable.id == Obligation.deliverable_id)
        .outerjoin(ends, ends.c.day == Obligation.due)
        .where(of_campaign)
        .group_by(Deliverable.stage_id)
    )
    return {stage_id: Counts(*numbers) for stage_id, *numbers in rows}


def _day_ends(days: Iterable[date], cal: WorkCalendar) -> CTE:
    """The moment each day ends, in its own zone, as a table."""
    # One row that no due date meets keeps the statement valid when there are none.
    rows = [(day, cal.end_of(day)) for day in (*days, date(1970, 1, 1))]
    columns = (column("day", Date), column("ends_at", Moment))
    return values(*columns, name="day_end").data(rows).cte("day_end")


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def waiting_for_office(session: Session, campaign: Campaign, today: date) -> list[Waiting]:
    """What the office has to do next, each kind with its number; nothing to do, nothing listed."""
    id = campaign.id
    obligations = select(func.count(Obligation.id)).join(Deliverable)
    obligations = obligations.where(Deliverable.campaign_id == id)
    problems = select(func.count(Problem.id)).where(Problem.campaign_id == id)
    asked: dict[str, Select[int]] = {
        "报送待审": obligations.where(Obligation.state == ObligationState.SUBMITTED),
        "应报件待定期限": obligations.where(
            Obligation.due.is_(null()), Obligation.state.in_(TAKES_HAND_IN)
        ),
        "问题待交办": problems.where(Problem.state == ProblemState.REGISTERED),
        "销号待核验": problems.where(Problem.state.in_(CLOCK_STANDS)),
        "延期申请待批": _pending_extensions(id),
        "阶段到期待转段": select(func.count(Stage.id)).where(
            Stage.campaign_id == id, Stage.state == StageState.OPEN, Stage.due < today
        ),
        "决定待执行": select(func.count(Decision.id)).where(
            Decision.campaign_id == id, Decision.carried_out_at.is_(null())
        ),
        "数据有误移出日程": select(func.count(Deadline.id)).where(
            Deadline.campaign_id == id, Deadline.set_aside.is_not(null())
        ),
    }
    counted = Counter({what: session.scalar(rows) or 0 for what, rows in asked.items()})
    return [Waiting(what, count) for what, count in counted.items() if count]


def _pending_extensions(campaign_id: int) -> Select[int]:
    whose = func.coalesce(Deliverable.campaign_id, Problem.campaign_id)
    return (
        select(func.count(Extension.id))
        .outerjoin(Obligation, Obligation.id == Extension.obligation_id)
        .outerjoin(Deliverable, Deliverable.id == Obligation.deliverable_id)
        .outerjoin(Problem, Problem.id == Extension.problem_id)
        .where(whose == campaign_id, Extension.outcome == ExtensionOutcome.PENDING)
    )
