"""Rates: what is owed, received and on time. One rule for every page, paper and demo.

A past rate never changes: rows are frozen when their period opens, the first receipt decides "on
time", and who is exempted (免报) only after the due date still counts as having owed.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.campaigns import Campaign, Deliverable
from ledger.tallies import Tally


@dataclass(frozen=True)
class Counts:
    """Obligations counted: `received` and `on_time` are of the `owed`, never more.

    On time is who was first received (with a quota: reached it) by 24:00 of the due date, as
    extended. `exempt` were released before that.
    """

    owed: int = 0
    received: int = 0
    on_time: int = 0
    accepted: int = 0
    missed: int = 0
    exempt: int = 0

    @property
    def unsettled(self) -> int:
        """Neither received nor locked yet."""
        return self.owed - self.received - self.missed

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(self.plain(), other.plain(), strict=True)))

    def __sub__(self, other: Counts) -> Counts:
        return Counts(*(a - b for a, b in zip(self.plain(), other.plain(), strict=True)))

    def plain(self) -> tuple[int, ...]:
        """The numbers in the order of the fields."""
        return tuple(vars(self).values())


NUMBERS = (
    Tally.owed,
    Tally.received,
    Tally.on_time,
    Tally.accepted,
    Tally.missed,
    Tally.exempt,
)
"""The columns that hold counts, in the order of their fields."""


def counts_by(
    session: Session,
    campaign: Campaign,
    by: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> dict[int | None, Counts]:
    """A campaign's counts by a column of its deliverables, such as their stage or their id."""
    rows = session.execute(
        select(by, *map(func.sum, NUMBERS))
        .select_from(Tally)
        .join(Deliverable, Deliverable.id == Tally.deliverable_id)
        .where(Deliverable.campaign_id == campaign.id)
        .group_by(by)
    )
    return {key: Counts(*numbers) for key, *numbers in rows}
