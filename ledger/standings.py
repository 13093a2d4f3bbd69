"""Where a campaign stands, as plain data for whoever shows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ledger.campaigns import OVER, Campaign, CampaignState, Deliverable, Stage, StageState
from ledger.deadlines import Deadline, Fired, LadderRow, LadderRung, RungFire
from ledger.errors import NotFound
from ledger.messages import Item
from ledger.obligations import title as obligation_title
from ledger.rates import Counts, counts_by
from ledger.rectification import title as problem_title
from ledger.stages import moves_carried_out
from ledger.workdays import WorkCalendar


@dataclass(frozen=True)
class StageStanding:
    """One stage: its key and name, its state, its due date (None: the office closes it)."""

    key: str
    name: str
    state: StageState
    due: date | None
    moved_at: datetime | None


@dataclass(frozen=True)
class CampaignStanding:
    """One campaign. `moves` counts the decisions carried out, the launch among them."""

    id: int
    slug: str
    short: str
    state: CampaignState
    moves: int
    stages: tuple[StageStanding, ...]

    @property
    def closed(self) -> bool:
        """Whether the campaign has ended."""
        return self.state in OVER


@dataclass(frozen=True)
class Tally:
    """What is owed of one deliverable, and what has come in."""

    stage: str
    what: str
    counts: Counts


@dataclass(frozen=True)
class Fire:
    """One rung of one case that was decided. `repeat` counts from 0; `told` persons heard of it."""

    on: date
    campaign: str
    case: str
    due: date
    rung: int
    repeat: int
    name: str
    fired: Fired
    told: int


def open_campaigns(session: Session, also: Collection[str] = ()) -> list[CampaignStanding]:
    """Every campaign that has not ended, and those of the slugs in `also`; oldest first."""
    wanted = or_(Campaign.state.not_in(OVER), Campaign.slug.in_(also))
    rows = session.scalars(select(Campaign).where(wanted).order_by(Campaign.id))
    return [_standing(session, row) for row in rows]


def standing_of(session: Session, slug: str) -> CampaignStanding:
    """One campaign by its slug; raises NotFound."""
    campaign = session.scalar(select(Campaign).where(Campaign.slug == slug))
    if campaign is None:
        raise NotFound(f"没有编号为“{slug}”的活动；请核对编号。")
    return _standing(session, campaign)


def _standing(session: Session, row: Campaign) -> CampaignStanding:
    stages = tuple(
        StageStanding(stage.key, stage.name, stage.state, stage.due, stage.moved_at)
        for stage in row.stages
    )
    moves = moves_carried_out(session, row.id)
    return CampaignStanding(row.id, row.slug, row.short, row.state, moves, stages)


def tally(session: Session, campaign_id: int) -> list[Tally]:
    """Every deliverable of a campaign that somebody owes or owed, in the plan's order."""
    counted = counts_by(session, session.get_one(Campaign, campaign_id), Deliverable.id)
    rows = session.execute(
        select(Deliverable.id, func.coalesce(Stage.name, ""), Deliverable.what)
        .outerjoin(Stage, Stage.id == Deliverable.stage_id)
        .where(Deliverable.campaign_id == campaign_id)
        .order_by(Deliverable.id)
    )
    return [
        Tally(stage, what, found)
        for id, stage, what in rows
        if (found := counted.get(id)) is not None and found.owed
    ]


def fires(session: Session, cal: WorkCalendar, rounds: Sequence[int] | None = None) -> list[Fire]:
    """The rungs decided in these rounds (None: in all of them), in the order of their decision."""
    told = (
        select(func.count(Item.id))
        .where(Item.rung_fire_id == RungFire.id)
        .correlate(RungFire)
        .scalar_subquery()
    )
    rows = (
        select(RungFire, Deadline, Campaign.short, LadderRung.name, LadderRow.name, told)
        .join(Deadline, Deadline.id == RungFire.deadline_id)
        .join(Campaign, Campaign.id == Deadline.campaign_id)
        .join(LadderRow, LadderRow.id == Deadline.ladder_id)
        .join(
            LadderRung,
            (LadderRung.ladder_id == Deadline.ladder_id) & (LadderRung.rung == RungFire.rung),
        )
        .where(RungFire.round_id.is_not(None))
        .order_by(RungFire.id)
    )
    if rounds is not None:
        rows = rows.where(RungFire.round_id.in_(rounds))
    return [
        _fire(fire, deadline, short, rung_name or ladder, number, cal)
        for fire, deadline, short, rung_name, ladder, number in session.execute(rows)
    ]


def _fire(
    fire: RungFire, deadline: Deadline, short: str, name: str, told: int, cal: WorkCalendar
) -> Fire:
    if deadline.obligation is not None:
        case = obligation_title(deadline.obligation)
    else:
        case = problem_title(deadline.problem) if deadline.problem else ""
    on = cal.local_day(fire.decided_at)
    return Fire(on, short, case, fire.due, fire.rung, fire.repeat, name, fire.fired, told)
