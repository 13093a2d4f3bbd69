"""How campaigns stand: their stages, what is owed and received, what waits for the office."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, bindparam, func, null, select
from sqlalchemy.orm import Session

from ledger.campaigns import (
    OVER,
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
from ledger.problems import CLOCK_STANDS, SETTLED, Problem, ProblemState
from ledger.rates import Counts, counts_by
from ledger.workdays import WorkCalendar


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


def campaign_rows(session: Session) -> list[CampaignRow]:
    """Every campaign, the running ones first."""
    order = (Campaign.state.in_(OVER), Campaign.launched_at.desc())
    campaigns = session.scalars(select(Campaign).order_by(*order)).all()
    return [campaign_row(session, campaign) for campaign in campaigns]


def campaign_row(session: Session, campaign: Campaign) -> CampaignRow:
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
        counts=sum(counts_by(session, campaign, Deliverable.stage_id).values(), Counts()),
    )


def stage_rows(session: Session, campaign: Campaign, cal: WorkCalendar) -> list[StageRow]:
    """The campaign's stages with their counts, then what belongs to none."""
    counts = counts_by(session, campaign, Deliverable.stage_id)
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


WAITS = bindparam(
    "waits", ObligationState.SUBMITTED, type_=Obligation.state.type, literal_execute=True
)
"""Written out, so that SQLite sees that the index of those few will do."""


def waiting_for_office(session: Session, campaign: Campaign, today: date) -> list[Waiting]:
    """What the office has to do next, each kind with its number; nothing to do, nothing listed."""
    id = campaign.id
    obligations = select(func.count(Obligation.id)).join(Deliverable)
    obligations = obligations.where(Deliverable.campaign_id == id)
    problems = select(func.count(Problem.id)).where(Problem.campaign_id == id)
    asked: dict[str, Select[int]] = {
        "报送待审": obligations.where(Obligation.state == WAITS),
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


def unsolved_problems(session: Session, slug: str) -> int | None:
    """How many problems of a campaign are not struck off; None: no such campaign."""
    campaign_id = session.scalar(select(Campaign.id).where(Campaign.slug == slug))
    if campaign_id is None:
        return None
    rows = select(func.count(Problem.id)).where(
        Problem.campaign_id == campaign_id, Problem.state.not_in(SETTLED)
    )
    return session.scalar(rows)


def _pending_extensions(campaign_id: int) -> Select[int]:
    whose = func.coalesce(Deliverable.campaign_id, Problem.campaign_id)
    return (
        select(func.count(Extension.id))
        .outerjoin(Obligation, Obligation.id == Extension.obligation_id)
        .outerjoin(Deliverable, Deliverable.id == Obligation.deliverable_id)
        .outerjoin(Problem, Problem.id == Extension.problem_id)
        .where(whose == campaign_id, Extension.outcome == ExtensionOutcome.PENDING)
    )
