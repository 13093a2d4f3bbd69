"""What the desk shows: rows ready to be read, each query one statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, null, or_, select, union
from sqlalchemy.orm import Session, aliased

from ledger.announcements import AnnouncedFile
from ledger.campaigns import Campaign, Deliverable
from ledger.extensions import Extension, ExtensionOutcome
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.problems import CLOCK_RUNS, Problem, ProblemState
from ledger.submissions import StoredFile
from ledger.titles import obligation_title, period_name, problem_title
from ledger.units import Person, Post, Respondent, Unit
from ledger.workdays import WorkCalendar

Where = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class ObligationRow:
    """An obligation as it stands. `due` is the date that counts now; `days_late` calendar days."""

    id: int
    campaign: str
    item: str
    what: str
    unit: str
    period: str
    scheduled_due: date | None
    due: date | None
    provisional: bool
    state: ObligationState
    asked: int
    received: int
    first_received_at: datetime | None
    accepted_at: datetime | None
    locks_on: date | None
    days_late: int

    @property
    def period_name(self) -> str:
        """The period as people say it; empty for a one-off."""
        return period_name(self.period)


@dataclass(frozen=True)
class ProblemRow:
    """A problem as it stands; `days_late` calendar days."""

    campaign: str
    number: int
    unit: str
    title: str
    source: str
    problem_class: str
    state: ProblemState
    due: date | None
    provisional: bool
    start_rung: int
    registered_at: datetime
    assigned_at: datetime | None
    closed_at: datetime | None
    days_late: int


@dataclass(frozen=True)
class ExtensionRow:
    """A request for more time."""

    id: int
    campaign: str
    about: str
    nth: int
    old_due: date
    new_due: date
    provisional: bool
    asked_at: datetime
    asked_by: str
    reason: str
    outcome: ExtensionOutcome
    decided_by: str | None
    note: str


def obligation_rows(
    session: Session, today: date, cal: WorkCalendar, where: Where = ()
) -> list[ObligationRow]:
    """The obligations that meet the conditions, by due date."""
    rows = (
        select(*_OBLIGATION_COLUMNS)
        .join(Deliverable, Deliverable.id == Obligation.deliverable_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .join(Respondent, Respondent.id == Obligation.respondent_id)
        .where(*where)
        .order_by(counting_due.is_(null()), counting_due, Deliverable.id, Obligation.id)
    )
    return [_obligation_row(row, today, cal) for row in session.execute(rows)]


counting_due = case(
    (Obligation.state == ObligationState.RETURNED, Obligation.correction_due),
    else_=Obligation.due,
)
"""The date that counts now: after a send-back the date of the correction."""

_OBLIGATION_COLUMNS = (
    Obligation.id,
    Campaign.slug,
    Deliverable.key,
    Deliverable.what,
    Respondent.name,
    Obligation.period,
    Obligation.scheduled_due,
    counting_due.label("counts"),
    Obligation.state,
    Obligation.asked,
    Obligation.received,
    Obligation.first_received_at,
    Obligation.accepted_at,
    Obligation.lock_on,
)


def _obligation_row(row: Row[Any], today: date, cal: WorkCalendar) -> ObligationRow:
    return ObligationRow(
        id=row.id,
        campaign=row.slug,
        item=row.key,
        what=row.what,
        unit=row.name,
        period=row.period,
        scheduled_due=row.scheduled_due,
        due=row.counts,
        provisional=_provisional(row.counts, cal),
        state=row.state,
        asked=row.asked,
        received=row.received,
        first_received_at=row.first_received_at,
        accepted_at=row.accepted_at,
        locks_on=row.lock_on,
        days_late=_days_late(row.counts, today) if row.state in TAKES_HAND_IN else 0,
    )


def overdue_obligations(today: date) -> ColumnElement[bool]:
    """Still owed, or sent back, and the date that counts is past."""
    return and_(Obligation.state.in_(TAKES_HAND_IN), counting_due < today)


def of_unit(unit: Unit) -> ColumnElement[bool]:
    """What the unit owes, and what its posts owe."""
    posts = select(Post.id).where(Post.unit_id == unit.id)
    return or_(Respondent.unit_id == unit.id, Respondent.post_id.in_(posts))


def problem_rows(
    session: Session, today: date, cal: WorkCalendar, where: Where = ()
) -> list[ProblemRow]:
    """The problems that meet the conditions, by campaign and number."""
    rows = session.execute(
        select(Problem, Campaign.slug, Unit.name)
        .join(Campaign, Campaign.id == Problem.campaign_id)
        .join(Unit, Unit.id == Problem.unit_id)
        .where(*where)
        .order_by(Problem.campaign_id, Problem.number)
    )
    return [_problem_row(problem, slug, unit, today, cal) for problem, slug, unit in rows]


def _problem_row(
    problem: Problem, slug: str, unit: str, today: date, cal: WorkCalendar
) -> ProblemRow:
    return ProblemRow(
        campaign=slug,
        number=problem.number,
        unit=unit,
        title=problem.title,
        source=problem.source,
        problem_class=problem.problem_class,
        state=problem.state,
        due=problem.due,
        provisional=_provisional(problem.due, cal),
        start_rung=problem.start_rung,
        registered_at=problem.registered_at,
        assigned_at=problem.assigned_at,
        closed_at=problem.closed_at,
        days_late=_days_late(problem.due, today) if problem.state in CLOCK_RUNS else 0,
    )


def overdue_problems(today: date) -> ColumnElement[bool]:
    """The clock runs and the due date is past."""
    return and_(Problem.state.in_(CLOCK_RUNS), Problem.due < today)


def extension_rows(session: Session, cal: WorkCalendar, where: Where = ()) -> list[ExtensionRow]:
    """The requests for more time that meet the conditions, oldest first."""
    return [_extension_row(row, cal) for row in session.execute(_extensions().where(*where))]


def _extensions() -> Any:
    asker, decider = aliased(Post), aliased(Post)
    asked_by, decided_by = aliased(Person), aliased(Person)
    return (
        select(
            Extension,
            Campaign.slug,
            Respondent.name.label("respondent"),
            Deliverable.what,
            Obligation.period,
            Problem.number,
            Problem.title,
            Unit.name.label("unit"),
            asked_by.name.label("asked_by"),
            decided_by.name.label("decided_by"),
        )
        .outerjoin(Obligation, Obligation.id == Extension.obligation_id)
        .outerjoin(Deliverable, Deliverable.id == Obligation.deliverable_id)
        .outerjoin(Respondent, Respondent.id == Obligation.respondent_id)
        .outerjoin(Problem, Problem.id == Extension.problem_id)
        .outerjoin(Unit, Unit.id == Problem.unit_id)
        .join(
            Campaign,
            Campaign.id == func.coalesce(Deliverable.campaign_id, Problem.campaign_id),
        )
        .join(asker, asker.id == Extension.asked_by_id)
        .join(asked_by, asked_by.id == asker.person_id)
        .outerjoin(decider, decider.id == Extension.decided_by_id)
        .outerjoin(decided_by, decided_by.id == decider.person_id)
        .order_by(Extension.id)
    )


def _extension_row(row: Row[Any], cal: WorkCalendar) -> ExtensionRow:
    extension: Extension = row.Extension
    if row.number is None:
        about = obligation_title(row.respondent, row.what, row.period)
    else:
        about = problem_title(row.number, row.unit, row.title)
    return ExtensionRow(
        id=extension.id,
        campaign=row.slug,
        about=about,
        nth=extension.nth,
        old_due=extension.old_due,
        new_due=extension.new_due,
        provisional=_provisional(extension.new_due, cal),
        asked_at=extension.asked_at,
        asked_by=row.asked_by,
        reason=extension.reason,
        outcome=extension.outcome,
        decided_by=row.decided_by,
        note=extension.note,
    )


def kept_files(session: Session, hashes: Collection[str]) -> set[str]:
    """Those of the hashes that the file of some submission or announcement has."""
    tables = (StoredFile, AnnouncedFile)
    rows = (select(table.sha256).where(table.sha256.in_(hashes)) for table in tables)
    return set(session.scalars(union(*rows)))


def _provisional(day: date | None, cal: WorkCalendar) -> bool:
    return day is not None and cal.provisional(day)


def _days_late(due: date | None, today: date) -> int:
    return max(0, (today - due).days) if due else 0
