"""From a plan's stages to the ledger's: written at launch, rewritten when the plan is amended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ledger.audit import Act, Actor, record
from ledger.campaigns import Campaign, Stage, StageAfter, StageMark, StageState
from ledger.plan import OpeningKind, Plan
from ledger.plan import Stage as Part
from ledger.redating import redate_stage_end
from ledger.stages import open_by_plan, watch_due
from ledger.workdays import WorkCalendar


def write_stages(session: Session, plan: Plan, campaign: Campaign) -> dict[str, Stage]:
    """The plan's stages as rows by their id, none of them open yet."""
    stages = {part.id: _new(plan, part, campaign) for part in plan.stages}
    session.add_all(stages.values())
    session.flush()
    _tie(session, plan, stages)
    return stages


def _new(plan: Plan, part: Part, campaign: Campaign) -> Stage:
    return Stage(
        campaign_id=campaign.id,
        key=part.id,
        name=part.name,
        position=plan.stages.index(part),
        starts_on=part.from_,
        due=_due(plan, part),
        state=StageState.WAITING,
    )


def _due(plan: Plan, part: Part) -> date | None:
    return min((day for day in (part.last, plan.ends) if day is not None), default=None)


def _tie(session: Session, plan: Plan, stages: Mapping[str, Stage]) -> None:
    """Parents, and which stages each stands after."""
    ids = [stage.id for stage in stages.values()]
    session.execute(delete(StageAfter).where(StageAfter.stage_id.in_(ids)))
    for part in plan.stages:
        stages[part.id].parent_id = stages[part.parent].id if part.parent else None
        for before in plan.opening_of(part).after:
            session.add(StageAfter(stage_id=stages[part.id].id, after_id=stages[before].id))
    session.flush()


def await_opening(
    session: Session, plan: Plan, part: Part, stage: Stage, now: datetime, cal: WorkCalendar
) -> None:
    """Open a waiting stage whose time has come; else store the moment of its opening, if any."""
    if stage.state is not StageState.WAITING:
        return
    today, opening = cal.local_day(now), plan.opening_of(part)
    stage.next_at = stage.next_mark = None
    opens_on = today if opening.kind is OpeningKind.LAUNCH else opening.on
    if opening.kind not in (OpeningKind.DATE, OpeningKind.LAUNCH):
        return
    if opens_on is None or opens_on <= today:
        open_by_plan(session, stage, now, cal)
    else:
        stage.next_at, stage.next_mark = cal.start_of(opens_on), StageMark.OPEN


def amend_stages(
    session: Session,
    campaign: Campaign,
    plan: Plan,
    touched: Collection[str],
    by: Actor,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """The stages `touched` by an amendment, as the plan has them; one moved on keeps its dates.

    The others keep what the office has decided since, such as a later end.
    """
    known = select(Stage).where(Stage.campaign_id == campaign.id)
    stages = {stage.key: stage for stage in session.scalars(known)}
    for part in plan.stages:
        if part.id not in stages:
            stages[part.id] = _new(plan, part, campaign)
            session.add(stages[part.id])
    session.flush()
    _tie(session, plan, stages)
    for position, part in enumerate(plan.stages):
        stage = stages[part.id]
        stage.name, stage.position = part.name, position
        if part.id not in touched:
            continue
        if stage.state is StageState.WAITING:
            stage.starts_on, stage.due = part.from_, _due(plan, part)
            await_opening(session, plan, part, stage, now, cal)
        elif stage.state is StageState.OPEN and stage.due != _due(plan, part):
            _move_end(session, stage, _due(plan, part), by, now, cal)
    session.flush()


def _move_end(
    session: Session, stage: Stage, due: date | None, by: Actor, now: datetime, cal: WorkCalendar
) -> None:
    note = f"修订方案，由 {stage.due or '未定'} 改为 {due or '未定'}"
    about = {"campaign_id": stage.campaign_id, "stage_id": stage.id, "due": due}
    stage.due = due
    watch_due(stage, cal)
    record(session, by, Act.STAGE_EXTENDED, now, note=note, **about)
    if due is not None:
        redate_stage_end(session, stage, due, now, cal)
