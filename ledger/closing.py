"""Pausing, resuming and closing a campaign."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Select, null, select, update
from sqlalchemy.orm import Session

from ledger.audit import Act, Actor, record
from ledger.campaigns import (
    CAMPAIGN_MOVES,
    Campaign,
    CampaignState,
    Deliverable,
    Stage,
    StageState,
)
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.redating import end_clocks, restart_clocks, stop_clocks
from ledger.releasing import release, withdraw
from ledger.states import move
from ledger.tallying import change_many
from ledger.workdays import WorkCalendar


def pause_campaign(
    session: Session, campaign: Campaign, by: Actor, now: datetime, reason: str
) -> None:
    """Nothing opens, climbs, locks or is listed until the campaign goes on."""
    _set_state(campaign, CampaignState.PAUSED)
    campaign.paused_at = now
    stop_clocks(session, campaign, now)
    record(session, by, Act.PAUSED, now, campaign_id=campaign.id, note=reason)


def resume_campaign(
    session: Session,
    campaign: Campaign,
    by: Actor,
    now: datetime,
    cal: WorkCalendar,
    reason: str,
) -> None:
    """The campaign goes on; every clock's due date moves by the working days it stood."""
    _set_state(campaign, CampaignState.RUNNING)
    restart_clocks(session, campaign, now, cal)
    days = cal.count(cal.local_day(campaign.paused_at or now), cal.local_day(now))
    campaign.paused_at = None
    note = f"停表 {days} 个工作日；{reason}"
    record(session, by, Act.RESUMED, now, campaign_id=campaign.id, note=note)


def close_campaign(
    session: Session,
    campaign: Campaign,
    by: Actor,
    now: datetime,
    cal: WorkCalendar,
    reason: str,
) -> None:
    """The campaign ends: windows 至活动结束 end today, open stages end with it, clocks stop."""
    _set_state(campaign, CampaignState.CLOSED)
    today = cal.local_day(now)
    campaign.closed_at = now
    campaign.ends_on = campaign.ends_on or today
    _end_windows(session, campaign, today, cal)
    _end_stages(session, campaign, by, now)
    end_clocks(session, campaign)
    record(session, by, Act.CAMPAIGN_CLOSED, now, campaign_id=campaign.id, note=reason)


def cancel_campaign(
    session: Session, campaign: Campaign, by: Actor, now: datetime, reason: str
) -> None:
    """The campaign is called off: what was not received is withdrawn, what was stays on record."""
    _set_state(campaign, CampaignState.CANCELLED)
    campaign.closed_at = now
    for obligation in session.scalars(_still_owed(campaign)).all():
        if obligation.state is ObligationState.OWED and not obligation.received:
            withdraw(session, obligation, by, "活动取消", now)
        else:
            release(session, obligation, ObligationState.EXEMPT, now)
    _open_nothing_more(session, campaign)
    _end_stages(session, campaign, by, now)
    end_clocks(session, campaign)
    record(session, by, Act.CAMPAIGN_CANCELLED, now, campaign_id=campaign.id, note=reason)


def _still_owed(campaign: Campaign) -> Select[Obligation]:
    return (
        select(Obligation)
        .join(Deliverable)
        .where(Deliverable.campaign_id == campaign.id, Obligation.state.in_(TAKES_HAND_IN))
        .order_by(Obligation.id)
    )


def _set_state(campaign: Campaign, target: CampaignState) -> None:
    campaign.state = move(f"活动“{campaign.short}”", campaign.state, target, CAMPAIGN_MOVES)


def _end_windows(session: Session, campaign: Campaign, today: date, cal: WorkCalendar) -> None:
    """Rows still owed are due today at the latest, and lock at midnight."""
    mine = select(Deliverable.id).where(Deliverable.campaign_id == campaign.id)
    still_owed = (Obligation.deliverable_id.in_(mine), Obligation.state.in_(TAKES_HAND_IN))
    later = Obligation.due.is_(null()) | (Obligation.due > today)
    change_many(session, *still_owed, later, due=today)
    change_many(session, *still_owed, lock_on=today, lock_at=cal.end_of(today))
    _open_nothing_more(session, campaign)


def _open_nothing_more(session: Session, campaign: Campaign) -> None:
    session.execute(
        update(Deliverable)
        .where(Deliverable.campaign_id == campaign.id)
        .values(next_open_on=None)
        .execution_options(synchronize_session=False)
    )


def _end_stages(session: Session, campaign: Campaign, by: Actor, now: datetime) -> None:
    for stage in session.scalars(select(Stage).where(Stage.campaign_id == campaign.id)):
        stage.next_at = stage.next_mark = None
        if stage.state is StageState.OPEN:
            stage.state = StageState.MOVED
            stage.moved_at = now
            record(
                session,
                by,
                Act.STAGE_MOVED,
                now,
                campaign_id=campaign.id,
                stage_id=stage.id,
                note="随活动结束",
            )


def still_owed(session: Session, campaign: Campaign) -> int:
    """How many obligations wait for a hand-in or a review."""
    states = (*TAKES_HAND_IN, ObligationState.SUBMITTED)
    rows = (
        select(Obligation.id)
        .join(Deliverable)
        .where(Deliverable.campaign_id == campaign.id, Obligation.state.in_(states))
    )
    return len(session.scalars(rows).all())
