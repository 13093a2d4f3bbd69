"""From a plan's items to the ledger's deliverables: their columns, and of whom they are asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ledger.campaigns import Campaign, Deliverable, DeliverableTarget, Stage
from ledger.ladders import keep_ladder
from ledger.plan import (
    CAMPAIGN_END,
    STAGE_END,
    Item,
    OpenedPlus,
    Passed,
    PassedAction,
    Plan,
)
from ledger.units import Unit, UnitChange

KEEP = Passed(action=PassedAction.KEEP)


DATES = ("due_on", "due_stage_end", "due_after_opening")
"""The columns that say when a one-off is due."""


def dates_by(plan: Plan, item: Item, answer: Passed) -> tuple[date | None, bool, int | None]:
    """What the plan says of those columns, its answer to a date that has passed included."""
    rule = item.due_rule
    due_on = plan.ends if rule == CAMPAIGN_END else rule if isinstance(rule, date) else None
    after = item.due.workdays if isinstance(item.due, OpenedPlus) else None
    return answer.move or due_on, item.due == STAGE_END, after


class Asking:
    """Writes a plan's items as deliverables of a campaign; its stages are there already."""

    def __init__(self, session: Session, plan: Plan, campaign: Campaign) -> None:
        self.session = session
        self.plan = plan
        self.campaign = campaign
        mine = select(Stage.key, Stage.id).where(Stage.campaign_id == campaign.id)
        self._stages = {key: id for key, id in session.execute(mine)}
        self._ladders = {
            name: keep_ladder(session, name, ladder).id for name, ladder in plan.ladders.items()
        }
        self._units = unit_ids(session)

    def write(self, item: Item, answer: Passed = KEEP) -> Deliverable:
        """A new deliverable with its targets; nothing is opened."""
        row = Deliverable(campaign=self.campaign, key=item.id, **self._columns(item, answer))
        self.session.add(row)
        self.session.flush()
        self._write_targets(item, row)
        return row

    def rewrite(self, row: Deliverable, item: Item, *, redates: bool = True) -> None:
        """The deliverable as the item now says; its rows are left alone.

        Without `redates` the date stands, be it the plan's or one the office has set since.
        """
        for name, value in self._columns(item, item.passed or KEEP).items():
            if redates or name not in DATES:
                setattr(row, name, value)
        self.session.execute(
            delete(DeliverableTarget).where(DeliverableTarget.deliverable_id == row.id)
        )
        self._write_targets(item, row)
        self.session.refresh(row)

    def _columns(self, item: Item, answer: Passed) -> dict[str, Any]:
        plan = self.plan
        window = plan.window_of(item)
        return {
            "stage_id": self._stages[item.stage] if item.stage else None,
            "what": item.what,
            "receiver": item.to,
            "cycle": item.reporting,
            "first_on": window.first,
            "last_on": window.last,
            "ends_with_campaign": window.ends_with_campaign,
            **dict(zip(DATES, dates_by(plan, item, answer), strict=True)),
            "roll": plan.roll_of(item),
            "asked_min": item.required,
            "asked_max": item.counted.max if item.counted else None,
            "each_person": item.per_person or any(t.each_person for t in plan.targets(item)),
            "reviewed": item.review,
            "correction_days": item.correction_days,
            "ladder_id": self._ladders[item.ladder],
        }

    def _write_targets(self, item: Item, row: Deliverable) -> None:
        for target in self.plan.targets(item):
            self.session.add(
                DeliverableTarget(
                    deliverable_id=row.id,
                    unit_class=target.unit_class,
                    unit_id=self._units[target.unit] if target.unit else None,
                    role=target.role,
                )
            )
            spared: list[dict[str, Any]] = [
                {"unit_id": self._units[name]} for name in target.but_not_units
            ]
            spared += [{"unit_class": name} for name in target.but_not_classes]
            self.session.add_all(
                DeliverableTarget(deliverable_id=row.id, role=target.role, excluded=True, **about)
                for about in spared
            )
        self.session.flush()


def unit_ids(session: Session) -> dict[str, int]:
    """Units by name; a name a unit once bore stands for it as long as no other unit bears it."""
    former = select(UnitChange.old_name, UnitChange.unit_id).order_by(UnitChange.id)
    found = {name: id for name, id in session.execute(former)}
    return found | {name: id for name, id in session.execute(select(Unit.name, Unit.id))}
