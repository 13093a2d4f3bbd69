"""Who has not handed in (未报名单), by campaign, matter and due date."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import case, func, null, or_, select
from sqlalchemy.orm import Session

from ledger.campaigns import Campaign, CampaignState, Deliverable
from ledger.handed_in import NOT_OWED
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.queries import counting_due
from ledger.titles import period_name
from ledger.units import Respondent
from ledger.workdays import WorkCalendar


@dataclass(frozen=True)
class Owing:
    """Of one matter, period and due date: who still owes it, of how many, and how many have.

    `returned`: what these have handed in was sent back, and is due again.
    """

    campaign: str
    item: str
    what: str
    period: str
    due: date
    provisional: bool
    days_late: int
    returned: bool
    owed: int
    received: int
    names: tuple[str, ...]

    @property
    def title(self) -> str:
        """The matter and its period."""
        name = period_name(self.period)
        return self.what + (f"（{name}）" if name else "")


def owing(
    session: Session, upto: date, now: datetime, cal: WorkCalendar, campaign: Campaign | None
) -> list[Owing]:
    """What is due by that day, still taken and not handed in; of the campaigns that run."""
    rows = session.execute(
        select(
            Campaign.short,
            Deliverable.id,
            Deliverable.key,
            Deliverable.what,
            Obligation.period,
            counting_due.label("due"),
            Obligation.state,
            Respondent.name,
        )
        .join(Deliverable, Deliverable.id == Obligation.deliverable_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .join(Respondent, Respondent.id == Obligation.respondent_id)
        .where(
            Campaign.id == campaign.id if campaign else Campaign.state == CampaignState.RUNNING,
            Obligation.state.in_(TAKES_HAND_IN),
            counting_due <= upto,
            or_(Obligation.lock_at.is_(null()), Obligation.lock_at > now),
        )
        .order_by(
            *(Campaign.id, counting_due, Deliverable.id, Obligation.period, Obligation.state),
            Respondent.id,
        )
    ).all()
    counts = _counts(session, {row.id for row in rows}, {row.period for row in rows})
    today = cal.local_day(now)
    found = []
    for alike, group in groupby(rows, key=lambda row: row[:7]):
        short, id, key, what, period, due, state = alike
        owed, received = counts[id, period]
        found.append(
            Owing(
                campaign=short,
                item=key,
                what=what,
                period=period,
                due=due,
                provisional=cal.provisional(due),
                days_late=max(0, (today - due).days),
                returned=state is ObligationState.RETURNED,
                owed=owed,
                received=received,
                names=tuple(row.name for row in group),
            )
        )
    return found


def _counts(
    session: Session, deliverables: Collection[int], periods: Collection[str]
) -> dict[tuple[int, str], tuple[int, int]]:
    """How many owe each deliverable in each period, and how many have handed in."""
    handed_in = Obligation.state.in_((ObligationState.SUBMITTED, ObligationState.ACCEPTED))
    rows = session.execute(
        select(
            Obligation.deliverable_id,
            Obligation.period,
            func.count(Obligation.id),
            func.sum(case((handed_in, 1), else_=0)),
        )
        .where(
            Obligation.deliverable_id.in_(deliverables),
            Obligation.period.in_(periods),
            Obligation.state.not_in(NOT_OWED),
        )
        .group_by(Obligation.deliverable_id, Obligation.period)
    )
    return {(id, period): (owed, received) for id, period, owed, received in rows}
