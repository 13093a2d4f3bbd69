"""The notice of a campaign, as its launch message tells it: documents, stages, the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.campaigns import PlanVersion, Stage
from ledger.plan import Document, read_plan
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
class Notice:
    """What the launch message says beside the campaign's name; `file` is sent along."""

    document: Document
    parents: tuple[Document, ...]
    stages: tuple[StageDates, ...]
    file: Path | None


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
        file=_original(version.folder, plan.document.file),
    )


def _dates(stage: Stage, cal: WorkCalendar) -> StageDates:
    return StageDates(
        name=stage.name,
        inner=stage.parent_id is not None,
        first=stage.starts_on,
        last=stage.due,
        provisional=stage.due is not None and cal.provisional(stage.due),
    )


def _original(folder: str, named: str | None) -> Path | None:
    """The file of the original notice, if it is there and lies below the plan's folder."""
    if not folder or not named:
        return None
    home = Path(folder).resolve()
    file = (home / named).resolve()
    return file if file.is_relative_to(home) and file.is_file() else None
