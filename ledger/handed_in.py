"""What has been handed in of one deliverable and period, as it is gathered (汇总)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.campaigns import Deliverable
from ledger.errors import NotFound, Refused
from ledger.obligations import Obligation, ObligationState
from ledger.submissions import Outcome, StoredFile, Submission
from ledger.titles import period_name
from ledger.units import Respondent

NOT_OWED = (ObligationState.EXEMPT, ObligationState.WITHDRAWN)


@dataclass(frozen=True)
class Paper:
    """A file handed in, or, without a name, a hand-in of mere words."""

    unit: str
    name: str | None
    sha256: str | None


def period_to_gather(session: Session, deliverable: Deliverable, word: str | None) -> str:
    """The period meant: by its key or its name; unnamed, the only one there is.

    Raises NotFound, or Refused when it is not clear which one is meant.
    """
    rows = select(Obligation.period).where(Obligation.deliverable_id == deliverable.id)
    periods = list(session.scalars(rows.group_by(Obligation.period).order_by(Obligation.period)))
    names = "、".join(period_name(period) or period for period in periods)
    if not periods:
        raise NotFound(f"“{deliverable.what}”还没有开立过，没有可汇总的。")
    if word is None:
        if len(periods) > 1:
            raise Refused(f"“{deliverable.what}”有好几期：{names}；请用 --period 写明一期。")
        return periods[0]
    for period in periods:
        if word in (period, period_name(period)):
            return period
    raise NotFound(f"“{deliverable.what}”没有“{word}”这一期；已开立的有：{names}。")


def papers(session: Session, deliverable: Deliverable, period: str) -> list[Paper]:
    """What each respondent has handed in and was not sent back, by respondent and version.

    Without a quota that is the last version alone.
    """
    rows = session.execute(
        select(Respondent.name, StoredFile.name, StoredFile.sha256)
        .select_from(Submission)
        .join(Obligation, Obligation.id == Submission.obligation_id)
        .join(Respondent, Respondent.id == Obligation.respondent_id)
        .outerjoin(StoredFile, StoredFile.submission_id == Submission.id)
        .where(
            Obligation.deliverable_id == deliverable.id,
            Obligation.period == period,
            Obligation.state.not_in(NOT_OWED),
            Submission.outcome != Outcome.RETURNED,
        )
        .order_by(Respondent.id, Submission.version, StoredFile.id)
    )
    return [Paper(*row) for row in rows]


def number_owed(session: Session, deliverable: Deliverable, period: str) -> int:
    """How many respondents owe it in that period."""
    rows = select(func.count(Obligation.id)).where(
        Obligation.deliverable_id == deliverable.id,
        Obligation.period == period,
        Obligation.state.not_in(NOT_OWED),
    )
    return session.scalar(rows) or 0
