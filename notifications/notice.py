"""The notice of a campaign, as its launch message tells it: documents, stages, the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.campaigns import Deliverable, PlanVersion, Stage
from ledger.plan import Document, Plan, read_plan
from ledger.respondents import answering
from ledger.workdays import WorkCalendar


@dataclass(frozen=True)
class StageDates:
    """A stage; `first` or `last` None: not dated. Provisional is said of `last`."""

    name: str
    inner: bool
    first: date | None
    last: date | None
    provisional: bool


@dataclass(frozen=True)
class Form:
    """A blank form of a deliverable, sent along to whoever answers for it."""

    deliverable_id: int
    what: str
    file: Path


@dataclass(frozen=True)
class Notice:
    """What the launch message says beside the campaign's name; `file` and `forms` are sent along.

    `forms` are all of the campaign's, or those of the person the message goes to.
    """

    document: Document
    parents: tuple[Document, ...]
    stages: tuple[StageDates, ...]
    file: Path | None
    forms: tuple[Form, ...] = ()

    @property
    def attachments(self) -> tuple[Path, ...]:
        """Every file that is sent along, each once."""
        files = [self.file] if self.file else []
        return tuple(dict.fromkeys([*files, *(form.file for form in self.forms)]))


def read_notice(session: Session, campaign_id: int, cal: WorkCalendar) -> Notice:
    """The notice by the newest plan version, with the stages as they stand."""
    version = session.scalars(
        select(PlanVersion)
        .where(PlanVersion.campaign_id == campaign_id)
        .order_by(PlanVersion.number.desc())
        .limit(1)
    ).one()
    plan = read_plan(version.text, "plan.yaml")
    stages = session.scalars(
        select(Stage).where(Stage.campaign_id == campaign_id).order_by(Stage.position)
    )
    return Notice(
        document=plan.document,
        parents=plan.parents,
        stages=tuple(_dates(stage, cal) for stage in stages),
        file=attached(version.folder, plan.document.file),
        forms=tuple(_forms(session, campaign_id, plan, version.folder)),
    )


def notice_for(
    session: Session, campaign_id: int, person_id: int, now: datetime, cal: WorkCalendar
) -> Notice:
    """The notice with the forms this person answers for."""
    notice = read_notice(session, campaign_id, cal)
    return own_notices(session, notice, {person_id: person_id}, cal.local_day(now))[person_id]


def own_notices(
    session: Session, notice: Notice, persons: Mapping[int, int], today: date
) -> dict[int, Notice]:
    """The notice with each person's own forms; `persons` by whatever they are told apart by."""
    asked = {
        form: answering(session, form.deliverable_id, set(persons.values()), today)
        for form in notice.forms
    }
    return {
        id: replace(notice, forms=tuple(form for form in asked if person in asked[form]))
        for id, person in persons.items()
    }


def _dates(stage: Stage, cal: WorkCalendar) -> StageDates:
    return StageDates(
        name=stage.name,
        inner=stage.parent_id is not None,
        first=stage.starts_on,
        last=stage.due,
        provisional=stage.due is not None and cal.provisional(stage.due),
    )


def _forms(session: Session, campaign_id: int, plan: Plan, folder: str) -> Iterator[Form]:
    named = {item.id: item.forms for item in plan.items if item.forms}
    rows = session.execute(
        select(Deliverable.id, Deliverable.key, Deliverable.what)
        .where(
            Deliverable.campaign_id == campaign_id,
            Deliverable.key.in_(named),
            Deliverable.withdrawn_at.is_(None),
        )
        .order_by(Deliverable.id)
    )
    for id, key, what in rows:
        for name in named[key]:
            if file := attached(folder, name):
                yield Form(id, what, file)


def attached(folder: str, named: str | None) -> Path | None:
    """A file the plan names, if it is there and lies below the plan's folder."""
    if not folder or not named:
        return None
    home = Path(folder).resolve()
    file = (home / named).resolve()
    return file if file.is_relative_to(home) and file.is_file() else None
